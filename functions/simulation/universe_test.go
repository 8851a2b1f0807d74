package simulation

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// The groups that rules refer to. Nobody touches the partner. The first group is
// one of the groups of the history, and may be deleted.
const (
	partnerGroup = "sg-0000000000000face"
	firstGroup   = "sg-00000000000000001"
	prefixList   = "pl-0000000000000beef"
)

// universeRule is one of the few rules of a history. There are so few that people,
// baselines and functions run into each other all the time.
type universeRule struct {
	text                  string // as alerts write the rule
	egress                bool
	protocol, ports, peer string
	ec2Protocol           string
	fromPort, toPort      int // as EC2 writes them
	first, last           int // ports, or types of icmp
	prefix                netip.Prefix
	carried               traffic
	public                probes // the public addresses for which ssh is open, for the guardrail
}

// originals are the rules that people write and open. The ranges of ports and of
// addresses lie inside each other, and 20.40.60.0/24 and 20.40.61.0/24 are a /23
// together.
var originals = parseRules(`
ingress tcp 22 0.0.0.0/0
ingress tcp 22 20.40.60.0/24
ingress tcp 22 20.40.60.0/25
ingress tcp 22 20.40.60.128/25
ingress tcp 22 20.40.61.0/24
ingress tcp 20-30 20.40.60.0/24
ingress tcp 443 0.0.0.0/0
ingress tcp 443 ::/0
ingress tcp 443 10.0.0.0/8
ingress tcp 443 10.1.2.0/24
ingress tcp 400-500 10.1.0.0/16
ingress tcp 440-450 10.1.2.0/24
ingress tcp 0-1023 20.40.0.0/16
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
egress tcp 400-500 10.1.0.0/16
egress tcp 80 ` + partnerGroup + `
egress udp 53 10.0.0.0/8
egress tcp 443 ` + prefixList)

// universe are the originals and all that they have in common with each other,
// which the functions may authorise.
var universe = withTraffic(closed(originals))

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

func parseRules(lines string) []universeRule {
	var rules []universeRule
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		rules = append(rules, newRule(words[0] == "egress", words[1], words[2], words[3]))
	}
	return rules
}

func newRule(egress bool, protocol, ports, peer string) universeRule {
	r := universeRule{egress: egress, protocol: protocol, ports: ports, peer: peer}
	r.text = fmt.Sprint(strings.ToLower(direction(egress)), " ", protocol, " ", ports, " ", peer)
	r.ec2Protocol = strings.Replace(protocol, "all", "-1", 1)
	r.first, r.last = 0, mostPort(protocol)
	if ports != "all" {
		from, to, isRange := strings.Cut(ports, "-")
		r.first, _ = strconv.Atoi(from)
		if r.last = r.first; isRange {
			r.last, _ = strconv.Atoi(to)
		}
	}
	switch {
	case protocol == "tcp" || protocol == "udp":
		r.fromPort, r.toPort = r.first, r.last
	case protocol == "icmp" && ports != "all":
		r.fromPort, r.toPort = r.first, -1 // a type, with any code
	default:
		r.fromPort, r.toPort = -1, -1
	}
	r.prefix, _ = netip.ParsePrefix(peer) // a group and a list have none
	r.public = publicOf(r)
	return r
}

// mostPort is the greatest port of a protocol, or the greatest type of icmp.
func mostPort(protocol string) int {
	return map[string]int{"tcp": 65535, "udp": 65535, "icmp": 255}[protocol]
}

func withTraffic(rules []universeRule) []universeRule {
	for i := range rules {
		rules[i].carried = trafficOf(rules[i])
	}
	return rules
}

// originalRule picks a rule as people do: hardly ever one that nobody wrote down
// at first.
func (t throw) originalRule() int {
	if t.chance(0.03) {
		return t.IntN(len(universe))
	}
	return t.IntN(len(originals))
}

// originalRules are all rules that people pick from, shuffled.
func (t throw) originalRules() []int { return t.Perm(len(originals)) }
