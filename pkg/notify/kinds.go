package notify

import (
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

// isDocument reports whether a kind of alert is about a document, not about the rules of
// a group.
func isDocument(kind alert.Kind) bool {
	return kind == alert.BaselineError || isDocumentChange(kind)
}

// isDocumentChange reports whether a kind of alert says that somebody changed a document. The
// findings of such an alert are live rules that will be revoked: they are permitted still.
func isDocumentChange(kind alert.Kind) bool {
	return kind == alert.BaselineChanged || kind == alert.ApprovalChanged || kind == alert.Paused
}

// isProblem reports whether an alert without findings is about something that stays,
// such as a document that can't be used, or a baseline whose group was deleted.
func isProblem(a alert.Alert) bool {
	return len(a.Findings) == 0 && len(a.Closed) == 0 && (a.Outcome == alert.Failed || !isDocumentChange(a.Kind) && !alert.IsAboutUse(a))
}

// stays reports whether a finding is not over.
func stays(f alert.Finding) bool {
	return f.Action == alert.ActionNone || f.Action == alert.ActionFailed || f.Action == alert.ActionPending
}

// with returns an alert with other findings, and all that follows from them.
func with(a alert.Alert, findings []alert.Finding) alert.Alert {
	a.Findings = findings
	if len(findings) > 0 && !isDocument(a.Kind) {
		a.Outcome = outcome(a.Outcome, findings)
		if !slices.ContainsFunc(findings, func(f alert.Finding) bool { return f.OpenedByEvent }) {
			a.Actor = nil
		}
	}
	if !slices.ContainsFunc(findings, func(f alert.Finding) bool { return f.OpenedByEvent && f.Action == alert.ActionRevoked }) {
		a.ExposureSeconds = nil
	}
	return alert.New(a)
}

// outcome sums up what was done, as the remediator does. Only the alert itself knows
// whether more would have been done.
func outcome(before alert.Outcome, findings []alert.Finding) alert.Outcome {
	count := map[alert.Action]int{}
	for _, f := range findings {
		count[f.Action]++
	}
	succeeded := count[alert.ActionRevoked] + count[alert.ActionRestored]
	switch {
	case count[alert.ActionFailed] > 0 && succeeded > 0:
		return alert.Partial
	case count[alert.ActionFailed] > 0:
		return alert.Failed
	case count[alert.ActionNone] > 0 && before == alert.WouldRevert:
		return alert.WouldRevert
	case succeeded > 0:
		return alert.Reverted
	case count[alert.ActionPending] > 0:
		return alert.Pending
	case count[alert.ActionAlreadyGone] == len(findings):
		return alert.AlreadyGone
	}
	return alert.None
}

// findingRef names a finding in the memory.
func findingRef(a received, f alert.Finding) notified.Ref {
	return notified.Ref{GroupID: a.memoryKey(), Rule: f.Rule, Verdict: f.Verdict}
}

// problemRef names what an alert without findings is about.
func problemRef(a received) notified.Ref {
	return notified.Ref{GroupID: a.memoryKey(), Parameter: a.Baseline.Parameter, Kind: a.Kind}
}

// closedRef names what is over.
func closedRef(a received, c alert.Closed) notified.Ref {
	if c.Rule == "" {
		return problemRef(a)
	}
	return notified.Ref{GroupID: a.memoryKey(), Rule: c.Rule, Verdict: c.Verdict}
}
