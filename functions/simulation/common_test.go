package simulation

import (
	"strconv"
	"testing"
)

// closed adds what rules have in common until that adds no more rules.
func closed(rules []universeRule) []universeRule {
	known := map[string]bool{}
	for _, r := range rules {
		known[r.text] = true
	}
	for i := 0; i < len(rules); i++ {
		for j := range i {
			for _, r := range common(rules[i], rules[j]) {
				if !known[r.text] {
					known[r.text] = true
					rules = append(rules, r)
				}
			}
		}
	}
	return rules
}

// common returns the rules that permit what both rules permit. A group or a list
// may have members inside a CIDR or inside each other, which nobody can know: then
// it is the rule for the group or for the list.
func common(a, b universeRule) []universeRule {
	if a.egress != b.egress {
		return nil
	}
	protocol, ports, meet := commonPorts(a, b)
	if !meet {
		return nil
	}
	var rules []universeRule
	for _, peer := range commonPeers(a, b) {
		rules = append(rules, newRule(a.egress, protocol, ports, peer))
	}
	return rules
}

func commonPorts(a, b universeRule) (protocol, ports string, meet bool) {
	switch {
	case a.protocol == "all":
		return b.protocol, b.ports, true
	case b.protocol == "all":
		return a.protocol, a.ports, true
	case a.protocol != b.protocol:
		return "", "", false
	}
	first, last := max(a.first, b.first), min(a.last, b.last)
	switch {
	case first == 0 && last == mostPort(a.protocol):
		return a.protocol, "all", true
	case first == last:
		return a.protocol, strconv.Itoa(first), true
	}
	return a.protocol, strconv.Itoa(first) + "-" + strconv.Itoa(last), first < last
}

func commonPeers(a, b universeRule) []string {
	switch {
	case a.peer == b.peer:
		return []string{a.peer}
	case a.prefix.IsValid() && b.prefix.IsValid():
		if !a.prefix.Overlaps(b.prefix) {
			return nil
		}
		if a.prefix.Bits() > b.prefix.Bits() {
			return []string{a.peer}
		}
		return []string{b.peer}
	case a.peerKind() == b.peerKind():
		return nil // two groups
	}
	var members []string
	for _, r := range []universeRule{a, b} {
		if !r.prefix.IsValid() {
			members = append(members, r.peer)
		}
	}
	return members
}

func TestWhatTwoRulesHaveInCommonIsInTheUniverse(t *testing.T) {
	t.Parallel()
	for _, a := range universe {
		for _, b := range universe {
			for _, c := range common(a, b) {
				r := universe[ruleIndex(c.text)]
				if a.prefix.IsValid() == b.prefix.IsValid() && a.peerKind() == b.peerKind() && r.carried != a.carried.and(b.carried) {
					t.Errorf("%s and %s have %v in common, not %v", a.text, b.text, a.carried.and(b.carried), r.carried)
				}
			}
			if len(common(a, b)) == 0 && !a.carried.and(b.carried).empty() {
				t.Errorf("%s and %s have %v in common, and no rule says so", a.text, b.text, a.carried.and(b.carried))
			}
		}
	}
	t.Logf("%d rules that people write, %d in all, %d bits of traffic", len(originals), len(universe), 2*len(flows)*len(peers))
}
