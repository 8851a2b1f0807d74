package simulation

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// excuses count the faults that may leave a violation open.
type excuses struct {
	reads  int // or revokes, or the end of the invocation
	record int // what was to be revoked could not be put on record
	alert  int // the alert could not be delivered
}

// suffice: where the record can't be written, the alert is the record.
func (e excuses) suffice() bool { return e.reads > 0 || e.record > 0 && e.alert > 0 }

// failed counts a fault of an invocation.
func (i *invocation) failed() {
	i.faults++
	i.excuses.reads++
}

// fails counts a fault of a call. That nothing can be authorised is an excuse only
// where it may pass, and in a run at a young event.
func (c *call) fails(f fault) {
	c.by.faults++
	switch final := f == denied || f == authorizeDenied; {
	case strings.HasPrefix(c.action, "Authorize") && (final || !c.by.mayDelay(c.by.started)):
	case c.action == "PutParameter":
		c.by.excuses.record++
		c.by.judgesTwice = c.by.judgesTwice || strings.Contains(c.ssm.Name, "pending")
	case c.action == "DeleteParameter", c.action == "DeleteParameters":
	case c.service == "sns":
		c.by.excuses.alert++
	default:
		c.by.excuses.reads++
	}
}

// judgeDoor: an invocation that has no excuse leaves no violation open that it knew
// of.
func (w *world) judgeDoor(i *invocation) {
	if i.excuses.suffice() || !w.settings.Enforce || i.reportOnly() {
		return
	}
	if i.excuses.record > 0 && time.Since(i.started) >= decisionTime {
		w.tally.counts[countRestoredTooLong]++ // what is not on record waits for the alert, and the alert for what is restored
		return
	}
	for _, l := range i.looks {
		for _, group := range slices.Sorted(maps.Keys(l.seen)) {
			s, g := l.seen[group], w.ec2.group(group)
			if g == nil || g.managed || !s.complete() || !w.enforced(s.documents) {
				continue
			}
			for _, o := range w.owes(i, l, group) {
				// The function can revoke by id the rules that the event opened, unless EC2 showed the id as
				// another rule. In a burst it leaves this to other runs.
				closable := !o.byEvent || i.opened(o.owned) && !s.shows(o.id) && !i.crowded
				if closable && !w.waits(i, group, o.rule, s.documents.trust) && o.id != "" && g.has(o.owned) {
					w.broken("door", "%v knew of %s (%s) of %s, nothing excuses it, and it is still open", i, o.id, naive.Universe[o.rule].Text, group)
				}
			}
		}
	}
}

// enforced says whether the documents may lead to a revoke.
func (w *world) enforced(by answered) bool {
	if w.papers.pauses[by.pause].inForce(by.at()) {
		return false
	}
	if by.baseline != "" {
		return w.papers.documents[by.baseline].enforces()
	}
	g := w.papers.guardrails[by.guardrail]
	return g != nil && g.usable() && g.enforce
}

// reportOnly: the run at the deletion of a baseline judges nothing, nor does one at a
// change of the guardrail or of the pause.
func (i *invocation) reportOnly() bool {
	return i.delivery.event != nil && i.delivery.event.reportOnly
}

// opened says whether the invocation's own Authorize event opened the rule, which
// is still what it was then. Where the event does not have the ids, a rule that reads
// the same may be another one, which nobody can know.
func (i *invocation) opened(o owned) bool {
	e := i.delivery.event
	if e == nil {
		return false
	}
	withoutID := owned{rule: o.rule}
	return slices.Contains(e.opened, o) || len(e.opened) > 0 && slices.Contains(e.rules, withoutID)
}
