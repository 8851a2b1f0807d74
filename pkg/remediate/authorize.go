package remediate

import (
	"context"
	"errors"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// authorizer is one of the two ways in which RuleWriter authorises.
type authorizer func(ctx context.Context, groupID string, rules []secgroup.ApprovedRule) []error

func authorize(ctx context.Context, groupID string, steps []*step, by authorizer) {
	if len(steps) == 0 {
		return
	}
	rules := make([]secgroup.ApprovedRule, len(steps))
	for i, s := range steps {
		rules[i] = s.approved
	}
	for i, err := range by(ctx, groupID, rules) {
		steps[i].noteAnswer(err)
	}
}

// protect authorises approved traffic before what carries it is revoked: one call
// a direction, and only for so long. The door is closed whatever comes of it.
func (r *Remediator) protect(ctx context.Context, groupID string, p *plan) {
	ctx, cancel := context.WithTimeout(ctx, protectTime)
	defer cancel()
	authorize(ctx, groupID, p.of(protect), r.Writer.Authorize)
}

// protectAgain authorises, once the violations are revoked, what could not be
// authorised before: one more call a direction. The next run can't know any more
// which traffic was interrupted, so this run tries again where a failure may pass.
func (r *Remediator) protectAgain(ctx context.Context, groupID string, p *plan) {
	if p.revokedIn(rule.Ingress)+p.revokedIn(rule.Egress) == 0 {
		return // no approved traffic was interrupted
	}
	ctx, cancel := keepTime(ctx, alertTime)
	defer cancel()
	var again []*step
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		open := p.where(func(s *step) bool {
			return s.role == protect && s.progress == failed && s.approved.Rule.Direction == direction
		})
		again = append(again, r.worthAnotherCall(ctx, groupID, p, open, direction)...)
	}
	_ = r.retry(ctx, func() error { // the errors are the steps'
		authorize(ctx, groupID, slices.DeleteFunc(slices.Clone(again), func(s *step) bool { return s.progress == done }), r.Writer.Authorize)
		var passing error
		for _, s := range again {
			if secgroup.IsTransient(s.err) {
				passing = s.err
			}
		}
		return passing
	})
}

// worthAnotherCall chooses which of the rules of one failed call can be authorised
// by another one.
func (r *Remediator) worthAnotherCall(ctx context.Context, groupID string, p *plan, open []*step, direction rule.Direction) []*step {
	if len(open) == 0 {
		return nil
	}
	switch err := open[0].err; {
	case errors.Is(err, secgroup.ErrFull):
		return open[:min(len(open), p.room(direction))]
	case errors.Is(err, secgroup.ErrDuplicate):
		return r.notLive(ctx, groupID, open)
	case errors.Is(err, secgroup.ErrNotFound):
		// A group or prefix list that does not exist rejects the whole call. An
		// address always exists.
		return slices.DeleteFunc(slices.Clone(open), func(s *step) bool { return s.approved.Rule.Peer.Kind != rule.CIDR })
	case secgroup.IsTransient(err) && len(p.where(func(s *step) bool { return s.progress == delayed })) == 0:
		return open // else the retry authorises it before it revokes
	}
	return nil
}

// defaultQuota is how many rules of a direction EC2 allows a group if nobody asked
// for more (Amazon VPC quotas, "Inbound or outbound rules per security group").
const defaultQuota = 60

// room is how many rules of a direction fit for certain: as many as were revoked,
// or what the default quota leaves.
func (p *plan) room(direction rule.Direction) int {
	revoked := p.revokedIn(direction)
	return max(revoked, defaultQuota-(p.liveRules[direction]-revoked))
}

func (p *plan) revokedIn(direction rule.Direction) int {
	return len(p.where(func(s *step) bool {
		return s.live.Rule.Direction == direction && s.role != probe && (s.progress == done || s.progress == notFound)
	}))
}

// notLive returns the steps whose rules no live rule permits by now. The others
// are done: somebody else, most likely another run, has authorised them.
func (r *Remediator) notLive(ctx context.Context, groupID string, steps []*step) []*step {
	live, err := r.Rules.Rules(ctx, groupID)
	if err != nil {
		return nil // their own error is reported
	}
	var rules []rule.Rule
	for _, l := range live {
		if l.NotCanonical == nil {
			rules = append(rules, l.Rule)
		}
	}
	there := rule.Compile(rules)
	var missing []*step
	for _, s := range steps {
		if there.Permits(s.approved.Rule, rule.Covered) {
			s.noteAnswer(nil)
		} else {
			missing = append(missing, s)
		}
	}
	return missing
}

// restore puts back approved rules that were missing. Where there is no room for
// them, permitted rules that nobody needs make room.
func (r *Remediator) restore(ctx, decisionCtx context.Context, t trail.Trigger, stored baseline.Stored, p *plan) {
	ctx, cancel := keepTime(ctx, alertTime)
	defer cancel()
	authorize(ctx, t.GroupID, p.of(restore), r.Writer.AuthorizeEach)
	full := p.where(func(s *step) bool { return s.role == restore && errors.Is(s.err, secgroup.ErrFull) })
	if !r.makeRoom(decisionCtx, t, stored, p, full) {
		return
	}
	authorize(ctx, t.GroupID, full, r.Writer.AuthorizeEach)
}

// makeRoom revokes as many redundant rules as there are missing ones without room, and
// reports whether there is room now. No event names these rules, so they are put
// on record first.
func (r *Remediator) makeRoom(ctx context.Context, t trail.Trigger, stored baseline.Stored, p *plan, full []*step) bool {
	needed := map[rule.Direction]int{}
	for _, s := range full {
		needed[s.approved.Rule.Direction]++
	}
	record := r.newAlert(t, secgroup.Group{}, stored)
	record.Kind, record.Outcome = p.Kind, alert.AlreadyGone
	var redundant []*step
	for _, l := range p.Redundant {
		if needed[l.Rule.Direction] > 0 {
			needed[l.Rule.Direction]--
			s := &step{role: makeRoom, live: l}
			redundant = append(redundant, s)
			record.Findings = append(record.Findings, redundantFinding(l))
		}
	}
	if len(redundant) == 0 {
		return false
	}
	if err := r.record(ctx, record, p); err != nil {
		r.Log.WarnContext(ctx, "no room is made for missing rules, since that can't be put on record", "group", t.GroupID, "reason", err.Error())
		return false
	}
	p.steps = append(p.steps, redundant...)
	r.revoke(ctx, t.GroupID, p, redundant)
	return slices.ContainsFunc(redundant, func(s *step) bool { return s.progress == done || s.progress == notFound })
}
