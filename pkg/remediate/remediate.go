// Package remediate owns the order of things: read the live rules and the
// baseline in parallel, judge, act, tell. It is two sequential round trips to
// AWS from the start to the revoke, three where approved traffic has to be
// authorised first.
package remediate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Remediator judges groups and reverts what their baselines don't permit. All
// fields must be set. It keeps nothing between runs and may be used
// concurrently.
type Remediator struct {
	Rules     RuleReader
	Groups    GroupFinder
	Writer    RuleWriter
	Baselines BaselineReader
	Alerts    Publisher
	Log       *slog.Logger
	Now       func() time.Time
	// Enforce is false in MODE=alert: nothing is changed in EC2, whatever the
	// baselines say.
	Enforce bool
	// Prefix is the path under which the baselines are, for alerts.
	Prefix string
}

// alertTime is kept of the invocation's time so that the alert can be sent
// even when a call to EC2 hangs.
const alertTime = 5 * time.Second

// Handle takes one message from EventBridge all its way. The result is for
// json.Marshal: the alert, or why there is none. An error asks for the message
// to be delivered again; the result then still says what is known.
func (r *Remediator) Handle(ctx context.Context, message []byte) (any, error) {
	trigger, nothing := trail.Parse(message)
	if nothing != "" {
		return r.nothing(ctx, trigger, nothing), nil
	}
	for _, err := range trigger.Unreadable {
		r.Log.WarnContext(ctx, "part of the event can't be read; the live rules decide", "event", trigger.EventID, "reason", err.Error())
	}
	if trigger.GroupID == "" {
		group, err := r.Groups.GroupNamed(ctx, trigger.GroupName)
		if errors.Is(err, ErrGone) {
			return r.nothing(ctx, trigger, fmt.Sprintf("there is no group named %q in the default VPC", trigger.GroupName)), nil
		}
		if err != nil {
			return nil, fmt.Errorf("find the group named %q: %w", trigger.GroupName, err)
		}
		trigger.GroupID = group.ID
	}
	return r.reconcile(ctx, trigger)
}

func (r *Remediator) nothing(ctx context.Context, t trail.Trigger, reason string) alert.Nothing {
	r.Log.InfoContext(ctx, "nothing to do", "event", t.EventID, "name", t.EventName, "group", t.GroupID, "reason", reason)
	return alert.Nothing{Outcome: alert.None, Reason: reason}
}

func (r *Remediator) reconcile(ctx context.Context, t trail.Trigger) (any, error) {
	actCtx, cancel := keepTime(ctx, alertTime)
	defer cancel()
	live, stored, err := r.read(actCtx, t.GroupID)
	switch {
	case errors.Is(err, baseline.ErrNone):
		return r.nothing(ctx, t, fmt.Sprintf("there is no baseline at %s/groups/%s: the group is left alone", r.Prefix, t.GroupID)), nil
	case errors.As(err, new(*unreadableBaseline)):
		return r.reportBaseline(ctx, t, stored, err, err)
	case err != nil:
		return nil, err
	}
	doc, err := baseline.Decode(stored.Value, t.GroupID)
	if err != nil {
		return r.reportBaseline(ctx, t, stored, err, nil) // a retry would read the same
	}
	v := judge(t.Changes, live, doc, r.Now())
	if len(v.violations) == 0 && len(v.unreadable) == 0 {
		return r.nothing(ctx, t, "the baseline permits every rule of the group"), nil
	}
	return r.act(ctx, actCtx, t, stored, v, r.Enforce && doc.Enforces())
}

// keepTime returns a context that ends some time before ctx does.
func keepTime(ctx context.Context, keep time.Duration) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-keep))
	}
	return context.WithCancel(ctx)
}

type unreadableBaseline struct{ error }

func (e *unreadableBaseline) Unwrap() error { return e.error }

// read takes one round trip: the live rules and the baseline at once. A
// baseline is always read afresh.
func (r *Remediator) read(ctx context.Context, groupID string) (live []LiveRule, stored baseline.Stored, err error) {
	var baselineErr, rulesErr error
	var both sync.WaitGroup
	both.Go(func() { live, rulesErr = r.Rules.Rules(ctx, groupID) })
	both.Go(func() { stored, baselineErr = r.Baselines.Baseline(ctx, groupID) })
	both.Wait()
	switch {
	case errors.Is(baselineErr, baseline.ErrNone):
		return nil, stored, baselineErr
	case baselineErr != nil:
		return nil, stored, &unreadableBaseline{fmt.Errorf("read the baseline of %s: %w", groupID, baselineErr)}
	case rulesErr != nil:
		return nil, stored, fmt.Errorf("read the rules of %s: %w", groupID, rulesErr)
	}
	return live, stored, nil
}
