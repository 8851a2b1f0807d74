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

// Result tells what became of an event.
func (l *Line) Result(r remediate.Result) {
	if l == nil {
		return
	}
	about := r.Subject
	if r.Alert != nil {
		about.GroupID = cmp.Or(r.Alert.GroupID, about.GroupID)
	}
	l.Tell("eventId", about.EventID)
	l.Tell("eventName", about.EventName)
	l.Tell("groupId", about.GroupID)
	l.Tell("actor", about.ActorARN)
	l.Tell("outcome", string(r.Outcome()))
	if r.Cause == trail.UnknownGroup {
		l.Add(LostEvents, 1)
	}
	if r.Alert == nil {
		l.Ignore(r.Cause, r.Reason)
		return
	}
	l.tellAlert(*r.Alert)
	l.countResult(r)
	if seconds := r.Alert.ExposureSeconds; seconds != nil && r.Alert.Kind != alert.CanaryKind {
		l.Add(ExposureSeconds, *seconds)
	}
}

// tellAlert tells an alert in short. The whole alert is on the topic.
func (l *Line) tellAlert(a alert.Alert) {
	l.Tell("kind", string(a.Kind))
	l.Tell("severity", string(a.Severity))
	l.Tell("alertId", a.ID)
	l.Tell("explanation", a.Reason)
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
	l.Tell("verdicts", verdicts)
	l.Tell("actions", actions)
	l.Tell("findings", texts) // the first
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
	failed := -r.Held()
	l.addSome(Held, r.Held())
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

// Summary tells a sweep. Its gauges are in the line also where they are 0, so that an
// alarm on one of them ends.
func (l *Line) Summary(s sweep.Summary) {
	if l == nil {
		return
	}
	l.Tell("outcome", string(s.Outcome))
	l.Tell("explanation", s.Reason)
	l.Tell("groups", s.Groups)
	l.Tell("rules", s.Rules)
	l.Tell("baselines", s.Baselines)
	l.Tell("drifting", s.Drifting)
	l.Tell("late", s.Late)
	l.Tell("errors", s.Errors)
	l.Tell("next", s.Next)
	l.Add(UnreadableDocuments, 0)
	l.Add(LostEvents, 0)
	l.addSome(ForeignGroups, s.Foreign)
	if s.Unguarded != nil {
		l.Add(UnguardedGroups, float64(*s.Unguarded))
	}
}

// Canary tells a canary that was reverted and told.
func (l *Line) Canary(r canary.Result) {
	if l == nil {
		return
	}
	l.Tell("outcome", string(r.Outcome))
	l.Tell("ruleId", r.RuleID)
	l.Add(CanarySeconds, r.Seconds)
}
