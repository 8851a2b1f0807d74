package naive

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// The groups that rules refer to. Nobody touches the partner. The first group is
// one of the groups of the history, and may be deleted.
const (
	PartnerGroup = "sg-0000000000000face"
	FirstGroup   = "sg-00000000000000001"
	prefixList   = "pl-0000000000000beef"
)

// Rule is one of the few rules of a history. There are so few that people,
// baselines and functions run into each other all the time.
type Rule struct {
	Text                  string // as alerts write the rule
	Egress                bool
	Protocol, Ports, Peer string
	EC2Protocol           string
	FromPort, ToPort      int // as EC2 writes them
	First, Last           int // ports, or types of icmp
	Prefix                netip.Prefix
	Carried               Traffic
	Public                Probes // the public addresses for which ssh is open, for the guardrail
}

// Originals are the rules that people write and open. The ranges of ports and of
// addresses lie inside each other, and 20.40.60.0/24 and 20.40.61.0/24 are a /23
// together.
var Originals = parseRules(`
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
ingress tcp 443 ` + PartnerGroup + `
ingress tcp 80 ` + FirstGroup + `
ingress all all ` + PartnerGroup + `
ingress tcp 443 ` + prefixList + `
egress all all 0.0.0.0/0
egress all all ::/0
egress tcp 443 0.0.0.0/0
egress tcp 443 10.0.0.0/8
egress tcp 443 10.1.2.0/24
egress tcp 400-500 10.1.0.0/16
egress tcp 80 ` + PartnerGroup + `
egress udp 53 10.0.0.0/8
egress tcp 443 ` + prefixList)

// Universe are the originals and all that they have in common with each other,
// which the functions may authorise.
var Universe = withTraffic(closed(Originals))

// ByEC2 finds a rule by how EC2 spells it.
var ByEC2 = func() map[string]int {
	known := map[string]int{}
	for i, r := range Universe {
		known[EC2Key(r.Egress, r.EC2Protocol, strconv.Itoa(r.FromPort), strconv.Itoa(r.ToPort), r.Peer)] = i
	}
	return known
}()

// EC2Key is how EC2 spells a rule, as a key of ByEC2.
func EC2Key(egress bool, protocol, from, to, peer string) string {
	if protocol == "-1" {
		from, to = "-1", "-1" // EC2 takes no notice of ports there
	}
	return fmt.Sprint(egress, " ", protocol, " ", cmp.Or(from, "-1"), " ", cmp.Or(to, "-1"), " ", peer)
}

// Index finds a rule of the universe by its text. It panics where there is none.
func Index(text string) int {
	for i, r := range Universe {
		if r.Text == text {
			return i
		}
	}
	panic("no such rule: " + text)
}

func parseRules(lines string) []Rule {
	var rules []Rule
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		rules = append(rules, New(words[0] == "egress", words[1], words[2], words[3]))
	}
	return rules
}

// New makes a rule, which does not know yet what it carries: TrafficOf says that.
func New(egress bool, protocol, ports, peer string) Rule {
	r := Rule{Egress: egress, Protocol: protocol, Ports: ports, Peer: peer}
	r.Text = fmt.Sprint(directionText(egress), " ", protocol, " ", ports, " ", peer)
	r.EC2Protocol = strings.Replace(protocol, "all", "-1", 1)
	r.First, r.Last = 0, mostPort(protocol)
	if ports != "all" {
		from, to, isRange := strings.Cut(ports, "-")
		r.First, _ = strconv.Atoi(from)
		if r.Last = r.First; isRange {
			r.Last, _ = strconv.Atoi(to)
		}
	}
	switch {
	case protocol == "tcp" || protocol == "udp":
		r.FromPort, r.ToPort = r.First, r.Last
	case protocol == "icmp" && ports != "all":
		r.FromPort, r.ToPort = r.First, -1 // a type, with any code
	default:
		r.FromPort, r.ToPort = -1, -1
	}
	r.Prefix, _ = netip.ParsePrefix(peer) // a group and a list have none
	r.Public = PublicOf(r)
	return r
}

// mostPort is the greatest port of a protocol, or the greatest type of icmp.
func mostPort(protocol string) int {
	return map[string]int{"tcp": 65535, "udp": 65535, "icmp": 255}[protocol]
}

func withTraffic(rules []Rule) []Rule {
	for i := range rules {
		rules[i].Carried = TrafficOf(rules[i])
	}
	return rules
}

// OtherDirection is a rule with the direction turned round.
func (r Rule) OtherDirection() Rule {
	other := New(!r.Egress, r.Protocol, r.Ports, r.Peer)
	other.Carried = TrafficOf(other)
	return other
}

// WithPeer is the rule for another peer.
func (r Rule) WithPeer(peer string) Rule {
	other := New(r.Egress, r.Protocol, r.Ports, peer)
	other.Carried = TrafficOf(other)
	return other
}

// IsHighSeverity says whether a violation is of severity high: the rule opens all
// protocols, the whole world, or an administrative or database port.
func (r Rule) IsHighSeverity() bool {
	if r.Protocol == "all" || r.Prefix.IsValid() && r.Prefix.Bits() == 0 {
		return true
	}
	return (r.Protocol == "tcp" || r.Protocol == "udp") && slices.ContainsFunc(adminPorts, func(port int) bool { return r.First <= port && port <= r.Last })
}

// adminPorts are some administrative and database ports.
var adminPorts = []int{22, 23, 445, 3306, 3389, 5432}

// PeerKind is an index into peerKeys.
func (r Rule) PeerKind() int {
	switch {
	case r.Peer[:3] == "sg-":
		return 2
	case r.Peer[:3] == "pl-":
		return 3
	case r.Prefix.Addr().Is6():
		return 1
	}
	return 0
}

func directionText(egress bool) string {
	return map[bool]string{false: "ingress", true: "egress"}[egress]
}
