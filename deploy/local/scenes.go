package main

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// exceptionTime is how long the exception is valid, at least; expiry is in whole seconds.
const exceptionTime = 3 * time.Second

// revoked is a scene in which a rule has to go.
func revoked(title, group, text, by string) *scene {
	return &scene{
		title: title, group: group, rule: text, by: by, expected: "revoked", otherwise: "still there", brief: true, kind: alert.Drift,
		until:    func(live []string) bool { return !slices.Contains(live, text) },
		findings: map[string]alert.Action{text: alert.ActionRevoked},
	}
}

func (st *stage) intrusion(title, group, text string, brief bool) *scene {
	s := revoked(title, group, text, "mallory")
	s.brief = brief
	s.play = func(ctx context.Context, s *scene) error {
		st.whole.Store(!brief)
		defer st.whole.Store(false)
		answered, err := st.open(ctx, s)
		if err != nil {
			return err
		}
		return st.watch(ctx, s, answered)
	}
	return s
}

func (st *stage) approvedChange(ctx context.Context, s *scene) error {
	document, err := st.groups.Named(s.group).Baseline(s.rule)
	if err != nil {
		return err
	}
	if _, err := st.push(ctx, s, "ana", document, "which permits "+s.rule); err != nil {
		return err
	}
	answered, err := st.open(ctx, s)
	if err != nil {
		return err
	}
	if err := st.waitIdle(ctx); err != nil {
		return err
	}
	s.elapsed = time.Since(answered)
	return st.stillThere(ctx, s, "judged; it stays")
}

// widening modifies an approved rule into the scene's.
func (st *stage) widening(approved string) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		group := st.groups.Named(s.group)
		if live, err := reference.Live(ctx, st.ec2, group.ID); err != nil || !slices.Contains(live, approved) {
			s.fail(st.screen, "there is no "+approved+" to widen")
			return err
		}
		if err := reference.Modify(ctx, st.client(s), group.ID, approved, s.rule); err != nil {
			return err
		}
		answered := time.Now()
		st.screen.printf("  %s makes %s of it with ModifySecurityGroupRules; EC2 says yes\n", s.by, s.rule)
		return st.watch(ctx, s, answered)
	}
}

func (st *stage) removal(title, group, text string) *scene {
	return &scene{
		title: title, group: group, rule: text, by: "mallory", expected: "restored", otherwise: "not put back", brief: true, kind: alert.Drift,
		until:    func(live []string) bool { return slices.Contains(live, text) },
		findings: map[string]alert.Action{text: alert.ActionRestored},
		play: func(ctx context.Context, s *scene) error {
			document, err := st.groups.Named(s.group).Baseline()
			if err != nil {
				return err
			}
			document.Restore = true
			if _, err := st.push(ctx, s, "ana", document, "which says restore: true"); err != nil {
				return err
			}
			if err := reference.Revoke(ctx, st.client(s), document.GroupID, s.rule); err != nil {
				return err
			}
			answered := time.Now()
			st.screen.printf("  %s revokes %s of %s; EC2 says yes\n", s.by, st.withNames(s.rule), s.group)
			return st.watch(ctx, s, answered)
		},
	}
}

func (st *stage) exception(title, group, text string) *scene {
	s := revoked(title, group, text, "ana")
	s.kind = alert.ExceptionExpired
	s.play = func(ctx context.Context, s *scene) error {
		expires := time.Now().Truncate(time.Second).Add(time.Second + exceptionTime)
		document, err := st.groups.Named(s.group).Baseline()
		if err != nil {
			return err
		}
		r, err := rule.Parse(s.rule)
		if err != nil {
			return err
		}
		if err := document.AllowUntil(r, "", expires, "INC-1234 repair", "ana@example.com"); err != nil {
			return err
		}
		if _, err := st.push(ctx, s, "ana", document, "which permits it until "+expires.UTC().Format("15:04:05 UTC")); err != nil {
			return err
		}
		if _, err := st.open(ctx, s); err != nil {
			return err
		}
		if err := st.waitIdle(ctx); err != nil {
			return err
		}
		if time.Now().Before(expires) { // on a slow machine the event itself may come too late
			if err := st.stillThere(ctx, s, "judged; it stays while the exception lasts"); err != nil || s.problem != "" {
				return err
			}
		}
		select {
		case <-time.After(time.Until(expires)):
		case <-ctx.Done():
			return ctx.Err()
		}
		return st.sweep(ctx, s)
	}
	return s
}

func (st *stage) unheard(title, group, text string) *scene {
	s := revoked(title, group, text, "mallory")
	s.unheard = true
	s.play = func(ctx context.Context, s *scene) error {
		if _, err := st.open(ctx, s); err != nil {
			return err
		}
		if err := st.waitIdle(ctx); err != nil {
			return err
		}
		if err := st.stillThere(ctx, s, "no event comes; it stays, until the next sweep"); err != nil || s.problem != "" {
			return err
		}
		return st.sweep(ctx, s)
	}
	return s
}

// sweep runs what is on a schedule and watches what comes of the scene's rule.
func (st *stage) sweep(ctx context.Context, s *scene) error {
	begun := time.Now()
	deliveries, err := st.RunSchedules(ctx)
	if err != nil {
		return err
	}
	for _, d := range deliveries {
		var summary struct{ Reason string }
		if err := json.Unmarshal(d.Result.Payload, &summary); err != nil || d.Result.Error != nil {
			s.fail(st.screen, "the sweep failed: "+string(d.Result.Payload))
			return nil
		}
		st.screen.printf("  the scheduled sweep runs: %s\n", summary.Reason)
	}
	return st.watch(ctx, s, begun)
}
