package flowlog

import (
	"cmp"
	"slices"

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
	v.NotJudged = cmp.Or(one.notJudged, w.Coverage(groupID).NotJudged())
	if v.NotJudged != "" {
		return v
	}
	v.Seen, v.Doubtful, v.Rejected = one.certain || one.doubtful, one.doubtful, one.rejected
	v.Narrower = narrowed(r, one.seen)
	return v
}
