package canary

import (
	"context"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// watch waits for the alert, and then until the rule is revoked: right after a rule
// was opened EC2 may not show it yet, which is not to be taken for a revoke.
func (c *Canary) watch(ctx context.Context, id string, deadline time.Time) (saw seen, err error) {
	for saw.reported == "" && c.Now().Before(deadline) {
		alerts, err := c.Inbox.Receive(ctx, c.patience(deadline))
		if err != nil {
			return saw, err
		}
		for _, a := range alerts {
			saw.note(a, c.GroupID, id)
		}
	}
	for {
		if saw.removed, err = c.isRevoked(ctx, id); err != nil || saw.removed || !c.Enforce || !c.Now().Before(deadline) {
			return saw, err
		}
		c.Pause(ctx, betweenLooks)
		if err := ctx.Err(); err != nil {
			return saw, err
		}
	}
}

// patience is in whole seconds, as SQS counts, and at least one.
func (c *Canary) patience(deadline time.Time) time.Duration {
	left := deadline.Sub(c.Now()).Truncate(time.Second)
	return max(time.Second, min(left, LongestPoll))
}

func (c *Canary) isRevoked(ctx context.Context, id string) (bool, error) {
	ids, err := c.Group.Opened(ctx)
	return err == nil && !slices.Contains(ids, id), err
}

// note takes an alert into account if it names the rule. Others are of earlier
// canaries, and come late.
func (s *seen) note(a alert.Alert, groupID, ruleID string) {
	namesRule := slices.ContainsFunc(a.Findings, func(f alert.Finding) bool { return f.RuleID == ruleID })
	switch {
	case a.Kind != alert.CanaryKind || a.GroupID != groupID || !namesRule:
	case a.Event.Name == opening:
		s.reported = a.Outcome
	default:
		s.swept = true
	}
}
