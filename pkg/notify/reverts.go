package notify

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

const (
	// oneAct is the longest time between reverts of different rules that one act of the other
	// tool led to.
	oneAct = time.Minute
	// mostSingly is how many rules of a batch are remembered that were reverted once. A
	// tool that makes many rules again and again makes the same ones, and the first in the
	// order of the alphabet are always among them.
	mostSingly = 2
)

// revertsOf returns the reverts of a group's alerts that are worth remembering, the
// oldest first: those of rules that were reverted several times, with the ones before,
// and a few of the others.
func revertsOf(alerts []received, before notified.Contention, now time.Time) []notified.Revert {
	times := map[string]map[string]notified.Revert{} // by rule and occurrence
	for _, a := range alerts {
		for _, f := range a.Findings {
			if f.Action != alert.ActionRevoked && f.Action != alert.ActionRestored {
				continue
			}
			if times[f.Rule] == nil {
				times[f.Rule] = map[string]notified.Revert{}
			}
			occurrence := cmp.Or(f.RuleID, a.Event.ID, a.ID)
			if other, found := times[f.Rule][occurrence]; !found || other.Who == "" {
				times[f.Rule][occurrence] = revertOf(a.Alert, f, now)
			}
		}
	}
	var all []notified.Revert
	singly := 0
	for _, text := range slices.Sorted(maps.Keys(times)) {
		known := slices.ContainsFunc(before.Reverts, func(r notified.Revert) bool { return r.Rule == text })
		if !known && len(times[text]) == 1 {
			if singly++; singly > mostSingly {
				continue
			}
		}
		all = slices.AppendSeq(all, maps.Values(times[text]))
	}
	slices.SortFunc(all, compareReverts)
	return all
}

func compareReverts(a, b notified.Revert) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Who, b.Who))
}

func revertOf(a alert.Alert, f alert.Finding, now time.Time) notified.Revert {
	r := notified.Revert{At: a.MadeAt, Rule: f.Rule}
	if r.At.IsZero() || r.At.After(now) {
		r.At = now
	}
	if f.OpenedByEvent {
		r.Who = actorKey(a.Actor)
	}
	return r
}

// actsOf counts the acts of the other tool. Only rules that were reverted at least twice count:
// another tool that contends makes the same rule again, and people who make different
// rules, or a slow pipeline, do not. Different rules of one minute are one act.
func actsOf(reverts []notified.Revert) (acts int, again []notified.Revert) {
	times := map[string]int{}
	for _, r := range reverts {
		times[r.Rule]++
	}
	again = slices.DeleteFunc(slices.Clone(reverts), func(r notified.Revert) bool { return times[r.Rule] < 2 })
	var began time.Time
	rules := map[string]bool{} // of the act
	for _, r := range again {
		if acts == 0 || rules[r.Rule] || r.At.Sub(began) > oneAct {
			acts++
			began, rules = r.At, map[string]bool{}
		}
		rules[r.Rule] = true
	}
	return acts, again
}
