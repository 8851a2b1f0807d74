package notify

import (
	"cmp"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/notified"
)

// mergeProblems leaves one alert of each document that can't be used, and of each group
// that could not be judged: an event and a sweep report the same. The alert of the last
// version stays.
func mergeProblems(alerts []received) []received {
	type problem struct {
		account, region string
		notified.Ref
	}
	first := map[problem]int{}
	var merged []received
	for _, a := range alerts {
		name := problem{a.Account, a.Region, problemRef(a)}
		i, found := first[name]
		switch {
		case !isProblem(a.Alert), len(a.PermitsMore)+len(a.PermitsLess) > 0: // the change is news of its own
			merged = append(merged, a)
		case !found:
			first[name] = len(merged)
			merged = append(merged, a)
		default:
			merged[i] = lastOf(merged[i], a)
		}
	}
	return merged
}

func lastOf(a, b received) received {
	byOutcome := cmp.Compare(outcomeRank[a.Outcome], outcomeRank[b.Outcome])
	if cmp.Or(cmp.Compare(b.Baseline.Version, a.Baseline.Version), byOutcome, comparePrecedence(a.Alert, b.Alert)) > 0 {
		a, b = b, a
	}
	a.messages, a.alerts = union(slices.Clone(a.messages), b.messages), union(a.alerts, b.alerts)
	return a
}
