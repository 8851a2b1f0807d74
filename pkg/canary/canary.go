// Package canary proves the whole road from a call to EC2 to the alert: it opens
// a harmless rule as an intruder would, and waits for it to be reverted and reported.
package canary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

const (
	// opening is the CloudTrail event of the canary's call. An alert of a sweep
	// would not prove that events come.
	opening = "AuthorizeSecurityGroupIngress"
	// LongestPoll is the most that Receive is asked to wait. SQS would wait 20 s,
	// but awserr's clients end an attempt before that.
	LongestPoll = 5 * time.Second
	// betweenLooks is how long to wait before looking at the rule again.
	betweenLooks = 2 * time.Second
	// cleanUpTime is kept for revoking the rule, whatever else takes long.
	cleanUpTime = 30 * time.Second
)

// Group is the sentinel group.
type Group interface {
	// Open authorises alert.CanaryRule and returns its id, sgr-….
	Open(ctx context.Context) (ruleID string, err error)
	// Opened returns the ids of the live rules that are alert.CanaryRule.
	Opened(ctx context.Context) (ruleIDs []string, err error)
	// Close revokes rules. One that is not live is no error.
	Close(ctx context.Context, ruleIDs []string) error
}

// Inbox is a subscription to the alerts of kind canary. Receive waits for some,
// for at most so long, and gives each once; none is no error.
type Inbox interface {
	Receive(ctx context.Context, longest time.Duration) ([]alert.Alert, error)
}

// Canary is one that is let fly by Run.
type Canary struct {
	Group   Group
	Inbox   Inbox
	GroupID string
	Enforce bool          // MODE=enforce; else the rule is to be reported, not reverted
	Within  time.Duration // how long the revert and its alert may take
	Log     *slog.Logger
	Now     func() time.Time
	Pause   func(ctx context.Context, d time.Duration)
}

// Result is what the function returns where all is well.
type Result struct {
	Outcome alert.Outcome `json:"outcome"` // reverted, or would-revert in mode alert
	RuleID  string        `json:"ruleId"`
	Seconds float64       `json:"seconds"` // from the rule's opening until it was both reverted and reported
}

// seen is what became of the rule so far.
type seen struct {
	reported alert.Outcome // as the event's alert says; empty without one
	swept    bool          // a sweep reported
	removed  bool
}

// Run opens the rule and waits. Its error says which part of the road failed.
// However it ends, it leaves no rule of its own.
func (c *Canary) Run(ctx context.Context) (result Result, err error) {
	if err := c.closeLeftovers(ctx); err != nil {
		return Result{}, err
	}
	start := c.Now()
	id, err := c.Group.Open(ctx)
	if err != nil { // the call may have had its effect all the same
		return Result{}, errors.Join(fmt.Errorf("open %s on %s: %w", alert.CanaryRule, c.GroupID, err), c.closeLeftovers(ctx))
	}
	deadline := c.deadline(ctx, start)
	saw, err := c.watch(ctx, id, deadline)
	took := c.Now().Sub(start)
	if !saw.removed {
		err = errors.Join(err, c.close(ctx, id))
	}
	if err == nil { // else it isn't known what became of the rule
		err = c.complaint(saw, deadline.Sub(start))
	}
	if err != nil {
		return Result{}, fmt.Errorf("canary %s on %s: %w", id, c.GroupID, err)
	}
	result = Result{Outcome: alert.Reverted, RuleID: id, Seconds: took.Seconds()}
	if !c.Enforce {
		result.Outcome = alert.WouldRevert
	}
	c.Log.InfoContext(ctx, "canary", "outcome", result.Outcome, "group", c.GroupID, "rule", id, "seconds", result.Seconds)
	return result, nil
}

// closeLeftovers revokes what a run that was interrupted, or a call whose answer was
// lost, has left.
func (c *Canary) closeLeftovers(ctx context.Context) error {
	ids, err := c.Group.Opened(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	c.Log.WarnContext(ctx, "a canary that nobody waits for", "group", c.GroupID, "rules", ids)
	return c.Group.Close(ctx, ids)
}

// deadline leaves time to clean up before the function's own.
func (c *Canary) deadline(ctx context.Context, start time.Time) time.Time {
	deadline := start.Add(c.Within)
	if end, limited := ctx.Deadline(); limited && end.Add(-cleanUpTime).Before(deadline) {
		return end.Add(-cleanUpTime)
	}
	return deadline
}

// close works also when ctx has ended.
func (c *Canary) close(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	return c.Group.Close(ctx, []string{id})
}

// complaint says what did not happen, nil where all did.
func (c *Canary) complaint(saw seen, within time.Duration) error {
	var wrong string
	switch {
	case c.Enforce && !saw.removed && saw.reported == "":
		wrong = "not revoked and not reported"
	case c.Enforce && !saw.removed:
		wrong = fmt.Sprintf("reported as %s, but not revoked", saw.reported)
	case saw.reported == "" && saw.removed:
		wrong = "revoked, but not reported"
	case saw.reported == "":
		wrong = "not reported"
	default:
		return nil
	}
	if saw.swept && saw.reported == "" {
		wrong += " (only by a sweep, so no event came)"
	}
	return fmt.Errorf("%s within %s", wrong, within)
}
