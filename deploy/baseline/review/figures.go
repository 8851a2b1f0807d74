package review

import (
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
)

// soon is how long before its end an approval is listed as ending soon.
const soon = 7 * 24 * time.Hour

// Figures are the counts of a review. The next review compares its own with them.
type Figures struct {
	Groups          int `json:"groups"`          // live security groups
	Guarded         int `json:"guarded"`         // of them, those with a baseline that can be used
	WithoutBaseline int `json:"withoutBaseline"` // of them, those without one
	Broken          int `json:"broken"`          // baselines that can't be used
	LeftOver        int `json:"orphaned"`        // baselines of groups and prefix lists that are deleted
	PrefixLists     int `json:"prefixLists"`     // prefix lists that have a document
	Rules           int `json:"rules"`           // approved for good
	Drifting        int `json:"drifting"`        // groups and prefix lists that differ
	Violating       int `json:"violating"`       // live rules that nothing permits
	InGrace         int `json:"inGrace"`         // live rules that only the grace period permits
	Missing         int `json:"missing"`         // approved rules that are not live
	NotCanonical    int `json:"unreadable"`      // live rules that can't be judged
	Active          int `json:"approvalsActive"` // approvals and exceptions in force, counted by rule
	EndingSoon      int `json:"approvalsEndingSoon"`
	Ended           int `json:"approvalsEnded"` // since the last review
	// Reverted counts the rules that were reverted since the last review; nil: not known.
	Reverted *int `json:"reverted"`
	Advice   int  `json:"advice"`
	Covered  int  `json:"covered"`
}

// figuresOf counts.
func figuresOf(r *Review) Figures {
	var f Figures
	for _, g := range r.Groups {
		f.addGroup(g)
		for _, one := range g.Rows {
			f.addRule(one, r.Since, r.MadeAt)
		}
	}
	for _, e := range r.Ended {
		f.Ended += len(e.Rules)
	}
	if r.Reverts.NotRead == "" {
		n := r.Reverts.Count()
		f.Reverted = &n
	}
	return f
}

func (f *Figures) addGroup(g Group) {
	if g.IsList() {
		f.PrefixLists++
	} else if g.Status != overview.NoGroup {
		f.Groups++
	}
	switch g.Status {
	case overview.Guarded:
		if !g.IsList() {
			f.Guarded++
		}
	case overview.NoBaseline:
		f.WithoutBaseline++
	case overview.Broken:
		f.Broken++
	case overview.NoGroup, overview.NoList:
		f.LeftOver++
	}
	if g.Differs() {
		f.Drifting++
	}
	f.Advice += len(g.Advice)
	f.Covered += len(g.Covered)
	f.Violating += g.Drift.Violating
	f.InGrace += g.Drift.InGrace
	f.Missing += g.Drift.Missing
	f.NotCanonical += g.Drift.NotCanonical
}

func (f *Figures) addRule(r Rule, since, now time.Time) {
	switch {
	case r.ForGood:
		f.Rules++
	case r.Status == Approval, r.Status == Exception:
		f.Active++
		if r.Expires.Sub(now) < soon {
			f.EndingSoon++
		}
	case r.Status == Ended && r.Expires.After(since):
		f.Ended++
	}
}
