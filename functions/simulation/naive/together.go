package naive

import (
	"fmt"
	"strings"
)

// everybody has, for each direction and flow, the bits of all addresses and those
// of all members.
var everybody = func() (all []struct{ addresses, members Traffic }) {
	for _, egress := range []bool{false, true} {
		for f := range flows {
			var of struct{ addresses, members Traffic }
			for p := range peers {
				if p < len(addresses) {
					of.addresses.set(bit(egress, f, p))
				} else {
					of.members.set(bit(egress, f, p))
				}
			}
			all = append(all, of)
		}
	}
	return all
}()

// Together is what rules permit together. Where they admit every address, of both
// families, they admit the members of every group and list.
func Together(rules []int) Traffic {
	var t Traffic
	for _, r := range rules {
		t = t.or(Universe[r].Carried)
	}
	for _, of := range everybody {
		if of.addresses.Without(t).Empty() {
			t = t.or(of.members)
		}
	}
	return t
}

// String lists the packets, for a report.
func (t Traffic) String() string {
	var texts []string
	for _, egress := range []bool{false, true} {
		for f, flow := range flows {
			for p, peer := range peers {
				if t.has(bit(egress, f, p)) {
					texts = append(texts, fmt.Sprint(directionText(egress), " ", flow.protocol, " ", flow.port, " ", peer))
				}
			}
		}
	}
	return strings.Join(texts, ", ")
}
