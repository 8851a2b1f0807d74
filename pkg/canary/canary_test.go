package canary_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/canary"
)

const groupID, ruleID = "sg-0c", "sgr-2"

// world is a sentinel group and an inbox, under a clock that only waiting moves.
type world struct {
	now    time.Time
	opened []string
	closed []string
	// alerts and revokes come when the clock has reached their second.
	alerts  map[int][]alert.Alert
	revoked int // second in which the rule is revoked; 0 for never
	failing string
	polls   []time.Duration
}

var (
	start      = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	errRefused = errors.New("refused")
)

func (w *world) fails(call string) error {
	if w.failing == call {
		return errRefused
	}
	return nil
}

func (w *world) second() int { return int(w.now.Sub(start) / time.Second) }

func (w *world) Open(context.Context) (string, error) {
	if err := w.fails("open"); err != nil {
		return "", err
	}
	w.opened = append(w.opened, ruleID)
	return ruleID, w.fails("open, though it does")
}

func (w *world) Opened(context.Context) ([]string, error) {
	if w.failing == "look again" && len(w.opened) > 0 {
		return nil, errRefused
	}
	if w.revoked > 0 && w.second() >= w.revoked {
		w.opened = slices.DeleteFunc(w.opened, func(id string) bool { return id == ruleID })
	}
	return slices.Clone(w.opened), w.fails("look")
}

func (w *world) Close(ctx context.Context, ids []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.closed = append(w.closed, ids...)
	w.opened = slices.DeleteFunc(w.opened, func(id string) bool { return slices.Contains(ids, id) })
	return w.fails("close")
}

func (w *world) Receive(_ context.Context, longest time.Duration) ([]alert.Alert, error) {
	if err := w.fails("receive"); err != nil {
		return nil, err
	}
	w.polls = append(w.polls, longest)
	for end := w.now.Add(longest); w.now.Before(end); w.now = w.now.Add(time.Second) {
		if due := w.alerts[w.second()]; due != nil {
			delete(w.alerts, w.second())
			return due, nil
		}
	}
	return nil, nil
}

func (w *world) run(ctx context.Context, enforce bool) (canary.Result, error) {
	w.now = start
	c := canary.Canary{
		Group: w, Inbox: w, GroupID: groupID, Enforce: enforce, Within: 5 * time.Minute,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() time.Time { return w.now },
		Pause: func(_ context.Context, d time.Duration) { w.now = w.now.Add(d) },
	}
	return c.Run(ctx)
}

func reported(outcome alert.Outcome, adapt ...func(*alert.Alert)) []alert.Alert {
	a := alert.Alert{
		Kind: alert.CanaryKind, Outcome: outcome, GroupID: groupID, Event: alert.Event{Name: "AuthorizeSecurityGroupIngress"},
		Findings: []alert.Finding{{RuleID: ruleID, Rule: alert.CanaryRule.String()}},
	}
	for _, f := range adapt {
		f(&a)
	}
	return []alert.Alert{a}
}

func sweep(a *alert.Alert)        { a.Event.Name = "Sweep" }
func drift(a *alert.Alert)        { a.Kind = alert.Drift }
func anotherRule(a *alert.Alert)  { a.Findings[0].RuleID = "sgr-1" }
func anotherGroup(a *alert.Alert) { a.GroupID = "sg-0d" }

