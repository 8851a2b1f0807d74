package naive

import "strconv"

// closed adds what rules have in common until that adds no more rules.
func closed(rules []Rule) []Rule {
	known := map[string]bool{}
	for _, r := range rules {
		known[r.Text] = true
	}
	for i := 0; i < len(rules); i++ {
		for j := range i {
			for _, r := range Common(rules[i], rules[j]) {
				if !known[r.Text] {
					known[r.Text] = true
					rules = append(rules, r)
				}
			}
		}
	}
	return rules
}

// Common returns the rules that permit what both rules permit. A group or a list
// may have members inside a CIDR or inside each other, which nobody can know: then
// it is the rule for the group or for the list.
func Common(a, b Rule) []Rule {
	if a.Egress != b.Egress {
		return nil
	}
	protocol, ports, meet := commonPorts(a, b)
	if !meet {
		return nil
	}
	var rules []Rule
	for _, peer := range commonPeers(a, b) {
		rules = append(rules, New(a.Egress, protocol, ports, peer))
	}
	return rules
}

func commonPorts(a, b Rule) (protocol, ports string, meet bool) {
	switch {
	case a.Protocol == "all":
		return b.Protocol, b.Ports, true
	case b.Protocol == "all":
		return a.Protocol, a.Ports, true
	case a.Protocol != b.Protocol:
		return "", "", false
	}
	first, last := max(a.First, b.First), min(a.Last, b.Last)
	switch {
	case first == 0 && last == mostPort(a.Protocol):
		return a.Protocol, "all", true
	case first == last:
		return a.Protocol, strconv.Itoa(first), true
	}
	return a.Protocol, strconv.Itoa(first) + "-" + strconv.Itoa(last), first < last
}

func commonPeers(a, b Rule) []string {
	switch {
	case a.Peer == b.Peer:
		return []string{a.Peer}
	case a.Prefix.IsValid() && b.Prefix.IsValid():
		if !a.Prefix.Overlaps(b.Prefix) {
			return nil
		}
		if a.Prefix.Bits() > b.Prefix.Bits() {
			return []string{a.Peer}
		}
		return []string{b.Peer}
	case a.PeerKind() == b.PeerKind():
		return nil // two groups
	}
	var members []string
	for _, r := range []Rule{a, b} {
		if !r.Prefix.IsValid() {
			members = append(members, r.Peer)
		}
	}
	return members
}
