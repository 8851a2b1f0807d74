package metrics

import (
	"cmp"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/canary"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/sweep"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Result adds what became of an event.
func (l *Line) Result(r remediate.Result) {
	if l == nil {
		return
	}
	about := r.Subject
	if r.Alert != nil {
		about.GroupID = cmp.Or(r.Alert.GroupID, about.GroupID)
	}
	l.Set("eventId", about.EventID)
	l.Set("eventName", about.EventName)
	l.Set("groupId", about.GroupID)
	l.Set("actor", about.ActorARN)
	l.Set("outcome", string(r.Outcome()))
	if r.Cause == trail.UnknownGroup {
		l.Add(LostEvents, 1)
	}
	if r.Alert == nil {
		l.Ignore(r.Cause, r.Reason)
		return
	}
	l.setAlert(*r.Alert)
	l.countResult(r)
	if seconds := r.Alert.ExposureSeconds; seconds != nil && r.Alert.Kind != alert.CanaryKind {
		l.Add(ExposureSeconds, *seconds)
	}
}

// setAlert adds an alert in short. The whole alert is on the topic.
func (l *Line) setAlert(a alert.Alert) {
	l.Set("kind", string(a.Kind))
	l.Set("severity", string(a.Severity))
	l.Set("alertId", a.ID)
	l.Set("explanation", a.Reason)
	if len(a.Findings) == 0 {
		return
	}
	verdicts, actions := map[alert.Verdict]int{}, map[alert.Action]int{}
	texts := make([]string, len(a.Findings))
	for i, f := range a.Findings {
		verdicts[f.Verdict]++
		actions[f.Action]++
		texts[i] = fmt.Sprintf("%s %s %s", f.Action, f.Rule, f.RuleID)
	}
	l.Set("verdicts", verdicts)
	l.Set("actions", actions)
	l.Set("findings", texts) // the first
}

// countResult counts what became of the rules of a group, and documents that can't be
// used.
func (l *Line) countResult(r remediate.Result) {
	a := r.Alert
	if a == nil || a.Kind == alert.CanaryKind {
		return
	}
	if a.Kind == alert.BaselineError {
		l.Add(UnreadableDocuments, 1)
	}
	if a.Kind == alert.BaselineChanged { // its findings are permitted until the grace ends
		return
	}
	failed := -r.DelayedRevokes()
	l.addSome(Held, r.DelayedRevokes())
	for _, f := range a.Findings {
		if f.Verdict == alert.Violation {
			l.Add(Violations, 1)
		}
		switch f.Action {
		case alert.ActionRevoked:
			l.Add(Reverted, 1)
		case alert.ActionRestored:
			l.Add(Restored, 1)
		case alert.ActionFailed:
			failed++
		}
	}
	l.addSome(Failed, failed)
}

func (l *Line) addSome(name Name, n int) {
	if n > 0 {
		l.Add(name, float64(n))
	}
}

// Swept counts what a sweep did about one group or one document.
func (l *Line) Swept(r remediate.Result) {
	if l == nil {
		return
	}
	l.countResult(r)
	if r.Alert != nil && r.Alert.Kind == alert.Drift && revokes(*r.Alert) {
		l.Add(LostEvents, 1)
	}
}

func revokes(a alert.Alert) bool {
	for _, f := range a.Findings {
		if f.Action == alert.ActionRevoked && f.Verdict == alert.Violation {
			return true
		}
	}
	return false
}

// Summary adds a sweep. Its gauges are in the line also where they are 0, so that an
// alarm on one of them ends.
func (l *Line) Summary(s sweep.Summary) {
	if l == nil {
		return
	}
	l.Set("outcome", string(s.Outcome))
	l.Set("explanation", s.Reason)
	l.Set("groups", s.Groups)
	l.Set("rules", s.Rules)
	l.Set("baselines", s.Baselines)
	l.Set("drifting", s.Drifting)
	l.Set("late", s.Late)
	l.Set("errors", s.Errors)
	l.Set("next", s.Next)
	l.Add(UnreadableDocuments, 0)
	l.Add(LostEvents, 0)
	l.addSome(ForeignGroups, s.Foreign)
	if s.Unguarded != nil {
		l.Add(UnguardedGroups, float64(*s.Unguarded))
	}
}

// Canary adds a canary that was reverted and reported.
func (l *Line) Canary(r canary.Result) {
	if l == nil {
		return
	}
	l.Set("outcome", string(r.Outcome))
	l.Set("ruleId", r.RuleID)
	l.Add(CanarySeconds, r.Seconds)
}
