package replay

import (
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// judgeCall judges a group after a call. unsure are the changes of the call of which nobody
// knows the direction.
func (r *Replay) judgeCall(g *group, t trail.Trigger, unsure []trail.Change) error {
	for _, c := range unsure {
		if r.dependsOnDirection(g, t, c) {
			r.notJudged(t, "the record does not say the direction of the rule that was modified, and only one direction would be a violation")
		}
	}
	return r.judge(g, t, t.Time)
}

// dependsOnDirection reports whether a rule would be a violation in one direction only.
// Package judge then takes the rule for no violation, since the remediator would have seen
// the live rule. A replay has no live rule to see.
func (r *Replay) dependsOnDirection(g *group, t trail.Trigger, c trail.Change) bool {
	t.Changes = nil
	for _, directed := range c.Rules() {
		t.Changes = append(t.Changes, trail.Change{Rule: directed, RuleID: c.RuleID})
	}
	byEvent := map[rule.Rule]bool{}
	for _, v := range r.decide(g, t, t.Time).Violations {
		if v.NotLive && v.ID == c.RuleID {
			byEvent[v.Rule] = true
		}
	}
	return len(byEvent) == 1
}

// decide asks package judge about a group. The restore of missing approved rules is not
// replayed, and so it is not asked for.
func (r *Replay) decide(g *group, t trail.Trigger, now time.Time) judge.Decision {
	documents := r.options.Documents
	t.MayRemove = false
	grounds := judge.Grounds{Approvals: r.approvals(g, now)}
	doc := documents.Baselines[g.id]
	enforces := doc != nil && doc.Enforces() || doc == nil && documents.Guardrail.Enforces()
	// A pause and mode alert come before trust: the remediator reports such a violation.
	if _, trusted := r.trusted(t); trusted && enforces && !r.isPaused(now) {
		grounds.Trusted = true
	}
	if doc != nil {
		return judge.ByBaseline(doc, grounds, t, g.live, now)
	}
	return judge.ByGuardrail(documents.Guardrail, grounds, t, g.live, now)
}

func (r *Replay) trusted(t trail.Trigger) (baseline.Principal, bool) {
	if r.options.Documents.Trust == nil || t.Principal == "" {
		return baseline.Principal{}, false
	}
	return r.options.Documents.Trust.Find(t.Principal)
}

func (r *Replay) isPaused(now time.Time) bool {
	d := r.options.Documents
	return d.Pause != nil && d.Pause.Active(now) && !now.Before(d.PausedFrom)
}

// judge judges a group at a time, and carries out what sgwarden would have done. The
// trigger has no event's id where no call is judged, as in a sweep.
func (r *Replay) judge(g *group, t trail.Trigger, now time.Time) error {
	d := r.decide(g, t, now)
	outcome := alert.WouldRevert
	if d.Enforce && !r.isPaused(now) {
		outcome = alert.Reverted
	}
	acted := map[alert.Outcome]bool{}
	for _, v := range d.Violations {
		isOfCall, err := r.act(g, t, v, finding{d.Kind, outcome, now, t.EventID == ""})
		if err != nil {
			return err
		}
		acted[outcome] = acted[outcome] || isOfCall
	}
	for _, v := range d.Pending {
		if _, err := r.act(g, t, v, finding{d.Kind, alert.Pending, now, false}); err != nil {
			return err
		}
		acted[alert.Pending] = true
	}
	r.writePendingApproval(g, t, d.Pending)
	for outcome, isOfCall := range acted {
		if isOfCall {
			*r.counts.calls.of(outcome)++
		}
	}
	return nil
}

// finding is what was found of a rule, and when.
type finding struct {
	kind    alert.Kind
	outcome alert.Outcome
	at      time.Time
	swept   bool // no call was judged: something ended, or a description was taken over
}

// act does what sgwarden would have done about a violation, unless sgwarden would have reported
// of the rule before. It reports whether the call that is judged opened the rule.
func (r *Replay) act(g *group, t trail.Trigger, v judge.Violation, f finding) (isOfCall bool, err error) {
	i := -1
	if !v.NotLive {
		i = g.index(v.ID, v.Rule)
	}
	m := mark{}
	switch {
	case i >= 0:
		m = g.marks[i]
	case v.OpenedByEvent:
		m.opener = openerOf(t)
	}
	if m.reported && !v.OpenedByEvent {
		return false, nil
	}
	isOfCall = t.EventID != "" && m.opener.eventID == t.EventID
	switch {
	case i < 0 || f.outcome == alert.Pending:
	case f.outcome == alert.Reverted:
		g.revoke(i)
	default:
		g.marks[i].reported = true
	}
	return isOfCall, r.addRevert(g, v, m, f)
}

// addRevert counts a violation and hands it on.
func (r *Replay) addRevert(g *group, v judge.Violation, m mark, f finding) error {
	reason := v.Reason()
	switch {
	case m.isNew:
		reason += "; the rule came with the new group"
	case m.opener == (opener{}):
		reason += "; the history does not have the call that opened the rule"
	}
	revert := Revert{
		Time: f.at, Account: g.account, Region: g.region, GroupID: g.id, GroupName: g.name,
		Rule: v.Rule.String(), RuleID: v.ID, Actor: m.opener.actor, EventID: m.opener.eventID, EventName: m.opener.eventName,
		Reason: reason, Kind: f.kind, Outcome: f.outcome,
	}
	r.counts.revert(revert, r.options.Documents.Baselines[g.id] != nil, v.Rule)
	if f.swept && revert.Actor != "" {
		r.counts.ended++
	}
	if err := r.each(revert); err != nil {
		return fmt.Errorf("hand on what sgwarden would have done about %s of %s: %w", revert.Rule, g.id, err)
	}
	return nil
}

// writePendingApproval writes the approval that lets what a trusted principal opened wait.
func (r *Replay) writePendingApproval(g *group, t trail.Trigger, pending []judge.Violation) {
	principal, trusted := r.trusted(t)
	if len(pending) == 0 || !trusted {
		return
	}
	a := &baseline.Approval{
		Name: judge.PendingPrefix + t.EventID, Expires: t.Time.Add(principal.Pending),
		Reason: "opened by the trusted principal " + principal.ARN,
	}
	for _, v := range pending {
		a.Rules = append(a.Rules, v.Rule)
	}
	g.pending = append(g.pending, a)
	r.due.add(due{at: a.Expires, groupID: g.id})
}
