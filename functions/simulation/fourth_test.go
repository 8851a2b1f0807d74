package simulation

import (
	"slices"
	"time"
)

// judgeMails holds a history to the fourth promise: each alert that the topic took ends
// in a mail, or in the dead-letter queue, whose length raises an alarm. An alert needs no
// mail of its own for what people know from another mail:
//
//   - A rule stays, and the last mail of the rule before a notifier got the message, or any
//     mail after that, says so with the same action and id.
//   - Who opened a rule stands in any mail of the same event.
//   - A rule is over, and a mail says that this rule, or the same event's, is over.
//   - A problem of a document stays, and a mail says so of the same version or a newer one.
//   - Something is over by an alert, and a mail that came after the alert says that the
//     same is open: the next sweep looks again.
func (w *world) judgeMails() {
	reported := w.mailbook()
	for _, l := range w.post.letters {
		switch {
		case l.dead:
		case l.deleted.IsZero():
			w.broken("mail", "%s is in the queue still", l.id())
		case l.alert == nil:
			w.broken("mail", "%s holds no alert and was deleted", l.id())
		default:
			w.judgeLetter(reported, l)
		}
	}
	w.tally.counts[countEndsForgotten] += reported.endsForgotten
	w.judgePace()
}

// judgeLetter: people know all that a deleted message says.
func (w *world) judgeLetter(reported *mailbook, l *letter) {
	a := l.alert
	switch {
	case reported.names(l), a.isDocumentChange() && reported.hasID(a.ID):
		w.tally.counts[countMailed]++
	case len(a.Closed) > 0:
		for _, c := range a.Closed {
			if !reported.reportsEnd(l, c.Rule, c.Verdict, c.Since) {
				w.broken("mail", "%s is in no mail: the end of %q of %s", l.id(), c.Rule, a.GroupID)
			}
		}
	case a.isDocumentChange():
		w.broken("mail", "%s is in no mail: %v", l.id(), a)
	case len(a.Findings) == 0:
		if !reported.knowsProblem(l) {
			w.broken("mail", "%s is in no mail: %v", l.id(), a)
		}
	default:
		w.tally.counts[countKnownAlready]++
	}
	if a.isDocumentChange() {
		return // its findings are permitted still
	}
	for _, f := range a.Findings {
		if !reported.knows(l, f) {
			w.broken("mail", "%s is in no mail: %s %s %s of %s, %s, of %v", l.id(), f.Verdict, f.RuleID, f.Rule, a.GroupID, f.Action, a)
		}
	}
}

// isDocumentChange reports whether an alert says that somebody changed a document.
func (t *readAlert) isDocumentChange() bool {
	return (t.Kind == "baseline-changed" || t.Kind == "approval-changed" || t.Kind == "paused") && (t.Outcome != "failed" || len(t.Findings) > 0)
}

// isOver reports whether a finding says that nothing is left to do.
func (f finding) isOver() bool {
	return f.Action == "revoked" || f.Action == "restored" || f.Action == "already-gone"
}

// knows reports whether people know a finding of a message: a mail has the alert with
// this rule, or people were notified of the same before. A notifier may get a message
// several times. What people knew at the first time needs no mail later.
func (b *mailbook) knows(l *letter, f finding) bool {
	said := b.rules[[3]string{l.alert.GroupID, f.Rule, f.Verdict}]
	for n := range said {
		if s := &said[n]; s.covers(l) || s.reportsEndOf(l, f, said) || s.mail.sent.After(l.looks[0]) && s.isSame(f) && knowsAct(said, l, f) {
			return true
		}
	}
	return slices.ContainsFunc(l.looks, func(at time.Time) bool {
		return slices.ContainsFunc(b.lastOpen(said, at), func(last *saying) bool { return last.isSame(f) && knowsAct(said, l, f) })
	})
}

// reportsEndOf reports whether a mail says that a finding is over. A closing that was
// published after the message is newer: people know the end of what the message reports.
func (s *saying) reportsEndOf(l *letter, f finding, said []saying) bool {
	if s.end { // a failure was reported, which weighs more, until a sweep saw the end
		return s.mail.sent.After(l.sent) && (f.isOver() || s.published.After(l.sent) && knowsAct(said, l, f))
	}
	return s.isOver() && (f.RuleID != "" && s.RuleID == f.RuleID || f.isOver() && f.isRepeatOf(s, l))
}

// lastOpen returns what a notifier may take for what people were notified of last about a rule before
// a time; nothing where they were notified that the rule is over. That is the last mail which
// says that the rule is open, and where a notifier could not note its mail, the mails before
// that, too. A sweep that finds a rule over has looked before its batch: what the same batch
// says to be open is newer.
func (b *mailbook) lastOpen(said []saying, before time.Time) (last []*saying) {
	for n := range said {
		s := &said[n]
		switch {
		case !s.mail.sent.Before(before):
		case !s.end && !s.isOver():
			if !s.mail.isForgotten() {
				last = nil
			}
			last = append(last, s)
		case len(last) > 0 && !(s.end && s.mail.by == last[len(last)-1].mail.by) && !b.forgotten(s.mail):
			last = nil
		}
	}
	return last
}

// knowsAct reports whether people know who opened a rule: one mail of the event says so
// for good, and a later mail of the same rule need not repeat the name.
func knowsAct(said []saying, l *letter, f finding) bool {
	return !f.OpenedByEvent || l.alert.Actor == nil ||
		slices.ContainsFunc(said, func(s saying) bool { return !s.end && s.event == l.alert.Event.ID })
}

// repeatTime is how long a rule that was reported as over explains an alert that the rule is
// not live.
const repeatTime = 2 * time.Hour

// isRepeatOf reports whether a finding without a rule id says what a mail has reported as over:
// of the same event, or that nothing is there any more.
func (f finding) isRepeatOf(s *saying, l *letter) bool {
	if f.RuleID != "" {
		return false
	}
	sameEvent := s.event != "" && s.event == l.alert.Event.ID
	return sameEvent || f.Action == "already-gone" && l.deleted.Sub(s.mail.sent) < repeatTime+maxDelay
}

// isSame reports whether a mail says of a rule what the finding says.
func (s *saying) isSame(f finding) bool {
	return !s.end && s.Action == f.Action && s.RuleID == f.RuleID
}
