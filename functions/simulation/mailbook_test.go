package simulation

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// mailbook is what the mails that people got say, the first mail first.
type mailbook struct {
	mails    []*mailed
	rules    map[[3]string][]saying  // by group, rule and verdict
	problems map[[3]string][]problem // by group, parameter and kind
	// endsForgotten counts what forgotten has excused.
	endsForgotten int
}

// saying is what a mail says of a rule.
type saying struct {
	finding
	mail  *mailed
	event string
	end   bool // what was reported before is over
	since time.Time
	// published is when the alert was that says so, of an end alone.
	published time.Time
}

// problem is what a mail says of a document, or of a group, as a whole.
type problem struct {
	mail              *mailed
	outcome, severity string
	version           int64
	end               bool
	since             time.Time
}

func (w *world) mailbook() *mailbook {
	b := &mailbook{mails: w.post.mails, rules: map[[3]string][]saying{}, problems: map[[3]string][]problem{}}
	for _, m := range w.post.mails {
		for _, s := range m.stories {
			for _, a := range s.Alerts {
				b.read(m, a, w.post.published(a.ID, m.sent))
			}
		}
	}
	return b
}

func (b *mailbook) read(m *mailed, a alert.Alert, published time.Time) {
	parameter := [3]string{a.GroupID, a.Baseline.Parameter, string(a.Kind)}
	for _, f := range a.Findings {
		key := [3]string{a.GroupID, f.Rule, string(f.Verdict)}
		read := finding{f.Rule, f.RuleID, string(f.Verdict), string(f.Action), f.OpenedByEvent}
		b.rules[key] = append(b.rules[key], saying{finding: read, mail: m, event: a.Event.ID})
	}
	for _, c := range a.Closed {
		if c.Rule == "" {
			b.problems[parameter] = append(b.problems[parameter], problem{mail: m, end: true, since: c.Since})
			continue
		}
		key := [3]string{a.GroupID, c.Rule, string(c.Verdict)}
		b.rules[key] = append(b.rules[key], saying{mail: m, end: true, since: c.Since, published: published})
	}
	change := a.Outcome != alert.Failed && (a.Kind == alert.BaselineChanged || a.Kind == alert.ApprovalChanged || a.Kind == alert.Paused)
	if len(a.Findings)+len(a.Closed) == 0 && !change {
		b.problems[parameter] = append(b.problems[parameter], problem{mail: m, outcome: string(a.Outcome), severity: string(a.Severity), version: a.Baseline.Version})
	}
}

// contains reports whether a mail has the alert of a message. The alerts of a sweep have no
// event: a later one with the same id is of another time.
func (m *mailed) contains(l *letter) bool {
	return slices.Contains(m.alerts, l.alert.ID) && (l.alert.Event.ID != "" || !m.sent.Before(l.sent))
}

// covers reports whether what a mail says of a rule is for the alert of a message.
func (s *saying) covers(l *letter) bool { return !s.end && s.mail.contains(l) }

// names reports whether any mail has the alert of a message.
func (b *mailbook) names(l *letter) bool {
	return slices.ContainsFunc(b.mails, func(m *mailed) bool { return m.contains(l) })
}

// hasID reports whether any mail has an alert with an id. A change of a document is a
// change at a time, which is in the id.
func (b *mailbook) hasID(id string) bool {
	return slices.ContainsFunc(b.mails, func(m *mailed) bool { return slices.Contains(m.alerts, id) })
}

// reportsEnd reports whether people know that what they were notified of first at a time is over.
// Where a mail has reported the same as open since the alert was made, nothing is over yet:
// the next sweep looks again.
func (b *mailbook) reportsEnd(l *letter, rule, verdict string, since time.Time) bool {
	if rule == "" {
		return slices.ContainsFunc(b.problems[[3]string{l.alert.GroupID, l.alert.Baseline.Parameter, l.alert.Kind}], func(p problem) bool {
			return p.end && p.since.Equal(since) || !p.end && p.mail.sent.After(l.sent)
		})
	}
	return slices.ContainsFunc(b.rules[[3]string{l.alert.GroupID, rule, verdict}], func(s saying) bool {
		return s.end && s.since.Equal(since) || !s.end && (s.isOver() && !s.mail.sent.Before(since) || !s.isOver() && s.mail.sent.After(l.sent))
	})
}

// knowsProblem reports whether people were notified of the same of a document before, and not
// that this is over, at any time when a notifier got the message. A problem of a newer
// version is worth as much: nobody has to act on an old version any more.
func (b *mailbook) knowsProblem(l *letter) bool {
	a := l.alert
	said := b.problems[[3]string{a.GroupID, a.Baseline.Parameter, a.Kind}]
	same := func(p problem) bool {
		return !p.end && (p.version > a.Baseline.Version || p.version == a.Baseline.Version && p.outcome == a.Outcome && p.severity == a.Severity)
	}
	if slices.ContainsFunc(said, func(p problem) bool { return same(p) && p.mail.sent.After(l.looks[0]) }) {
		return true
	}
	return slices.ContainsFunc(l.looks, func(at time.Time) bool {
		var reported *mailed
		for _, p := range said {
			switch {
			case !p.mail.sent.Before(at):
			case same(p):
				reported = p.mail
			case p.end && reported != nil && p.mail.by != reported.by && !b.forgotten(p.mail):
				reported = nil
			}
		}
		return reported != nil
	})
}

// forgotten reports whether a notifier sent a mail that something is over and could not remember
// that. Until the message comes again, people are not notified of the same thing anew.
func (b *mailbook) forgotten(m *mailed) bool {
	lost := m.isForgotten()
	if lost {
		b.endsForgotten++
	}
	return lost
}

// isForgotten reports whether a notifier may not have noted what its mail says.
func (m *mailed) isForgotten() bool { return m.by.err != nil || m.by.faults > 0 }
