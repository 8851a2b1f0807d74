// Package remediate owns the order of things: read the live rules and the
// documents in parallel, have them judged, carry the decision out, report. From the
// start to the revoke of what an event opened there are two sequential round trips
// to AWS, and three where a rule is revoked that carried approved traffic.
package remediate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Remediator has groups judged and reverts what their baselines don't permit. All
// fields but Lists, ListDocuments, Sweeps, OnlyTagged, Grace, OwnRoles and CanaryGroup must be set. Between runs it keeps nothing that a
// decision rests on, and it may be used concurrently.
type Remediator struct {
	Rules     RuleReader
	Groups    GroupFinder
	Around    Surroundings
	Writer    RuleWriter
	Baselines BaselineReader
	History   HistoryReader
	Approvals ApprovalWriter
	Alerts    Publisher
	Journal   Journal
	// Lists and ListDocuments are needed only where managed prefix lists are judged.
	Lists         PrefixLists
	ListDocuments ListDocumentReader
	// Sweeps is asked for a sweep where an event does not say which group changed.
	// Nil leaves that to the schedule.
	Sweeps SweepRequester
	Log    *slog.Logger
	Now    func() time.Time
	// Pause waits before something is tried again, at most until ctx ends.
	Pause func(ctx context.Context, d time.Duration)
	// Enforce is false in MODE=alert: nothing is changed in EC2, whatever the
	// baselines say.
	Enforce bool
	// OnlyTagged is the value of the tag secgroup.TagKey without which a group is treated
	// as with Enforce false. Empty for none.
	OnlyTagged string
	// Grace is how long what a baseline permitted before a change stays permitted.
	Grace time.Duration
	// OwnRoles are the ARNs of sgwarden's own IAM roles.
	OwnRoles []string
	// Prefix is the path under which the baselines are.
	Prefix string
	// CanaryGroup is the group that the canary opens; empty where there is none.
	CanaryGroup string

	probes pace
}

// alertTime is kept of the invocation's time so that the alert can be sent
// even when a call to EC2 hangs.
const alertTime = 5 * time.Second

// decisionTime is how old what was read may be when a rule is revoked: somebody
// may have approved the rule since. What takes longer is for the retry, which
// reads anew.
const decisionTime = 20 * time.Second

// Handle takes one message from EventBridge all its way. An error asks for the
// message to be delivered again.
func (r *Remediator) Handle(ctx context.Context, message []byte) (Result, error) {
	t, ignored := trail.Parse(message)
	result, err := r.handle(ctx, t, ignored)
	result.Subject = Subject{EventID: t.EventID, EventName: t.EventName, GroupID: t.GroupID, PrefixListID: t.PrefixListID, ActorARN: t.Actor.ARN}
	return result, err
}

func (r *Remediator) handle(ctx context.Context, t trail.Trigger, ignored *trail.Nothing) (Result, error) {
	if ignored != nil && ignored.NeedsSweep {
		return r.askForSweep(ctx, t, ignored.Reason)
	}
	if ignored != nil {
		return r.nothing(ctx, t, ignored.Cause, ignored.Reason), nil
	}
	for _, err := range t.Unparsed {
		r.Log.WarnContext(ctx, "part of the event can't be read; the live rules decide", "event", t.EventID, "reason", err.Error())
	}
	switch {
	case t.Kind == trail.ParameterChanged:
		return r.parameterChanged(ctx, t)
	case t.Kind == trail.VPCCreated:
		return r.vpcCreated(ctx, t)
	case t.Kind == trail.VPCDeleted:
		return r.vpcDeleted(ctx, t)
	case t.Kind == trail.UseChanged:
		return r.useChanged(ctx, t)
	case t.Kind == trail.PrefixListChanged:
		return r.ReconcileList(ctx, t)
	case t.Kind == trail.PrefixListDeleted:
		return r.listDeleted(ctx, t)
	case t.GroupID == "" && t.Kind == trail.GroupDeleted:
		return r.askForSweep(ctx, t, fmt.Sprintf("a group named %q was deleted, and deleted groups can't be looked up by name", t.GroupName))
	case t.Kind == trail.GroupDeleted:
		return r.deleted(ctx, t)
	case t.GroupID == "":
		return r.reconcileByName(ctx, t)
	}
	return r.Reconcile(ctx, t)
}

func (r *Remediator) reconcileByName(ctx context.Context, t trail.Trigger) (Result, error) {
	group, err := r.Groups.GroupByName(ctx, t.GroupName)
	switch {
	case errors.Is(err, secgroup.ErrNotFound):
		return r.askForSweep(ctx, t, fmt.Sprintf("there is no group named %q in the default VPC", t.GroupName))
	case err != nil:
		return r.retryOrReport(ctx, t, alert.Drift, baseline.Stored{}, fmt.Errorf("find the group named %q: %w", t.GroupName, err))
	}
	t.GroupID, t.LookedUp = group.ID, true
	return r.Reconcile(ctx, t)
}

func (r *Remediator) nothing(ctx context.Context, t trail.Trigger, cause trail.Cause, reason string) Result {
	r.Log.InfoContext(ctx, "nothing to do", "event", t.EventID, "name", t.EventName, "group", t.GroupID, "reason", reason)
	return nothing(cause, reason)
}

// askForSweep is for a change of a group that can't be found. The template counts these
// lines by their message. A sweep finds what changed.
func (r *Remediator) askForSweep(ctx context.Context, t trail.Trigger, reason string) (Result, error) {
	r.Log.ErrorContext(ctx, "no group can be found", "event", t.EventID, "name", t.EventName, "reason", reason)
	if r.Sweeps == nil {
		return nothing(trail.UnknownGroup, reason), nil
	}
	if err := r.Sweeps.Ask(ctx, reason); err != nil {
		return nothing(trail.UnknownGroup, reason), fmt.Errorf("ask for a sweep after event %s: %w", t.EventID, err)
	}
	return nothing(trail.UnknownGroup, reason+"; a sweep was asked for"), nil
}

// retry tries, a few times and while there is time, what no later run could
// make up for. The SDK has tried each time by itself already.
func (r *Remediator) retry(ctx context.Context, try func() error) error {
	const most = 6
	err := try()
	for n := 1; err != nil && n < most && ctx.Err() == nil; n++ {
		r.Pause(ctx, time.Duration(n)*time.Second)
		err = try()
	}
	return err
}

// keepTime returns a context that ends some time before ctx does.
func keepTime(ctx context.Context, keep time.Duration) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-keep))
	}
	return context.WithCancel(ctx)
}
