package remediate

import (
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// listRun is one prefix list on its way to being as approved.
type listRun struct {
	trigger  trail.Trigger
	doc      *baseline.PrefixList
	state    listState
	grace    judge.ListGrace
	decision judge.ListDecision
	reason   string // for the alert: why nothing is changed, though it would be
	// unchangeable says that sgwarden would change the list if it might.
	unchangeable bool

	handled map[string]alert.Finding // what was changed, by rule text
	order   []string                 // of handled
	full    bool                     // EC2 said that the entries to add do not fit
	moved   int                      // how often the list had changed since it was read
	problem error                    // that keeps the list from being as approved
}

// mostMoves is how often one run begins anew because somebody else changes the list.
const mostMoves = 6

// next returns what the next call changes. The entries to take out come before those to
// put back: where there are many, the door is closed first.
func (run *listRun) next() prefixlist.Change {
	var c prefixlist.Change
	for _, v := range run.decision.Violations {
		if !v.Gone && len(c.Remove) < entriesPerCall {
			c.Remove = append(c.Remove, v.Prefix)
		}
	}
	adds := run.decision.Protect
	if len(run.violationsLeft()) > entriesPerCall {
		adds = nil // some carriers stay until the next call
	}
	if run.decision.Restore && len(run.violationsLeft()) <= entriesPerCall {
		adds = append(adds[:len(adds):len(adds)], run.decision.Missing...)
	}
	if !run.full {
		c.Add = adds[:min(len(adds), entriesPerCall-len(c.Remove))]
	}
	return c
}

func (run *listRun) violationsLeft() []judge.EntryViolation {
	var left []judge.EntryViolation
	for _, v := range run.decision.Violations {
		if !v.Gone {
			left = append(left, v)
		}
	}
	return left
}

// note keeps what became of a change.
func (run *listRun) note(c prefixlist.Change, err error) {
	switch {
	case errors.Is(err, prefixlist.ErrMoved):
		run.moved++
		run.problem = err
	case errors.Is(err, prefixlist.ErrFull) && len(c.Add) > 0:
		run.full = true // the entries to take out go without the others
		for _, e := range c.Add {
			f := missingEntryFinding(e, run.trigger)
			f.Action, f.Error = alert.ActionFailed, err.Error()
			run.handle(f)
		}
	case err != nil:
		run.problem = err
	case run.isRepeated(c):
		run.problem = fmt.Errorf("EC2 accepted the change and did not carry it out (state %s: %s)", run.state.list.State, run.state.list.StateMessage)
	default:
		run.keep(c)
	}
}

// isOver reports whether no further read is worth its time.
func (run *listRun) isOver() bool {
	return run.problem != nil && (!errors.Is(run.problem, prefixlist.ErrMoved) || run.moved > mostMoves)
}

// isRepeated reports whether a change takes out what EC2 has been asked to take out
// before, so that EC2 did not do it.
func (run *listRun) isRepeated(c prefixlist.Change) bool {
	for _, p := range c.Remove {
		if f, known := run.handled[alert.EntryText(p)]; known && f.Action == alert.ActionRevoked {
			return true
		}
	}
	for _, e := range c.Add {
		if f, known := run.handled[alert.EntryText(e.Prefix)]; known && f.Action == alert.ActionRestored {
			return true
		}
	}
	return false
}

// keep notes the findings of a change that EC2 accepted.
func (run *listRun) keep(c prefixlist.Change) {
	for _, v := range run.violationsLeft()[:len(c.Remove)] {
		run.handle(entryFinding(v, alert.ActionRevoked))
	}
	protected := map[string]bool{}
	for _, e := range run.decision.Protect {
		protected[alert.EntryText(e.Prefix)] = true
	}
	for _, e := range c.Add {
		f := missingEntryFinding(e, run.trigger)
		f.Action = alert.ActionRestored
		if protected[f.Rule] {
			f.Reason = "approved, and of the entries only one that was taken out held these addresses"
		}
		run.handle(f)
	}
}

func (run *listRun) handle(f alert.Finding) {
	if _, known := run.handled[f.Rule]; !known {
		run.order = append(run.order, f.Rule)
	}
	run.handled[f.Rule] = f
}

// isGone reports whether the list was deleted meanwhile, so that no other try is worth
// its time.
func (run *listRun) isGone() bool { return errors.Is(run.problem, secgroup.ErrGone) }
