package simulation

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// The groups that rules refer to. Nobody touches the partner; the first is one
// of the groups of the history, and may be deleted.
const (
	partnerGroup = "sg-0000000000000face"
	firstGroup   = "sg-00000000000000001"
	prefixList   = "pl-0000000000000beef"
)

// universeRule is one of the few rules of a history: few, so that people,
// baselines and functions run into each other all the time.
type universeRule struct {
	text                  string // as alerts write it
	egress                bool
	protocol, ports, peer string
	ec2Protocol           string
	fromPort, toPort      int
	carried               traffic
	tooWide               bool // for the guardrail, all by itself
	meetsGuardrail        bool // may break it together with others
}

var universe = parseUniverse(`
ingress tcp 22 0.0.0.0/0
ingress tcp 22 203.0.113.0/24
ingress tcp 22 203.0.113.0/25
ingress tcp 22 203.0.113.128/25
ingress tcp 20-30 203.0.113.0/24
ingress tcp 443 0.0.0.0/0
ingress tcp 443 ::/0
ingress tcp 443 10.0.0.0/8
ingress tcp 443 10.1.2.0/24
ingress tcp 400-500 10.1.0.0/16
ingress tcp all 10.0.0.0/8
ingress all all 10.1.0.0/16
ingress all all 0.0.0.0/0
ingress icmp all 10.0.0.0/8
ingress icmp 8 10.0.0.0/8
ingress udp 53 10.0.0.0/8
ingress tcp 443 ` + partnerGroup + `
ingress tcp 80 ` + firstGroup + `
ingress all all ` + partnerGroup + `
ingress tcp 443 ` + prefixList + `
egress all all 0.0.0.0/0
egress all all ::/0
egress tcp 443 0.0.0.0/0
egress tcp 443 10.0.0.0/8
egress tcp 443 10.1.2.0/24
egress tcp 80 ` + partnerGroup + `
egress udp 53 10.0.0.0/8
egress tcp 443 ` + prefixList)

// byEC2 finds a rule by how EC2 spells it.
var byEC2 = func() map[string]int {
	known := map[string]int{}
	for i, r := range universe {
		known[ec2Key(r.egress, r.ec2Protocol, strconv.Itoa(r.fromPort), strconv.Itoa(r.toPort), r.peer)] = i
	}
	return known
}()

func ec2Key(egress bool, protocol, from, to, peer string) string {
	if protocol == "-1" {
		from, to = "-1", "-1" // EC2 takes no notice of ports there
	}
	return fmt.Sprint(egress, " ", protocol, " ", cmp.Or(from, "-1"), " ", cmp.Or(to, "-1"), " ", peer)
}

func ruleIndex(text string) int {
	for i, r := range universe {
		if r.text == text {
			return i
		}
	}
	panic("no such rule: " + text)
}

func parseUniverse(lines string) []universeRule {
	var rules []universeRule
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		r := universeRule{text: line, egress: words[0] == "egress", protocol: words[1], ports: words[2], peer: words[3]}
		r.ec2Protocol = strings.Replace(r.protocol, "all", "-1", 1)
		r.fromPort, r.toPort = r.portPair()
		r.carried = trafficOf(r)
		r.meetsGuardrail = !r.egress && (r.protocol == "all" || r.protocol == "tcp" && r.fromPort <= 22 && r.toPort >= 22) &&
			strings.Contains(r.peer, ".") && !strings.HasPrefix(r.peer, "10.")
		r.tooWide = r.meetsGuardrail && r.peer == "0.0.0.0/0"
		rules = append(rules, r)
	}
	return rules
}

func (r universeRule) portPair() (from, to int) {
	hasPorts := r.protocol == "tcp" || r.protocol == "udp"
	first, last, isRange := strings.Cut(r.ports, "-")
	switch {
	case r.ports == "all" && hasPorts:
		return 0, 65535
	case r.ports == "all":
		return -1, -1
	case !isRange:
		last = first
	}
	from, _ = strconv.Atoi(first)
	to, _ = strconv.Atoi(last)
	if r.protocol == "icmp" {
		to = -1 // a type, with any code
	}
	return from, to
}
