package remediate

import (
	"errors"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// role says why a rule is authorised or revoked.
type role uint8

const (
	protect  role = iota // authorise approved traffic that a violation carries
	restore              // authorise an approved rule that was missing
	revoke               // revoke a violation
	probe                // revoke by id a violation that the live rules did not show
	makeRoom             // revoke a permitted rule, so that a missing one fits
	await                // leave a violation until somebody approves it or its time is up
)

// progress is how far a step has got.
type progress uint8

const (
	planned        progress = iota
	waitsForRecord          // not revoked before the alert is out, which then is its record
	delayed                 // not revoked, since that would interrupt approved traffic
	failed
	notFound // what was to be revoked does not exist
	done
)

// step is one rule to authorise or to revoke, and what became of it.
type step struct {
	role      role
	approved  secgroup.ApprovedRule // to authorise
	live      secgroup.LiveRule     // to revoke
	violation judge.Violation       // of revoke and probe
	progress  progress
	err       error
	revokedAt time.Time // when the answer came that confirmed the revoke
}

// noteAnswer notes the answer of a call.
func (s *step) noteAnswer(err error) {
	s.err = err
	switch {
	case err == nil:
		s.progress = done
	case errors.Is(err, secgroup.ErrNotFound) && s.role != protect && s.role != restore:
		s.progress = notFound
	default:
		s.progress = failed
	}
}

// plan is a decision on its way to being carried out.
type plan struct {
	judge.Decision
	steps     []*step
	liveRules map[rule.Direction]int
	note      string   // for the alert
	records   []string // names in the journal
}

// newPlan makes the steps of a decision, in the order in which they are reported.
// Approved traffic is protected only where something is revoked.
func newPlan(d judge.Decision, live []secgroup.LiveRule) *plan {
	p := &plan{Decision: d, liveRules: map[rule.Direction]int{}}
	for _, l := range live {
		p.liveRules[l.Rule.Direction]++
	}
	if d.Enforce {
		for _, a := range d.Protect {
			p.steps = append(p.steps, &step{role: protect, approved: a})
		}
	}
	if d.Restore {
		for _, a := range d.Missing {
			p.steps = append(p.steps, &step{role: restore, approved: a})
		}
	}
	for _, v := range d.Violations {
		s := &step{role: revoke, live: v.LiveRule, violation: v}
		if v.NotLive {
			s.role, s.progress = probe, notFound
		}
		p.steps = append(p.steps, s)
	}
	return p
}

// awaitApproval adds what waits for approval, once that is written.
func (p *plan) awaitApproval() {
	for _, v := range p.Pending {
		p.steps = append(p.steps, &step{role: await, live: v.LiveRule, violation: v, progress: done})
	}
}

// where returns the steps that a condition holds for.
func (p *plan) where(condition func(*step) bool) []*step {
	return slices.DeleteFunc(slices.Clone(p.steps), func(s *step) bool { return !condition(s) })
}

func (p *plan) of(r role) []*step { return p.where(func(s *step) bool { return s.role == r }) }

// isRevokedFirst reports whether a violation can be revoked without waiting for anything:
// a retry of the event would report the rule if this run dies, and the rule
// carries no approved traffic that is to be protected.
func (p *plan) isRevokedFirst(s *step) bool {
	return s.violation.ReportedByRetry && !p.carries(s, func(*step) bool { return true })
}

// carries reports whether a violation may carry traffic that is to be protected,
// by those of the steps that a condition holds for.
func (p *plan) carries(s *step, condition func(*step) bool) bool {
	return !s.violation.Added && slices.ContainsFunc(p.of(protect), func(a *step) bool {
		return mayCarry(s.live.Rule, a.approved.Rule) && condition(a)
	})
}

// mayCarry reports whether a violation may carry traffic of an approved rule. With
// match exact an approved rule for addresses also stands in for a violation for a
// group or a prefix list: then the protocol and the ports decide.
func mayCarry(violation, approved rule.Rule) bool {
	if approved.Peer.Kind == rule.CIDR && violation.Peer.Kind != rule.CIDR {
		approved.Peer = violation.Peer
	}
	_, carried := rule.Carried(approved, violation)
	return carried
}

// err joins what is to be tried again. A rule that does not exist is not tried again, nor a group that
// EC2 lets nobody change: the next sweep tries again, and a retry before would hear the same.
func (p *plan) err() error {
	var errs []error
	for _, s := range p.steps {
		if !secgroup.IsUnchangeable(s.err) && !errors.Is(s.err, secgroup.ErrNotFound) {
			errs = append(errs, s.err)
		}
	}
	return errors.Join(errs...)
}

// closedAt is when the last rule was revoked that the event opened. It is zero where
// none was: of other rules nobody knows since when they were open.
func (p *plan) closedAt() (at time.Time) {
	for _, s := range p.steps {
		if s.violation.OpenedByEvent && s.revokedAt.After(at) {
			at = s.revokedAt
		}
	}
	return at
}
