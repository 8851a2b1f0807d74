package replay

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// ApprovalNeeded is a rule of a group that sgwarden would not have acted on, had somebody
// approved the rule.
type ApprovalNeeded struct {
	GroupID   string `json:"groupId"`
	GroupName string `json:"groupName,omitempty"`
	Rule      string `json:"rule"`
	Times     int64  `json:"times"`
	// Command approves the rule: for good where the group has a baseline, and else for 30
	// days, since an approval ends.
	Command string `json:"command"`
	// Entry is the line to write into the baseline's file. It is empty for a group without
	// a baseline.
	Entry string `json:"entry,omitempty"`
}

// approvalsNeeded lists what would have to be approved, the most frequent first.
func (c *counts) approvalsNeeded() []ApprovalNeeded {
	needed := []ApprovalNeeded{}
	for p, n := range c.pairs.rows {
		a := ApprovalNeeded{GroupID: p.group, GroupName: n.name, Rule: p.rule, Times: n.Sum()}
		a.Command = fmt.Sprintf("deploy/baseline.sh allow %s '%s' --expires 30d --reason 'WHY'", p.group, p.rule)
		if n.byBaseline {
			a.Command = fmt.Sprintf("deploy/baseline.sh allow %s '%s' --for-good --description 'WHY'", p.group, p.rule)
			a.Entry = entryOf(n.rule)
		}
		needed = append(needed, a)
	}
	slices.SortFunc(needed, func(a, b ApprovalNeeded) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.GroupID, b.GroupID), cmp.Compare(a.Rule, b.Rule))
	})
	return needed
}

// entryOf writes a rule as a line of a baseline's file.
func entryOf(r rule.Rule) string {
	ports, peers := "", "sources"
	if r.Protocol.HasPorts() {
		ports = fmt.Sprintf(", ports: %q", rule.PortsText(r.Protocol, r.Ports))
	}
	if r.Direction == rule.Egress {
		peers = "destinations"
	}
	return fmt.Sprintf("%s: - {protocol: %s%s, %s: [%q], description: WHY}", r.Direction, r.Protocol, ports, peers, r.Peer)
}
