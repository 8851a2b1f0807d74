package remediate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// The sample authorize-ingress-ipv4 names ssh only.
const unnamed = "ingress tcp 3389 0.0.0.0/0"

// acts are the calls that matter to the order of things.
func (a *aws) acts() []string {
	return slices.DeleteFunc(slices.Clone(a.calls), func(call string) bool {
		return !slices.ContainsFunc([]string{"record", "revoke ", "publish", "erase"}, func(p string) bool { return strings.HasPrefix(call, p) })
	})
}

func TestWhatNoRetryWouldReportIsOnRecordBeforeItIsRevoked(t *testing.T) {
	t.Parallel()
	sweep := trail.Trigger{EventName: "Sweep", GroupID: group, MayRemove: true, Changes: []trail.Change{{Rule: mustParse(t, ssh)}}}
	cases := map[string]struct {
		live  []string
		run   func(r *remediate.Remediator) (remediate.Result, error)
		order []string
	}{
		"only what the event names: nothing is recorded": {
			[]string{ssh}, byEvent, []string{"revoke " + ssh, "publish"},
		},
		"beside what the event names": {
			[]string{ssh, unnamed}, byEvent, []string{"record", "revoke " + ssh, "revoke " + unnamed, "publish", "erase"},
		},
		"a sweep's, which nobody retries": {
			[]string{ssh},
			func(r *remediate.Remediator) (remediate.Result, error) {
				return r.Reconcile(context.Background(), sweep)
			},
			[]string{"record", "revoke " + ssh, "publish", "erase"},
		},
		"in mode alert nothing is": {
			[]string{unnamed}, func(r *remediate.Remediator) (remediate.Result, error) { r.Enforce = false; return byEvent(r) }, []string{"publish"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(c.live)
			if _, err := c.run(a.remediator()); err != nil {
				t.Fatal(err)
			}
			got := a.acts()
			if i := slices.Index(got, "record"); i == 1 { // recording runs beside the revoke of what is named
				got[0], got[1] = got[1], got[0]
			}
			if diff := cmp.Diff(c.order, got); diff != "" {
				t.Error(diff)
			}
			if len(a.journal) != 0 || len(a.messages) != 1 {
				t.Errorf("left %v, reported %d", a.journal, len(a.messages))
			}
		})
	}
}

func byEvent(r *remediate.Remediator) (remediate.Result, error) {
	return r.Handle(context.Background(), events.MustRead("authorize-ingress-ipv4"))
}

func mustParse(t *testing.T, text string) rule.Rule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The sample modify-one-rule does not say the direction. A retry that finds the rule
// not live may take the rule for one that is permitted in the other direction. Where it
// is permitted in neither, the retry reports the rule.
func TestARuleWithoutADirectionIsOnRecordWhereARetryCouldNotReport(t *testing.T) {
	t.Parallel()
	for approved, recorded := range map[string]bool{"egress tcp 443 0.0.0.0/0": true, "ingress tcp 80 0.0.0.0/0": false} {
		a := newAWS([]string{modified}, approved)
		handle(t, a, "modify-one-rule")
		if slices.Contains(a.calls, "record") != recorded || len(a.liveTexts()) != 0 {
			t.Errorf("%s is approved: calls %v, live %v", approved, a.calls, a.liveTexts())
		}
		a.messages = nil
		a.open("egress tcp 443 0.0.0.0/0", "") // a live twin changes nothing
		a.live[0].ID = "sgr-twin"
		handle(t, a, "modify-one-rule")
		if reported := strings.Contains(fmt.Sprint(summarise(a.alerts(t))), "already-gone "+modified); reported == recorded {
			t.Errorf("%s is approved: the retry reports it: %v", approved, reported)
		}
	}
}

// Halves of the world break the guardrail together. The half that the event names
// is revoked. It breaks nothing once the other rule is revoked.
func TestAHalfThatARetryWouldTakeForHarmlessIsOnRecord(t *testing.T) {
	t.Parallel()
	for other, recorded := range map[string]int{"ingress tcp 22 128.0.0.0/1": 1, "ingress tcp 443 0.0.0.0/0": 0} {
		t.Run(other, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh, other})
			if recorded == 1 {
				a = newAWS([]string{"ingress tcp 22 0.0.0.0/1", other})
			}
			a.document, a.guardrail = "", `{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`
			r := a.remediator()
			trigger := trail.Trigger{EventID: "e-1", GroupID: group, Changes: []trail.Change{{Rule: a.live[0].Rule}}}
			a.fail("publish", slices.Repeat([]error{errTimeout}, 6)...) // so that the record stays
			if _, err := r.Reconcile(context.Background(), trigger); !errors.Is(err, errTimeout) {
				t.Fatal(err)
			}
			got := 0
			for _, kept := range a.journal {
				got += len(kept.Findings)
			}
			if got != recorded {
				t.Errorf("%d rules on record, want %d: %v", got, recorded, a.journal)
			}
		})
	}
}

