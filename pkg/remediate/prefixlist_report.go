package remediate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// reportList publishes what a run found and did. It returns the error where another try may help.
func (r *Remediator) reportList(ctx context.Context, run *listRun) (Result, error) {
	t := run.trigger
	findings := run.findings()
	switch {
	case len(findings) == 0 && run.problem != nil:
		return nothing(trail.TriedAgain, run.problem.Error()), fmt.Errorf("judge the prefix list %s: %w", t.PrefixListID, run.problem)
	case len(findings) == 0:
		return r.nothing(ctx, t, trail.Permitted, run.reasonForNothing()), nil
	}
	a := r.newAlert(t, secgroup.Group{}, run.state.document)
	a.Kind, a.Findings, a.Reason = alert.PrefixListKind, findings, run.reason
	a.PrefixListName = run.state.list.Name
	if a.PrefixListName == "" {
		a.PrefixListName = run.doc.PrefixListName
	}
	a.RestoreOff = !run.decision.Restore && len(run.decision.Missing) > 0
	a.Outcome = run.outcome(findings)
	r.attribute(t, &a)
	revoked := func(f alert.Finding) bool { return f.OpenedByEvent && f.Action == alert.ActionRevoked }
	if slices.ContainsFunc(a.Findings, revoked) && !t.Time.IsZero() {
		seconds := max(0, r.Now().Sub(t.Time).Seconds()) // clocks differ
		a.ExposureSeconds = &seconds
	}
	result, err := r.report(ctx, a)
	if err == nil && run.problem != nil {
		err = fmt.Errorf("change the prefix list %s: %w", t.PrefixListID, run.problem)
	}
	return result, err
}

// reasonForNothing says why nothing has to be done.
func (run *listRun) reasonForNothing() string {
	if n := len(run.decision.InGrace); n > 0 {
		return fmt.Sprintf("the document permits every entry of the prefix list, %d of them only until %s, since an earlier version permitted them (grace)",
			n, run.grace.Until.UTC().Format(time.RFC3339))
	}
	return "the document permits every entry of the prefix list"
}

// findings lists what was changed, what was not, and what is missing and left.
func (run *listRun) findings() []alert.Finding {
	var all []alert.Finding
	add := func(f alert.Finding) {
		switch done, known := run.handled[f.Rule]; {
		case !known:
			all = append(all, f)
		case f.Action != alert.ActionAlreadyGone: // it came back, or was never done
			f.OpenedByEvent = done.OpenedByEvent
			run.handled[f.Rule] = f
		}
	}
	for _, v := range run.decision.Violations {
		add(run.left(entryFinding(v, alert.ActionAlreadyGone), v.NotLive))
	}
	for _, e := range run.decision.Protect {
		if run.decision.Enforce {
			f := run.left(missingEntryFinding(e, run.trigger), false)
			f.Reason = "approved, and of the entries only one that is not permitted holds these addresses"
			add(f)
		}
	}
	for _, e := range run.decision.Missing {
		f := missingEntryFinding(e, run.trigger)
		if run.decision.Restore {
			f = run.left(f, false)
		}
		add(f)
	}
	var done []alert.Finding
	for _, text := range run.order {
		done = append(done, run.handled[text])
	}
	return append(done, all...)
}

// left is a finding that the run did not change. notLive says that the entry needs no change.
func (run *listRun) left(f alert.Finding, notLive bool) alert.Finding {
	switch {
	case notLive:
		f.Action = alert.ActionAlreadyGone
	case !run.decision.Enforce:
		f.Action = alert.ActionNone
	default:
		f.Action, f.Error = alert.ActionFailed, cmp.Or(run.problem, run.noRoom, run.full, prefixlist.ErrFull).Error()
	}
	return f
}

// entryFinding says of an entry that is not permitted what became of it.
func entryFinding(v judge.EntryViolation, action alert.Action) alert.Finding {
	return alert.Finding{
		Rule: alert.EntryText(v.Prefix), Description: v.Description, Verdict: alert.Violation,
		OpenedByEvent: v.OpenedByEvent, OpensPublic: v.Public, Reason: v.Reason, Action: action,
	}
}

// missingEntryFinding says of an approved entry that it is not there.
func missingEntryFinding(e prefixlist.Entry, t trail.Trigger) alert.Finding {
	return alert.Finding{
		Rule: alert.EntryText(e.Prefix), Description: e.Description, Verdict: alert.Missing, Action: alert.ActionNone,
		OpenedByEvent: t.EventID != "" && slices.ContainsFunc(t.Entries.Removed, e.Prefix.Overlaps),
		Reason:        "approved, and not in the list, or not in full",
	}
}

// outcome sums up what was done in a prefix list.
func (run *listRun) outcome(findings []alert.Finding) alert.Outcome {
	wouldChange := len(run.violationsLeft()) > 0 || run.decision.Restore && len(run.decision.Missing) > 0
	return outcomeOf(findings, !run.decision.Enforce && wouldChange && !run.unchangeable)
}
