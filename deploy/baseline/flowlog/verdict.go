package flowlog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Verdict is what the logs say of an approved rule.
type Verdict struct {
	Rule rule.Rule
	// NotJudged says why the logs say nothing. It is empty where they do.
	NotJudged string
	Seen      bool
	// Doubtful: some of the traffic seen may have been another rule's, or a reply.
	Doubtful bool
	// Rejected: traffic that the rule permits was rejected.
	Rejected bool
	// Narrower are rules that would have covered what the rule saw, where the rule is much wider.
	Narrower []rule.Rule
}

// Part is an interface whose records leave out a part of the logs' period.
type Part struct {
	Interface string
	Period    Period
	Gaps      int // times of more than an hour without a record, within Period
}

// Coverage says how much of a group the logs have.
type Coverage struct {
	Period     Period
	Interfaces int      // in the snapshots
	Silent     []string // interfaces without any record
	Parts      []Part
	Skipped    int // windows of which AWS recorded only a part
	// OnlyRejected is a VPC of the group whose records are all of rejected traffic; empty: there is none.
	OnlyRejected string
}

// Coverage returns how much of a group the logs have.
func (w *Watch) Coverage(groupID string) Coverage {
	var c Coverage
	whole := w.Period()
	g := w.groups[groupID]
	if g == nil {
		return c
	}
	slices.SortFunc(g.interfaces, func(a, b *watchedInterface) int { return cmp.Compare(a.ID, b.ID) })
	for _, i := range g.interfaces {
		c.Interfaces++
		own := i.coverage.period()
		if own.From.IsZero() {
			c.Silent = append(c.Silent, i.ID)
			continue
		}
		if c.Period.From.IsZero() || own.From.Before(c.Period.From) {
			c.Period.From = own.From
		}
		if own.To.After(c.Period.To) {
			c.Period.To = own.To
		}
		if i.coverage.isPart(whole) {
			c.Parts = append(c.Parts, Part{i.ID, own, i.coverage.gaps()})
		}
		c.Skipped += i.skipped
		if i.traffic.isOnlyRejected() {
			c.OnlyRejected = i.VPC
		}
	}
	return c
}

// NotJudged says why the logs say nothing of a group at all. It is empty where they do.
func (c Coverage) NotJudged() string {
	switch {
	case c.Interfaces == 0:
		return "no interface of the snapshots has the group"
	case len(c.Silent) == c.Interfaces:
		return "the logs have no record of the group's interfaces"
	case c.OnlyRejected != "":
		return "all records of " + c.OnlyRejected + " are of rejected traffic: take a flow log that records accepted traffic too (filter ALL)"
	}
	return ""
}

// Verdict returns what the logs say of an approved rule of a group.
func (w *Watch) Verdict(groupID string, r rule.Rule) Verdict {
	v := Verdict{Rule: r, NotJudged: "the group is not watched"}
	g := w.groups[groupID]
	if g == nil || g.rules[r] == nil {
		return v
	}
	one := g.rules[r]
	v.NotJudged = cmp.Or(one.notJudged, w.Coverage(groupID).NotJudged(), g.unlogged(r))
	if v.NotJudged != "" {
		return v
	}
	v.Seen, v.Doubtful, v.Rejected = one.certain || one.doubtful, one.doubtful, one.rejected
	v.Narrower = narrowed(r, one.seen)
	return v
}

// unlogged says why flow logs may leave out traffic of a rule, because of the kinds of interfaces that the group has. It
// is empty where nothing says so.
//
//   - Traffic between the interface of an endpoint and that of a Network Load Balancer is left out (VPC User Guide, Flow
//     log limitations).
//   - An Elastic Fabric Adapter passes by the operating system, and needs a rule for all traffic of the group itself. No
//     documentation says whether flow logs have such traffic.
func (g *watchedGroup) unlogged(r rule.Rule) string {
	for _, i := range g.interfaces {
		switch {
		case i.Type == "network_load_balancer" && r.Direction == rule.Ingress:
			return "the group has the Network Load Balancer's interface " + i.ID + ", and flow logs leave out traffic from endpoints (AWS PrivateLink)"
		case strings.HasPrefix(i.Type, "efa") && r.Protocol == rule.All && r.Peer.Kind == rule.Group:
			return "the group has the Elastic Fabric Adapter " + i.ID + ", whose traffic flow logs may leave out"
		}
	}
	return ""
}
