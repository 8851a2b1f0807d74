package simulation

import "time"

// judgeMails holds a history to the fourth promise: each alert that the topic took ends
// in a mail, or in the dead-letter queue, whose length raises an alarm.
func (w *world) judgeMails() {
	told := w.mailbook()
	for _, l := range w.post.letters {
		switch {
		case l.dead:
		case l.deleted.IsZero():
			w.broken("mail", "%s is in the queue still", l.id())
		case l.alert == nil:
			w.broken("mail", "%s holds no alert and was deleted", l.id())
		default:
			w.judgeLetter(told, l)
		}
	}
	w.tally.counts[countEndsForgotten] += told.endsForgotten
	w.judgePace()
}

// judgeLetter: people know all that a deleted message says.
func (w *world) judgeLetter(told *mailbook, l *letter) {
	a := l.alert
	switch {
	case told.names(l), a.tellsChange() && told.namesID(a.ID):
		w.tally.counts[countMailed]++
	case len(a.Closed) > 0:
		for _, c := range a.Closed {
			if !told.tellsEnd(a, c.Rule, c.Verdict, c.Since) {
				w.broken("mail", "%s is in no mail: the end of %q of %s", l.id(), c.Rule, a.GroupID)
			}
		}
	case a.tellsChange():
		w.broken("mail", "%s is in no mail: %v", l.id(), a)
	case len(a.Findings) == 0:
		if !told.knowsProblem(l) {
			w.broken("mail", "%s is in no mail: %v", l.id(), a)
		}
	default:
		w.tally.counts[countKnownAlready]++
	}
	if a.tellsChange() {
		return // its findings are permitted still
	}
	for _, f := range a.Findings {
		if !told.knows(l, f) {
			w.broken("mail", "%s is in no mail: %s %s %s of %s, %s, of %v", l.id(), f.Verdict, f.RuleID, f.Rule, a.GroupID, f.Action, a)
		}
	}
}

// tellsChange reports whether an alert tells that somebody changed a document.
func (t *told) tellsChange() bool {
	return (t.Kind == "baseline-changed" || t.Kind == "approval-changed" || t.Kind == "paused") && (t.Outcome != "failed" || len(t.Findings) > 0)
}

// isOver reports whether a finding says that nothing is left to do.
func (f finding) isOver() bool {
	return f.Action == "revoked" || f.Action == "restored" || f.Action == "already-gone"
}

// knows reports whether people know a finding of a message: a mail tells the alert with
// this rule, or people had been told of the same before.
func (b *mailbook) knows(l *letter, f finding) bool {
	a := l.alert
	said := b.rules[[3]string{a.GroupID, f.Rule, f.Verdict}]
	var last *saying // before the notifier looked
	for n := range said {
		s := &said[n]
		if s.covers(l) {
			return true
		}
		if s.mail.sent.Before(l.by.started) && (last == nil || !(s.end || s.isOver()) || !b.forgotten(s.mail)) {
			last = s
		}
		if s.end && f.isOver() && s.mail.sent.After(l.sent) { // a failure was told, which weighs more, until a sweep saw the end
			return true
		}
		if !s.end && s.isOver() && (f.RuleID != "" && s.RuleID == f.RuleID || f.isOver() && f.isEchoOf(s, l)) {
			return true
		}
		if s.mail.sent.After(l.by.started) && s.isSame(l, f) {
			return true
		}
	}
	return !f.isOver() && last != nil && !last.end && last.isSame(l, f)
}

// echoTime is how long a rule that was told as over explains an alert that the rule is
// gone.
const echoTime = 2 * time.Hour

// isEchoOf reports whether a finding without a rule id tells what a mail has told as over:
// of the same event, or that nothing is there any more.
func (f finding) isEchoOf(s *saying, l *letter) bool {
	if f.RuleID != "" {
		return false
	}
	sameEvent := s.event != "" && s.event == l.alert.Event.ID
	return sameEvent || f.Action == "already-gone" && l.deleted.Sub(s.mail.sent) < echoTime+maxDelay
}

// isSame reports whether a mail says of a rule that stays what the finding says.
func (s *saying) isSame(l *letter, f finding) bool {
	if s.end || s.Action != f.Action || s.RuleID != f.RuleID {
		return false
	}
	return !f.OpenedByEvent || l.alert.Actor == nil || s.event == l.alert.Event.ID
}
