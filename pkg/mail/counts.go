package mail

import "github.com/sgwarden/sgwarden/pkg/alert"

// counts says what became of the findings.
type counts struct {
	violations, opened             int // opened: of the violations, those that the event opened
	revoked, revokedOpened         int
	failed, open, pending, notLive int
	missing, removed, notYet       int // removed: of the missing and restored rules, those that the event revoked
	restored, failedMissing        int
	willGo, reminded, mayNotTouch  int
}

func (c *counts) add(i item) {
	plus := func(n *int, condition bool) {
		if condition {
			*n++
		}
	}
	violation, missing := i.Verdict == alert.Violation && !i.willGo, i.Verdict == alert.Missing
	plus(&c.willGo, i.willGo)
	plus(&c.reminded, i.reminder.Notified > 0)
	plus(&c.violations, violation)
	plus(&c.opened, violation && i.OpenedByEvent)
	plus(&c.revoked, violation && i.Action == alert.ActionRevoked)
	plus(&c.revokedOpened, violation && i.Action == alert.ActionRevoked && i.OpenedByEvent)
	plus(&c.failed, violation && i.Action == alert.ActionFailed)
	plus(&c.open, violation && i.Action == alert.ActionNone)
	plus(&c.mayNotTouch, violation && i.Action == alert.ActionNone && i.alert.Outcome != alert.WouldRevert && !i.alert.Late)
	plus(&c.pending, violation && i.Action == alert.ActionPending)
	plus(&c.notLive, violation && i.Action == alert.ActionAlreadyGone)
	plus(&c.missing, missing && i.Action == alert.ActionNone && !i.notYet)
	plus(&c.notYet, i.notYet)
	plus(&c.removed, missing && i.OpenedByEvent)
	plus(&c.restored, missing && i.Action == alert.ActionRestored)
	plus(&c.failedMissing, missing && i.Action == alert.ActionFailed)
}
