package remediate

import (
	"errors"
	"fmt"
	"slices"

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

	handled  map[string]alert.Finding // what was changed, by rule text
	order    []string                 // of handled
	takenOut []judge.EntryViolation
	accepted int64 // the version of the list to which EC2 last accepted a change
	// full is EC2's answer that the entries to add do not fit beside those to take out, and
	// noRoom the same answer once no entry was to be taken out any more.
	full, noRoom error
	moved        int   // how often the list had changed since it was read
	problem      error // that keeps the list from being as approved
}

// mostMoves is how often one run begins anew because somebody else changes the list.
const mostMoves = 6

// next returns what the next call changes. The entries to take out come before those to
// put back: where there are many, the door is closed first. Half of the call is for the
// approved addresses that only entries to take out contain. Their traffic is interrupted
// from the one call to the other, and few calls between the two keep that short. The rest
// of these addresses follows with the next calls.
func (run *listRun) next() prefixlist.Change {
	var c prefixlist.Change
	left := run.violationsLeft()
	most := entriesPerCall - min(len(run.decision.Protect), entriesPerCall/2)
	for _, v := range left[:min(len(left), most)] {
		c.Remove = append(c.Remove, v.Prefix)
	}
	adds := slices.Clone(run.decision.Protect)
	if run.decision.Restore && len(left) <= most {
		adds = append(adds, run.decision.Missing...)
	}
	c.Add = adds[:min(len(adds), run.room(len(c.Remove)))]
	return c
}

// room is how many entries a call may add that takes some out.
func (run *listRun) room(removed int) int {
	room := entriesPerCall - removed
	if list := run.state.list; list.MaxEntries > 0 {
		room = min(room, list.MaxEntries-len(list.Entries)+removed)
	}
	if run.noRoom != nil || run.full != nil && removed > 0 {
		return 0
	}
	return max(0, room)
}

func (run *listRun) violationsLeft() []judge.EntryViolation {
	var left []judge.EntryViolation
	for _, v := range run.decision.Violations {
		if !v.NotLive {
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
	case errors.Is(err, secgroup.ErrNotFound): // the next read shows whether the list was deleted
		run.moved++
		run.problem = fmt.Errorf("%w: %w", prefixlist.ErrMoved, err)
	case errors.Is(err, prefixlist.ErrFull) && len(c.Add) > 0 && len(c.Remove) > 0:
		run.full = err // the entries to take out are sent without the others, which may fit afterwards
	case errors.Is(err, prefixlist.ErrFull) && len(c.Add) > 0:
		run.noRoom = err
	case err != nil:
		run.problem = err
	case !run.isRepeated(c):
		run.keep(c)
	case run.state.list.Version == run.accepted:
		run.problem = fmt.Errorf("EC2 accepted the change and did not carry it out (state %s: %s)", run.state.list.State, run.state.list.StateMessage)
	default:
		run.moved++
		run.problem = fmt.Errorf("somebody puts the entries back while sgwarden changes the list: %w", prefixlist.ErrMoved)
		run.keep(c)
	}
	if err == nil {
		run.accepted = run.state.list.Version
	}
}

// isOver reports whether no further read is worth its time.
func (run *listRun) isOver() bool {
	return run.problem != nil && (!errors.Is(run.problem, prefixlist.ErrMoved) || run.moved > mostMoves)
}

// isRepeated reports whether a change asks for what EC2 has accepted before in this run.
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
		run.takenOut = append(run.takenOut, v)
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

// noteDeleted notes that the list was deleted meanwhile: nothing is open any more, and
// nothing is missing.
func (run *listRun) noteDeleted(parameter string) {
	run.problem, run.reason = nil, listDeletedText(parameter)
	for i := range run.decision.Violations {
		run.decision.Violations[i].NotLive = true
	}
	run.decision.Protect, run.decision.Missing = nil, nil
}
