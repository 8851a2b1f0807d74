package notify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// expected puts missing rules that a change of a document permits to that change: who
// approves first and makes the rule later knows that the rule is not live yet.
func expected(alerts []received) []received {
	changes := map[[3]string][]received{}
	for _, a := range alerts {
		if (a.Kind == alert.BaselineChanged || a.Kind == alert.ApprovalChanged) && len(a.PermitsMore) > 0 {
			changes[subjectOf(a)] = append(changes[subjectOf(a)], a)
		}
	}
	var split []received
	for _, a := range alerts {
		if isDocument(a.Kind) || len(a.Findings) == 0 {
			split = append(split, a)
			continue
		}
		rest := a.Findings
		inOrder := slices.SortedFunc(slices.Values(changes[subjectOf(a)]), func(a, b received) int { return cmp.Compare(a.ID, b.ID) })
		for _, change := range inOrder {
			var absent []alert.Finding
			absent, rest = partition(rest, func(f alert.Finding) bool { return isAwaited(f, change) })
			for _, moved := range part(a, absent) {
				moved.Event = change.Event
				moved.Alert = alert.New(moved.Alert)
				split = append(split, moved)
			}
		}
		split = append(split, part(a, rest)...)
	}
	return split
}

func subjectOf(a received) [3]string { return [3]string{a.Account, a.Region, a.Subject()} }

// isAwaited reports whether a rule is missing because a change has only just permitted
// it. The text of a rule that is permitted for some time ends in "until" and the time.
func isAwaited(f alert.Finding, change received) bool {
	return f.Verdict == alert.Missing && f.Action == alert.ActionNone && !f.OpenedByEvent &&
		slices.ContainsFunc(change.PermitsMore, func(text string) bool {
			text, _, _ = strings.Cut(text, " until ")
			return text == f.Rule
		})
}

func partition(findings []alert.Finding, condition func(alert.Finding) bool) (yes, no []alert.Finding) {
	for _, f := range findings {
		if condition(f) {
			yes = append(yes, f)
		} else {
			no = append(no, f)
		}
	}
	return yes, no
}