func TestACanary(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		world   world
		report  bool // MODE=alert
		want    canary.Result
		problem string
		closed  []string
	}{
		"is content when its rule was reverted and reported": {
			world: world{revoked: 10, alerts: map[int][]alert.Alert{12: reported(alert.Reverted)}},
			want:  canary.Result{Outcome: alert.Reverted, RuleID: ruleID, Seconds: 12},
		},
		"doesn't mind two alerts, or alerts of earlier canaries": {
			world: world{revoked: 1, alerts: map[int][]alert.Alert{
				1: reported(alert.Reverted, anotherRule), 2: append(reported(alert.Reverted), reported(alert.AlreadyGone)...),
			}},
			want: canary.Result{Outcome: alert.Reverted, RuleID: ruleID, Seconds: 2},
		},
		"waits for a revoke that a retry brings after the alert": {
			world: world{revoked: 65, alerts: map[int][]alert.Alert{5: reported(alert.Failed)}},
			want:  canary.Result{Outcome: alert.Reverted, RuleID: ruleID, Seconds: 65},
		},
		"is content when the sweep was faster, as the event's alert comes too": {
			world: world{revoked: 1, alerts: map[int][]alert.Alert{1: reported(alert.Reverted, sweep), 30: reported(alert.AlreadyGone)}},
			want:  canary.Result{Outcome: alert.Reverted, RuleID: ruleID, Seconds: 30},
		},
		"complains that nothing happens": {
			problem: "not revoked and not reported within 5m0s", closed: []string{ruleID},
		},
		"complains that nobody was notified": {
			world: world{revoked: 10}, problem: "revoked, but not reported within 5m0s",
		},
		"complains that the rule stays": {
			world:   world{alerts: map[int][]alert.Alert{5: reported(alert.Failed)}},
			problem: "reported as failed, but not revoked within 5m0s", closed: []string{ruleID},
		},
		"complains that only a sweep found it": {
			world:   world{revoked: 10, alerts: map[int][]alert.Alert{12: reported(alert.Reverted, sweep)}},
			problem: "revoked, but not reported (only by a sweep, so no event came) within 5m0s",
		},
		"takes no alert of another kind for its own": {
			world:   world{revoked: 10, alerts: map[int][]alert.Alert{12: reported(alert.Reverted, drift)}},
			problem: "revoked, but not reported within 5m0s",
		},
		"takes no alert about another group for its own": {
			world:   world{revoked: 10, alerts: map[int][]alert.Alert{12: reported(alert.Reverted, anotherGroup)}},
			problem: "revoked, but not reported within 5m0s",
		},
		"is too late after five minutes": {
			world:   world{revoked: 10, alerts: map[int][]alert.Alert{301: reported(alert.Reverted)}},
			problem: "revoked, but not reported within 5m0s",
		},
		"removes what an earlier one left": {
			world: world{opened: []string{"sgr-1"}, revoked: 10, alerts: map[int][]alert.Alert{10: reported(alert.Reverted)}},
			want:  canary.Result{Outcome: alert.Reverted, RuleID: ruleID, Seconds: 10}, closed: []string{"sgr-1"},
		},
		"in mode alert is content to be reported, and removes its rule": {
			world: world{alerts: map[int][]alert.Alert{7: reported(alert.WouldRevert)}}, report: true,
			want: canary.Result{Outcome: alert.WouldRevert, RuleID: ruleID, Seconds: 7}, closed: []string{ruleID},
		},
		"in mode alert complains that nobody was notified": {
			report: true, problem: "not reported within 5m0s", closed: []string{ruleID},
		},
		"complains in enforce of what would do in mode alert": {
			world:   world{alerts: map[int][]alert.Alert{7: reported(alert.WouldRevert)}},
			problem: "reported as would-revert, but not revoked within 5m0s", closed: []string{ruleID},
		},
		"says that it can't look":          {world: world{failing: "look"}, problem: "refused"},
		"says that it can't open its rule": {world: world{failing: "open"}, problem: "open ingress tcp 9 192.0.2.1/32 on sg-0c: refused"},
		"removes a rule whose opening was never confirmed": {
			world: world{failing: "open, though it does"}, problem: "refused", closed: []string{ruleID},
		},
		"removes its rule when it can't listen": {world: world{failing: "receive"}, problem: "refused", closed: []string{ruleID}},
		"removes its rule when it can't look again": {
			world:   world{failing: "look again", alerts: map[int][]alert.Alert{7: reported(alert.Reverted)}},
			problem: "refused", closed: []string{ruleID},
		},
		"says that it can't remove its rule": {world: world{failing: "close"}, problem: "refused", closed: []string{ruleID}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.world.run(t.Context(), !c.report)
			if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
				t.Errorf("error %v, want %q", err, c.problem)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.closed, c.world.closed); diff != "" {
				t.Errorf("what it removed (-want +got):\n%s", diff)
			}
			if c.world.failing != "close" && len(c.world.opened) > 0 && c.world.revoked == 0 {
				t.Errorf("it left %v", c.world.opened)
			}
			if slices.ContainsFunc(c.world.polls, func(d time.Duration) bool { return d < time.Second || d > 20*time.Second }) {
				t.Errorf("polls of %v, which SQS does not take", c.world.polls)
			}
		})
	}
}

func TestACanaryKeepsTimeToCleanUpBeforeItsFunctionIsKilled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(t.Context(), start.Add(100*365*24*time.Hour))
	defer cancel()
	w := world{}
	if _, err := w.run(ctx, true); err == nil || w.second() != 300 {
		t.Errorf("after %d s: %v", w.second(), err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	w = world{}
	if _, err := w.run(deadline{ended, start.Add(2 * time.Minute)}, true); err == nil || w.second() > 90 || len(w.opened) > 0 {
		t.Errorf("after %d s, with %v left: %v", w.second(), w.opened, err)
	}
}

// deadline is a context with a deadline on the test's clock.
type deadline struct {
	context.Context
	at time.Time
}

func (d deadline) Deadline() (time.Time, bool) { return d.at, true }
