package notify

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/mail"
	"github.com/sgwarden/sgwarden/pkg/told"
)

// story is what one mail tells, and where it comes from.
type story struct {
	alerts    []received // the worst first
	who       string     // key of the actor; empty where it is not known
	reminders map[mail.Ref]mail.Reminder
	sent      bool
}

func (s story) mail() mail.Story {
	m := mail.Story{Reminders: s.reminders}
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

// group makes stories of merged alerts, the worst first. A story is one act: the alerts
// of one event, and of other events of the same role and session and of the same sort.
// What no event explains is a story, and what is over is another.
func group(alerts []received) []story {
	alerts = expected(alerts)
	acts := map[string][]received{}
	for _, a := range alerts {
		acts[actOf(a)] = append(acts[actOf(a)], a)
	}
	joined := map[[4]string]*story{}
	for _, act := range slices.Sorted(maps.Keys(acts)) {
		name, who := storyName(acts[act])
		if joined[name] == nil {
			joined[name] = &story{who: who}
		}
		joined[name].alerts = append(joined[name].alerts, acts[act]...)
	}
	var stories []story
	for _, s := range joined {
		slices.SortFunc(s.alerts, compareAlerts)
		stories = append(stories, *s)
	}
	slices.SortFunc(stories, compareStories)
	return stories
}

// actOf is the same for the alerts of one event. An alert without an event is alone.
func actOf(a received) string {
	if a.Event.ID == "" || len(a.Closed) > 0 {
		return "alert\n" + a.ID
	}
	return "event\n" + a.Account + "\n" + a.Region + "\n" + a.Event.ID
}

// storyName says with which acts an act makes a story.
func storyName(act []received) (name [4]string, who string) {
	sort := "rules"
	for _, a := range act {
		if len(a.Closed) > 0 {
			return [4]string{a.Account, "closed"}, ""
		}
		if isDocument(a.Kind) {
			sort = "documents"
		}
		if key := actorKey(a.Actor); who == "" || key != "" && key < who {
			who = key
		}
	}
	return [4]string{act[0].Account, act[0].Region, sort, who}, who
}

// expected puts missing rules that a change of a document explains to that change: who
// approves first and makes the rule later knows that the rule is not live yet.
func expected(alerts []received) []received {
	changes := map[[3]string]received{}
	for _, a := range alerts {
		place := [3]string{a.Account, a.Region, a.GroupID}
		before, found := changes[place]
		if (a.Kind == alert.BaselineChanged || a.Kind == alert.ApprovalChanged) && len(a.PermitsMore) > 0 && (!found || a.ID < before.ID) {
			changes[place] = a
		}
	}
	var split []received
	for _, a := range alerts {
		change, changed := changes[[3]string{a.Account, a.Region, a.GroupID}]
		if !changed || isDocument(a.Kind) || a.Event.ID == change.Event.ID {
			split = append(split, a)
			continue
		}
		absent, rest := apart(a.Findings, func(f alert.Finding) bool {
			return f.Verdict == alert.Missing && f.Action == alert.ActionNone && !f.OpenedByEvent
		})
		for _, moved := range part(a, absent) {
			moved.Event = change.Event
			moved.Alert = alert.New(moved.Alert)
			split = append(split, moved)
		}
		if len(rest) > 0 || len(absent) == 0 {
			split = append(split, append(part(a, rest), withoutFindings(a)...)...)
		}
	}
	return split
}

// withoutFindings is an alert that has none, and nothing for another one.
func withoutFindings(a received) []received {
	if len(a.Findings) == 0 {
		return []received{a}
	}
	return nil
}

func apart(findings []alert.Finding, condition func(alert.Finding) bool) (yes, no []alert.Finding) {
	for _, f := range findings {
		if condition(f) {
			yes = append(yes, f)
		} else {
			no = append(no, f)
		}
	}
	return yes, no
}

// remind makes one story of all reminders of an account.
func remind(alerts []received, book *told.Book) []story {
	byAccount := map[string]*story{}
	for _, a := range alerts {
		s := byAccount[a.Account]
		if s == nil {
			s = &story{reminders: map[mail.Ref]mail.Reminder{}}
			byAccount[a.Account] = s
		}
		s.alerts = append(s.alerts, a)
		for _, ref := range refs(a.Alert) {
			if e, open := book.Entry(ref); open {
				s.reminders[mail.Ref(ref)] = mail.Reminder{Since: e.Since, Told: e.Told + 1}
			}
		}
	}
	var stories []story
	for _, s := range byAccount {
		slices.SortFunc(s.alerts, compareAlerts)
		stories = append(stories, *s)
	}
	return stories
}

// refs are the names of what an alert tells and what may stay.
func refs(a alert.Alert) []told.Ref {
	if isProblem(a) {
		return []told.Ref{problemRef(a)}
	}
	var all []told.Ref
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
		cmp.Compare(a.GroupID, b.GroupID),
		cmp.Compare(a.ID, b.ID),
	)
}

// compareStories puts the worst first, by its worst alert.
func compareStories(a, b story) int { return compareAlerts(a.alerts[0], b.alerts[0]) }
