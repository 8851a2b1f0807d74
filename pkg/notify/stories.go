package notify

import (
	"cmp"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/mail"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

// story is what one mail is about, with the alerts that it was made from.
type story struct {
	alerts    []received // the worst first
	who       string     // key of the actor; empty where it is not known
	reminders map[mail.Ref]mail.Reminder
	sent      bool
}

func (s story) mail() mail.Story {
	m := mail.Story{Reminders: s.reminders, Elsewhere: s.alerts[0].elsewhere}
	for _, a := range s.alerts {
		m.Alerts = append(m.Alerts, a.Alert)
	}
	return m
}

func (s story) messages() []string {
	var ids []string
	for _, a := range s.alerts {
		ids = union(ids, a.messages)
	}
	return ids
}

func (s story) alertIDs() []string {
	var ids []string
	for _, a := range s.alerts {
		ids = union(ids, a.alerts)
	}
	return ids
}

// reminders makes one story of all reminders of an account and region.
func reminders(alerts []received, memory *notified.Memory) []story {
	byOrigin := map[Origin]*story{}
	for _, a := range alerts {
		s := byOrigin[a.origin()]
		if s == nil {
			s = &story{reminders: map[mail.Ref]mail.Reminder{}}
			byOrigin[a.origin()] = s
		}
		s.alerts = append(s.alerts, a)
		for _, ref := range refs(a) {
			if e, open := memory.Find(ref, ""); open {
				s.reminders[mail.Ref{GroupID: a.Subject(), Rule: ref.Rule, Parameter: ref.Parameter, Verdict: ref.Verdict}] = mail.Reminder{Since: e.Since, Notified: e.Notified + 1}
			}
		}
	}
	var stories []story
	for _, s := range byOrigin {
		slices.SortFunc(s.alerts, compareAlerts)
		stories = append(stories, *s)
	}
	return stories
}

// refs are the names of the findings or the problem of an alert that may stay.
func refs(a received) []notified.Ref {
	if isProblem(a.Alert) {
		return []notified.Ref{problemRef(a)}
	}
	var all []notified.Ref
	for _, f := range a.Findings {
		all = append(all, findingRef(a, f))
	}
	return all
}

var (
	severityRank = map[alert.Severity]int{alert.Critical: 0, alert.High: 1, alert.Medium: 2, alert.Low: 3}
	outcomeRank  = map[alert.Outcome]int{
		alert.Failed: 0, alert.Partial: 1, alert.WouldRevert: 2, alert.None: 3, alert.Pending: 4, alert.Reverted: 5, alert.AlreadyGone: 6,
	}
)

// compareAlerts puts the worst first.
func compareAlerts(a, b received) int {
	return cmp.Or(
		cmp.Compare(severityRank[a.Severity], severityRank[b.Severity]),
		cmp.Compare(outcomeRank[a.Outcome], outcomeRank[b.Outcome]),
		cmp.Compare(len(b.Findings), len(a.Findings)),
		cmp.Compare(a.Subject(), b.Subject()),
		cmp.Compare(a.ID, b.ID),
	)
}

// compareStories puts the worst first, by its worst alert.
func compareStories(a, b story) int { return compareAlerts(a.alerts[0], b.alerts[0]) }