func TestARecordOutlivesARunThatCannotReport(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh, unnamed})
	a.fail("publish", slices.Repeat([]error{errDenied}, 6)...)
	if _, err := byEvent(a.remediator()); !errors.Is(err, errDenied) {
		t.Fatalf("got %v", err)
	}
	if len(a.live) != 0 || len(a.journal) != 1 {
		t.Fatalf("live %v, journal %v", a.liveTexts(), a.journal)
	}
	kept := roundTrip(t, slices.Collect(maps.Values(a.journal))[0])
	if err := a.remediator().ReportLate(context.Background(), kept); err != nil {
		t.Fatal(err)
	}
	want := []summary{{alert.AlreadyGone, alert.High, []string{"already-gone " + unnamed}}}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}
	late := a.alerts(t)[0]
	if late.GroupName != "ecs-front" || late.Actor != nil || late.Event.ID == "" || !strings.Contains(late.Reason, "ended before it could tell") {
		t.Errorf("got %+v", late)
	}
}

// roundTrip takes an alert through a store, which keeps its JSON only.
func roundTrip(t *testing.T, a alert.Alert) alert.Alert {
	t.Helper()
	data, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back alert.Alert
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func TestALateReportDoesNotSayThatALiveRuleIsNotLive(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{unnamed})
	kept := alert.Alert{GroupID: group, Kind: alert.Drift, Outcome: alert.AlreadyGone, Findings: []alert.Finding{
		{Rule: unnamed, RuleID: "sgr-1", Verdict: alert.Violation, Action: alert.ActionAlreadyGone},
		{Rule: ssh, RuleID: "sgr-2", Verdict: alert.Violation, Action: alert.ActionAlreadyGone},
	}}
	if err := a.remediator().ReportLate(context.Background(), kept); err != nil {
		t.Fatal(err)
	}
	want := []summary{{alert.None, alert.High, []string{"none " + unnamed, "already-gone " + ssh}}}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}
	a.fail("rules", errDenied)
	if err := a.remediator().ReportLate(context.Background(), kept); !errors.Is(err, errDenied) || len(a.messages) != 1 {
		t.Errorf("got %v, reported %d", err, len(a.messages))
	}
}

func TestWhereTheJournalFailsTheAlertIsTheRecord(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh, unnamed})
	a.fail("record", errDenied)
	if _, err := byEvent(a.remediator()); err != nil {
		t.Fatal(err)
	}
	want := []summary{
		{alert.Partial, alert.Critical, []string{"revoked " + ssh, "failed " + unnamed}},
		{alert.Reverted, alert.High, []string{"revoked " + ssh, "revoked " + unnamed}},
	}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}

	a = newAWS([]string{ssh, unnamed})
	a.fail("record", errDenied)
	a.fail("publish", slices.Repeat([]error{errTimeout}, 6)...)
	if _, err := byEvent(a.remediator()); !errors.Is(err, errTimeout) || !errors.Is(err, errDenied) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{unnamed}, a.liveTexts()); diff != "" {
		t.Errorf("neither recorded nor reported, so not revoked: %s", diff)
	}
}

func TestARecordThatCannotBeErasedIsNoFailure(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{unnamed})
	a.fail("erase", errTimeout)
	if _, err := byEvent(a.remediator()); err != nil {
		t.Error(err)
	}
	if len(a.journal) != 1 || len(a.live) != 0 {
		t.Errorf("journal %v, live %v", a.journal, a.liveTexts())
	}
}

// slow takes its time to publish.
type slow struct {
	*aws
	d time.Duration
}

func (s slow) Publish(ctx context.Context, m alert.Message) error {
	time.Sleep(s.d)
	return s.aws.Publish(ctx, m)
}

func TestNothingIsRevokedByAVerdictThatIsTooOld(t *testing.T) {
	t.Parallel()
	for takes, stays := range map[time.Duration][]string{time.Second: nil, 25 * time.Second: {unnamed}} {
		t.Run(takes.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAWS([]string{ssh, unnamed})
				a.fail("record", errTimeout)
				r := a.remediator()
				r.Alerts = slow{a, takes}
				if _, err := byEvent(r); errors.Is(err, errTimeout) != (stays != nil) {
					t.Errorf("got %v", err)
				}
				if diff := cmp.Diff(stays, a.liveTexts()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestWhatAFullGroupLostAccessToComesBackThoughTheJournalFails(t *testing.T) {
	t.Parallel()
	const wide, narrow = "ingress tcp 443 0.0.0.0/0", "ingress tcp 443 10.0.0.0/8"
	a := newAWS([]string{wide}, narrow)
	a.fail("authorize "+narrow, secgroup.ErrFull)
	a.fail("record", errDenied)
	if _, err := byEvent(a.remediator()); err != nil { // it names another rule
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{narrow}, a.liveTexts()); diff != "" {
		t.Error(diff)
	}
}

func TestACanaryThatIsReportedLateIsTheCanarys(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]alert.Kind{alert.CanaryRule.String(): alert.CanaryKind, ssh: alert.Drift} {
		a := newAWS(nil)
		r := a.remediator()
		r.CanaryGroup = group
		kept := alert.Alert{GroupID: group, Kind: alert.Drift, Findings: []alert.Finding{{Rule: rule, RuleID: "sgr-1", Verdict: alert.Violation, Action: alert.ActionAlreadyGone}}}
		if err := r.ReportLate(t.Context(), kept); err != nil {
			t.Fatal(err)
		}
		if got := a.alerts(t)[0].Kind; got != want {
			t.Errorf("%s is %s, want %s", rule, got, want)
		}
	}
}
