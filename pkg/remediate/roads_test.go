package remediate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

func handle(t *testing.T, a *aws, sample string) remediate.Result {
	t.Helper()
	result, err := a.remediator().Handle(context.Background(), events.MustRead(sample))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func with(document, settings string) string {
	return strings.Replace(document, `"ingress"`, settings+`,"ingress"`, 1)
}

// The sample modify-one-rule sets sgr-09782d2dbcf36e108 to tcp 443 from the world.
func TestAModifiedRuleIsJudgedAsItIsNow(t *testing.T) {
	t.Parallel()
	const now443, was443 = "ingress tcp 443 0.0.0.0/0", "ingress tcp 443 10.0.0.0/8"
	cases := map[string]struct {
		live, approved, stays []string
		want                  []summary
	}{
		"widened: what is approved comes back first": {
			[]string{now443},
			[]string{was443},
			[]string{was443},
			[]summary{{alert.Reverted, alert.High, []string{"restored " + was443, "revoked " + now443}}},
		},
		"widened, and egress": {
			[]string{"egress tcp 443 0.0.0.0/0"},
			nil, nil,
			[]summary{{alert.Reverted, alert.High, []string{"revoked egress tcp 443 0.0.0.0/0"}}},
		},
		"not live meanwhile, whatever the direction": {
			nil, nil, nil, []summary{{alert.AlreadyGone, alert.High, []string{"already-gone " + now443}}},
		},
		"a group made an address: the group's traffic comes back first": {
			[]string{now443},
			[]string{"ingress tcp 443 sg-0alb"},
			[]string{"ingress tcp 443 sg-0alb"},
			[]summary{{alert.Reverted, alert.High, []string{"restored ingress tcp 443 sg-0alb", "revoked " + now443}}},
		},
		"not live, and permitted one way": {nil, []string{"egress tcp 443 0.0.0.0/0"}, nil, []summary{{alert.None, alert.Medium, []string{"none egress tcp 443 0.0.0.0/0"}}}},
		"approved":                        {[]string{now443}, []string{now443}, []string{now443}, nil},
		"narrowed: the rest is missing": {
			[]string{now443},
			[]string{now443, "ingress tcp 444 0.0.0.0/0"},
			[]string{now443},
			[]summary{{alert.None, alert.Medium, []string{"none ingress tcp 444 0.0.0.0/0"}}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(c.live, c.approved...)
			handle(t, a, "modify-one-rule")
			if diff := cmp.Diff(c.stays, a.liveTexts()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.want, summarise(a.alerts(t))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The sample revoke-ingress-flat revokes tcp 22 from the world.
func TestARemovedRuleIsReportedOrRestored(t *testing.T) {
	t.Parallel()
	const other = "ingress tcp 443 0.0.0.0/0"
	cases := map[string]struct {
		sample         string
		live, approved []string
		settings       string
		alertMode      bool
		stays          []string
		want           []summary
	}{
		"reported and left": {
			sample: "revoke-ingress-flat", approved: []string{ssh},
			want: []summary{{alert.None, alert.Medium, []string{"none " + ssh}}},
		},
		"restored where the baseline says so": {
			sample: "revoke-ingress-flat", approved: []string{ssh}, settings: `"restore":true`, stays: []string{ssh},
			want: []summary{{alert.Reverted, alert.Medium, []string{"restored " + ssh}}},
		},
		"but not in alert mode": {
			sample: "revoke-ingress-flat", approved: []string{ssh}, settings: `"restore":true`, alertMode: true,
			want: []summary{{alert.WouldRevert, alert.Medium, []string{"none " + ssh}}},
		},
		"not if another rule carries its traffic": {
			sample: "revoke-ingress-flat", live: []string{"ingress tcp 20-30 0.0.0.0/0"}, stays: []string{"ingress tcp 20-30 0.0.0.0/0"},
			approved: []string{ssh, "ingress tcp 20-30 0.0.0.0/0"},
		},
		"not if the event took something else away": {
			sample: "revoke-ingress-flat", live: []string{ssh}, approved: []string{ssh, other}, stays: []string{ssh},
		},
		"not with an event that only adds": {
			sample: "authorize-ingress-ipv4", live: []string{ssh}, approved: []string{ssh, other}, stays: []string{ssh},
		},
		"yet restored with any event": {
			sample: "authorize-ingress-ipv4", live: []string{ssh}, approved: []string{ssh, other}, settings: `"restore":true`,
			stays: []string{ssh, other}, want: []summary{{alert.Reverted, alert.Medium, []string{"restored " + other}}},
		},
		"an unapproved one is nobody's loss": {sample: "revoke-ingress-flat", live: []string{other}, approved: []string{other}, stays: []string{other}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(c.live, c.approved...)
			if c.settings != "" {
				a.document = with(a.document, c.settings)
			}
			remediator := a.remediator()
			remediator.Enforce = !c.alertMode
			if _, err := remediator.Handle(context.Background(), events.MustRead(c.sample)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.stays, a.liveTexts()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.want, summarise(a.alerts(t))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRestoredRulesGetTheirDescription(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh}, "ingress tcp 22 10.0.0.0/8")
	handle(t, a, "create-group")
	if len(a.live) != 1 || a.live[0].Description != "approved" {
		t.Errorf("live %+v", a.live)
	}
}

func TestAQuotaThatIsUsedUpMakesItRevokeFirst(t *testing.T) {
	t.Parallel()
	const narrow = "ingress tcp 22 10.0.0.0/8"
	full := fmt.Errorf("authorize: %w", secgroup.ErrFull)
	a := newAWS([]string{ssh}, narrow)
	a.fail("authorize "+narrow, full)
	handle(t, a, "create-group")
	order := []string{"authorize " + narrow, "revoke " + ssh, "authorize " + narrow}
	if diff := cmp.Diff(order, a.writes()); diff != "" {
		t.Error(diff)
	}
	want := []summary{{alert.Reverted, alert.High, []string{"restored " + narrow, "revoked " + ssh}}}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}

	a = newAWS(nil, narrow)
	a.document = with(a.document, `"restore":true`)
	a.fail("authorize "+narrow, full)
	_, err := a.remediator().Handle(context.Background(), events.MustRead("revoke-ingress-flat"))
	if !errors.Is(err, secgroup.ErrFull) || len(a.writes()) != 1 {
		t.Errorf("with nothing to revoke: got %v after %v", err, a.writes())
	}
}

// What is authorised before a revoke fails in every way that AWS knows. Only a
// failure that may pass delays the revoke, and only for a minute.
func TestTheDoorIsClosedWhateverKeepsApprovedTrafficFromBeingAuthorised(t *testing.T) {
	t.Parallel()
	const narrow, list, foreign = "ingress tcp 22 10.0.0.0/8", "ingress tcp 22 pl-0bbb", "ingress tcp 3389 0.0.0.0/0"
	event := trail.Trigger{EventID: "event", EventName: "RevokeSecurityGroupIngress", GroupID: group, Time: now.Add(-59 * time.Second)}
	old, sweep := event, trail.Trigger{EventName: "Sweep", GroupID: group, MayRemove: true}
	old.Time = now.Add(-time.Minute)
	duplicate, full, revoked := fmt.Errorf("authorize: %w", secgroup.ErrDuplicate), fmt.Errorf("authorize: %w", secgroup.ErrFull), fmt.Errorf("authorize: %w", secgroup.ErrNotFound)
	cases := map[string]struct {
		trigger trail.Trigger
		errs    []error // of the authorise calls, one after the other
		writes  []string
		stays   []string
		failed  []string
	}{
		"denied, in a young run": {event, []error{errDenied}, []string{"authorize", "revoke"}, nil, []string{narrow}},
		"denied, in a sweep":     {sweep, []error{errDenied}, []string{"authorize", "revoke"}, nil, []string{narrow}},
		"throttled, in a young run: what carries nothing is revoked": {
			event, []error{errTimeout}, []string{"authorize", "revoke"}, []string{ssh}, []string{narrow, ssh},
		},
		"throttled, in a run a minute after its event": {old, []error{errTimeout}, []string{"authorize", "revoke", "authorize"}, []string{narrow}, nil},
		"throttled, in a sweep":                        {sweep, []error{errTimeout}, []string{"authorize", "revoke", "authorize"}, []string{narrow}, nil},
		"full":                                         {event, []error{full}, []string{"authorize", "revoke", "authorize"}, []string{narrow}, nil},
		"full, and full again":                         {event, []error{full, full}, []string{"authorize", "revoke", "authorize"}, nil, []string{narrow}},
		"there already":                                {event, []error{duplicate}, []string{"authorize", "revoke", "authorize"}, []string{narrow}, nil},
		"the group is deleted":                         {event, []error{revoked}, []string{"authorize", "revoke", "authorize"}, []string{narrow}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh, foreign}, narrow)
			if name == "the group is gone" { // the list is deleted; addresses always exist
				a.document = document(narrow, list)
				a.fail("authorize "+list, revoked)
			}
			a.fail("authorize "+narrow, c.errs...)
			_, err := a.remediator().Reconcile(context.Background(), c.trigger)
			var writes []string
			for _, call := range a.writes() {
				if kind, of, _ := strings.Cut(call, " "); of != foreign && of != list {
					writes = append(writes, kind)
				}
			}
			if c.stays != nil && c.stays[0] == ssh {
				writes = append(writes, "revoke") // of the other one only
			}
			if diff := cmp.Diff(c.writes, writes); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.stays, a.liveTexts()); diff != "" {
				t.Error(diff)
			}
			var failed []string
			for _, f := range a.alerts(t)[0].Findings {
				if f.Action == alert.ActionFailed && f.Rule != list {
					failed = append(failed, f.Rule)
				}
			}
			if diff := cmp.Diff(c.failed, failed); diff != "" {
				t.Error(diff)
			}
			if (err != nil) != (c.failed != nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// With match exact a rule for every address stands in for a violation for a group.
// While that rule can't be authorised, the violation stays like any other that
// carries approved traffic.
func TestWithMatchExactAGroupsRuleIsNotRestoredWhileItsStandInIsLive(t *testing.T) {
	t.Parallel()
	const everywhere, forGroup = "ingress all all 0.0.0.0/0", "ingress tcp 443 sg-0face"
	event := trail.Trigger{EventID: "event", EventName: "RevokeSecurityGroupIngress", GroupID: group, Time: now.Add(-time.Second)}
	for name, c := range map[string]struct {
		err   error
		stays []string
	}{
		"throttled":  {errTimeout, []string{forGroup}},
		"authorised": {nil, []string{everywhere}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{forGroup}, everywhere, "ingress all all ::/0")
			a.document = with(a.document, `"match":"exact"`)
			if c.err != nil {
				a.fail("authorize "+everywhere, c.err)
			}
			_, err := a.remediator().Reconcile(context.Background(), event)
			if (err != nil) != (c.err != nil) {
				t.Errorf("got %v", err)
			}
			for _, rule := range c.stays {
				if !slices.Contains(a.liveTexts(), rule) {
					t.Errorf("%s is not live: %v", rule, a.liveTexts())
				}
			}
		})
	}
}

func TestANewGroupIsJudgedAsItIs(t *testing.T) {
	t.Parallel()
	const everywhere = "egress all all 0.0.0.0/0"
	a := newAWS([]string{everywhere})
	handle(t, a, "create-group")
	want := []summary{{alert.Reverted, alert.High, []string{"revoked " + everywhere}}}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}
	a = newAWS([]string{everywhere}, everywhere)
	handle(t, a, "create-group")
	if len(a.live) != 1 || len(a.messages) != 0 {
		t.Errorf("live %v, messages %v", a.liveTexts(), a.messages)
	}
}

func TestADeletedGroupWithABaselineIsReported(t *testing.T) {
	t.Parallel()
	a := newAWS(nil, ssh)
	handle(t, a, "delete-group-by-id")
	got := a.alerts(t)
	if len(got) != 1 || got[0].Severity != alert.Low || got[0].Outcome != alert.None || !strings.Contains(got[0].Reason, "was deleted") {
		t.Errorf("got %+v", got)
	}
	a = &aws{}
	handle(t, a, "delete-group-by-id")
	handle(t, a, "delete-group-by-name")
	if len(a.messages) != 0 {
		t.Errorf("without a baseline: got %+v", a.messages)
	}
}

// That the group is deleted is reported, and not which approved rules it lacks.
func TestASweepReportsADeletedGroup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err      error
		settings string
		findings int
	}{
		"deleted":                  {secgroup.ErrNotFound, "", 0},
		"deleted, with restore":    {secgroup.ErrNotFound, `"restore":true`, 0},
		"deleted, in mode alert":   {secgroup.ErrNotFound, `"restore":true,"mode":"alert"`, 0},
		"there, without its rules": {nil, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(nil, ssh)
			if c.settings != "" {
				a.document = with(a.document, c.settings)
				a.fail("authorize "+ssh, secgroup.ErrNotFound)
			}
			a.fail("group", c.err)
			if _, err := a.remediator().Reconcile(context.Background(), trail.Trigger{EventName: "Sweep", GroupID: group, MayRemove: true}); err != nil {
				t.Fatal(err)
			}
			got := a.alerts(t)
			if len(got) != 1 || len(got[0].Findings) != c.findings || (got[0].Severity == alert.Low) != (c.findings == 0) || got[0].Outcome != alert.None || strings.Contains(got[0].Reason, "was deleted") != (c.findings == 0) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAnExceptionCountsUntilItExpires(t *testing.T) {
	t.Parallel()
	until := func(at time.Time) *aws {
		a := newAWS([]string{ssh})
		a.document = with(a.document, fmt.Sprintf(`"exceptions":[{"direction":"ingress","protocol":"tcp","ports":"22","sources":["0.0.0.0/0"],
			"expires":%q,"reason":"INC-1234 repair","approvedBy":"ana@example.com"}]`, at.Format(time.RFC3339)))
		return a
	}
	a := until(now.Add(time.Minute))
	handle(t, a, "authorize-ingress-ipv4")
	if len(a.live) != 1 || len(a.messages) != 0 {
		t.Errorf("before: live %v, messages %v", a.liveTexts(), a.messages)
	}
	a = until(now.Add(-time.Minute))
	handle(t, a, "authorize-ingress-ipv4")
	got := a.alerts(t)
	if len(a.live) != 0 || len(got) != 1 || got[0].Kind != alert.ExceptionExpired {
		t.Fatalf("after: live %v, alerts %+v", a.liveTexts(), got)
	}
	const reason = "the exception (INC-1234 repair, approved by ana@example.com) expired at 2026-11-21T19:51:51Z; no baseline rule permits tcp 22 from 0.0.0.0/0"
	if diff := cmp.Diff(reason, got[0].Findings[0].Reason); diff != "" {
		t.Error(diff)
	}
	a = until(now.Add(-time.Minute))
	a.open("ingress tcp 23 0.0.0.0/0", "")
	handle(t, a, "authorize-ingress-ipv4")
	if got := a.alerts(t); len(got) != 1 || got[0].Kind != alert.Drift {
		t.Errorf("with another violation: %+v", got)
	}
	a = until(now.Add(-time.Minute))
	a.live = newAWS([]string{"ingress tcp 80 10.1.0.0/16"}).live
	a.document = strings.NewReplacer(`"exceptions"`, `"match":"exact","exceptions"`,
		`"ingress":[]`, `"ingress":[{"protocol":"tcp","ports":"80","sources":["10.0.0.0/8"]}]`).Replace(a.document)
	handle(t, a, "create-group")
	if got := a.alerts(t); len(got) != 1 || got[0].Kind != alert.Drift {
		t.Errorf("a violation for another reason: %+v", got)
	}
	// A closed exception is nothing that is missing.
	a = until(now.Add(time.Minute))
	a.live, a.document = nil, strings.Replace(a.document, `"exceptions"`, `"restore":true,"exceptions"`, 1)
	handle(t, a, "revoke-ingress-flat")
	if len(a.live) != 0 || len(a.messages) != 0 {
		t.Errorf("closed: live %v, messages %v", a.liveTexts(), a.messages)
	}
}

const guardrail = `{"schema":1,"mode":%q,"forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`

func TestAGroupWithoutABaselineIsJudgedByTheGuardrail(t *testing.T) {
	t.Parallel()
	const half1, half2 = "ingress tcp 22 0.0.0.0/1", "ingress tcp 22 128.0.0.0/1"
	cases := map[string]struct {
		mode        string
		live, stays []string
		want        []summary
	}{
		"enforced": {"enforce", []string{ssh, "ingress tcp 80 0.0.0.0/0"}, []string{"ingress tcp 80 0.0.0.0/0"}, []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}}},
		"reported": {"alert", []string{ssh}, []string{ssh}, []summary{{alert.WouldRevert, alert.High, []string{"none " + ssh}}}},
		"of two halves of the world one is revoked": {
			"enforce",
			[]string{half1, half2, "ingress tcp 22 10.0.0.0/8"},
			[]string{half1, "ingress tcp 22 10.0.0.0/8"},
			[]summary{{alert.Reverted, alert.High, []string{"revoked " + half2, "already-gone " + ssh}}},
		},
		"an innocent rule inside the world": {
			"enforce",
			[]string{ssh, "ingress tcp 22 20.40.60.0/24", "ingress tcp all 20.50.0.7/32"},
			[]string{"ingress tcp 22 20.40.60.0/24", "ingress tcp all 20.50.0.7/32"},
			[]summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}},
		},
		"an innocent rule inside what is not live": {
			"enforce",
			[]string{"ingress tcp 22 20.40.60.0/24"},
			[]string{"ingress tcp 22 20.40.60.0/24"},
			[]summary{{alert.AlreadyGone, alert.High, []string{"already-gone " + ssh}}},
		},
		"not live meanwhile": {"enforce", nil, nil, []summary{{alert.AlreadyGone, alert.High, []string{"already-gone " + ssh}}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &aws{live: newAWS(c.live).live, guardrail: fmt.Sprintf(guardrail, c.mode)}
			handle(t, a, "authorize-ingress-ipv4")
			if diff := cmp.Diff(c.stays, a.liveTexts()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.want, summarise(a.alerts(t))); diff != "" {
				t.Error(diff)
			}
			if got := a.alerts(t)[0]; got.Kind != alert.GuardrailKind || got.Baseline.Parameter != "/sg-baseline/guardrail" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestABaselineGoesBeforeTheGuardrail(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh}, ssh)
	a.guardrail = fmt.Sprintf(guardrail, "enforce")
	handle(t, a, "authorize-ingress-ipv4")
	if len(a.live) != 1 || len(a.messages) != 0 {
		t.Errorf("live %v, messages %v", a.liveTexts(), a.messages)
	}
}

func TestABrokenGuardrailIsReportedAndRevokesNothing(t *testing.T) {
	t.Parallel()
	a := &aws{live: newAWS([]string{ssh}).live, guardrail: `{"schema":1}`}
	handle(t, a, "authorize-ingress-ipv4")
	if got := a.alerts(t); len(a.live) != 1 || len(got) != 1 || got[0].Kind != alert.BaselineError {
		t.Errorf("live %v, alerts %+v", a.liveTexts(), got)
	}
}

// One key that SSM refuses keeps no group from being judged by what can be read.
func TestADocumentThatCannotBeReadCountsOnlyWhereItWouldJudge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		document  string
		stays     int
		parameter string
		wantErr   bool
	}{
		"the guardrail's, for a group with a baseline": {empty, 0, "/sg-baseline/groups/" + group, false},
		"the guardrail's, for a group without one":     {"", 1, "/sg-baseline/guardrail", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh})
			a.document = c.document
			r := a.remediator()
			r.Baselines = keyless{a}
			_, err := r.Handle(context.Background(), events.MustRead("authorize-ingress-ipv4"))
			if (err != nil) != c.wantErr || len(a.live) != c.stays {
				t.Errorf("got %v, live %v", err, a.liveTexts())
			}
			if got := a.alerts(t); len(got) != 1 || got[0].Baseline.Parameter != c.parameter || (got[0].Kind == alert.BaselineError) != c.wantErr {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// keyless may not use the key of the guardrail.
type keyless struct{ *aws }

func (k keyless) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	d, err := k.aws.Read(ctx, groupID)
	d.Guardrail = baseline.Stored{Parameter: "/sg-baseline/guardrail", ReadError: errDenied}
	return d, err
}

func TestTheAlertOfABadlyBrokenBaselineFitsAMessage(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh})
	a.document = `{"` + strings.Repeat("x", 500_000) + `":1,"ingress":[` + strings.Repeat("1,", 4000) + `1]}`
	handle(t, a, "authorize-ingress-ipv4")
	if len(a.messages) != 1 || len(a.messages[0].Body) > alert.MaxMessageBytes {
		t.Errorf("%d messages", len(a.messages))
	}
}

func TestAGroupThatNobodyMayEditIsReportedAndNotRetried(t *testing.T) {
	t.Parallel()
	for _, refusal := range []error{secgroup.ErrManaged, secgroup.ErrRejected} {
		a := newAWS([]string{ssh})
		a.fail("revoke "+ssh, fmt.Errorf("revoke: %w", refusal))
		handle(t, a, "authorize-ingress-ipv4") // an error would fail the test
		want := []summary{{alert.None, alert.High, []string{"none " + ssh}}}
		reported := a.alerts(t)
		if diff := cmp.Diff(want, summarise(reported)); diff != "" {
			t.Errorf("%v: %s", refusal, diff)
		}
		if !strings.Contains(reported[0].Findings[0].Error, refusal.Error()) {
			t.Errorf("%v: the alert says %q", refusal, reported[0].Findings[0].Error)
		}
	}
}

// The twin of the test above: what a deployment can repair is tried again.
func TestARevokeThatIsDeniedIsReportedAndRetried(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh})
	a.fail("revoke "+ssh, fmt.Errorf("revoke: %w", secgroup.ErrRefused))
	if _, err := a.remediator().Handle(t.Context(), events.MustRead("authorize-ingress-ipv4")); !errors.Is(err, secgroup.ErrRefused) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]summary{{alert.Failed, alert.Critical, []string{"failed " + ssh}}}, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}
}

func version(number int64, document string, at time.Time) baseline.Version {
	return baseline.Version{
		Stored:     baseline.Stored{Version: number, Value: []byte(document), ModifiedAt: at},
		ModifiedBy: "arn:aws:iam::111122223333:user/ana",
	}
}

func TestAChangedBaselineIsReportedAndActedUpon(t *testing.T) {
	t.Parallel()
	var event struct{ Time time.Time }
	if err := json.Unmarshal(events.MustRead("parameter-update"), &event); err != nil {
		t.Fatal(err)
	}
	const https = "ingress tcp 443 0.0.0.0/0"
	a := newAWS([]string{ssh, https}, https)
	parameter := "/sg-baseline/groups/" + group
	a.history = map[string][]baseline.Version{parameter: {
		version(5, document(), event.Time.Add(-time.Hour)),
		version(6, with(document(ssh), `"mode":"alert"`), event.Time.Add(-time.Minute)),
		version(7, document(https), event.Time.Add(900*time.Millisecond)),
		version(8, document(), event.Time.Add(time.Minute)),
	}}
	handle(t, a, "parameter-update")
	got := a.alerts(t)
	if len(got) != 2 || got[0].Kind != alert.Drift || got[0].Outcome != alert.Reverted || got[1].Kind != alert.BaselineChanged {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff([]string{https}, a.liveTexts()); diff != "" {
		t.Error(diff)
	}
	changed := got[1]
	if diff := cmp.Diff([][]string{{https}, {ssh}}, [][]string{changed.PermitsMore, changed.PermitsLess}); diff != "" {
		t.Error(diff)
	}
	if changed.Reason != "updated; mode: enforce, was alert" || changed.Baseline.Version != 7 || changed.Severity != alert.Low ||
		changed.Actor.ARN != "arn:aws:iam::111122223333:user/ana" || changed.Baseline.Parameter != parameter || changed.GroupID != group {
		t.Errorf("got %+v", changed)
	}
}

// Terraform replaces a parameter by deleting it and writing it again. In between, the
// guardrail would revoke what both versions approve.
func TestADeletedBaselineIsReportedAndJudgedByTheSweepOnly(t *testing.T) {
	t.Parallel()
	a := &aws{live: newAWS([]string{ssh}).live, guardrail: fmt.Sprintf(guardrail, "enforce")}
	handle(t, a, "parameter-delete")
	if got := a.alerts(t); len(got) != 1 || got[0].Kind != alert.BaselineChanged || len(a.live) != 1 {
		t.Errorf("after the deletion: live %v, alerts %+v", a.liveTexts(), got)
	}
	if _, err := a.remediator().Reconcile(context.Background(), trail.Trigger{EventName: "Sweep", GroupID: group, MayRemove: true}); err != nil || len(a.live) != 0 {
		t.Errorf("after the sweep: %v, live %v", err, a.liveTexts())
	}
}

func TestAChangeThatIsHiddenWithinASecondIsReported(t *testing.T) {
	t.Parallel()
	var event struct{ Time time.Time }
	if err := json.Unmarshal(events.MustRead("parameter-update"), &event); err != nil {
		t.Fatal(err)
	}
	a := &aws{history: map[string][]baseline.Version{"/sg-baseline/groups/" + group: {
		version(1, document(), event.Time.Add(-time.Hour)),
		version(2, document(ssh), event.Time.Add(100*time.Millisecond)),
		version(3, document(), event.Time.Add(800*time.Millisecond)),
	}}}
	handle(t, a, "parameter-update")
	got := a.alerts(t)
	if len(got) != 1 || got[0].Baseline.Version != 3 {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff([][]string{{ssh}, {ssh}}, [][]string{got[0].PermitsMore, got[0].PermitsLess}); diff != "" {
		t.Error(diff)
	}
}

// The event of a write at the end of a second is dated in the next one, in which
// there may be another write.
func TestAVersionThatWasWrittenJustBeforeTheEventsSecondIsReported(t *testing.T) {
	t.Parallel()
	var event struct{ Time time.Time }
	if err := json.Unmarshal(events.MustRead("parameter-update"), &event); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		second   baseline.Version // written 20 ms before the event's second
		reported bool
	}{
		"an update":    {version(2, document(ssh), event.Time.Add(-20*time.Millisecond)), true},
		"the creation": {version(1, document(ssh), event.Time.Add(-20*time.Millisecond)), false}, // has an event of its own
		"long before":  {version(2, document(ssh), event.Time.Add(-2*time.Second)), false},
	} {
		a := &aws{history: map[string][]baseline.Version{"/sg-baseline/groups/" + group: {
			version(1, document(), event.Time.Add(-time.Hour)), c.second, version(3, document(), event.Time.Add(800*time.Millisecond)),
		}}}
		if c.second.Version == 1 {
			a.history["/sg-baseline/groups/"+group] = a.history["/sg-baseline/groups/"+group][1:]
		}
		handle(t, a, "parameter-update")
		if got := a.alerts(t); len(got) != 1 || (len(got[0].PermitsMore) == 1) != c.reported {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func exceptionUntil(year string) string {
	return `"exceptions":[{"direction":"ingress","protocol":"tcp","ports":"22","sources":["0.0.0.0/0"],"expires":"` + year + `-01-01T00:00:00Z"}]`
}

func TestEveryChangeOfAParameterIsReported(t *testing.T) {
	t.Parallel()
	one := func(document string) []baseline.Version {
		return []baseline.Version{version(1, document, now.Add(-time.Hour))}
	}
	cases := map[string]struct {
		sample     string
		history    []baseline.Version
		reason     string
		more, less []string
	}{
		"created": {"parameter-create", one(document(ssh)), "created", []string{ssh}, nil},
		"deleted": {"parameter-delete", nil, "deleted: the group has no baseline any more, and the next sweep judges it; CloudTrail's DeleteParameter says who did it", nil, nil},
		"broken":  {"parameter-update", append(one(document(ssh)), version(2, "{", now)), "updated; version 2 can't be used: not JSON: unexpected EOF", nil, nil},
		"an exception made longer": {
			"parameter-update", append(one(with(document(), exceptionUntil("2027"))), version(2, with(document(), exceptionUntil("2099")), now)), "updated",
			[]string{"ingress tcp 22 0.0.0.0/0 until 2099-01-01T00:00:00Z"},
			[]string{"ingress tcp 22 0.0.0.0/0 until 2027-01-01T00:00:00Z"},
		},
		"exact rules": {
			"parameter-update",
			append(one(with(document("ingress tcp 22 10.0.0.0/8"), `"match":"exact"`)), version(2, with(document("ingress tcp 22 10.0.0.0/8", "ingress tcp 22 10.1.0.0/16"), `"match":"exact"`), now)),
			"updated",
			[]string{"ingress tcp 22 10.1.0.0/16"},
			nil,
		},
		"guardrail changed": {
			"parameter-update-guardrail",
			append(one(fmt.Sprintf(guardrail, "enforce")), version(2, `{"schema":1,"forbid":[{"direction":"egress","protocol":"all","widest":{"ipv4":8}}]}`, now)),
			"updated; mode: alert, was enforce; SSH from the whole internet is now allowed to groups without a baseline; " +
				"any traffic to more than a /8 of the IPv4 internet or the whole IPv6 internet is no longer allowed from groups without a baseline",
			[]string{"forbid ingress tcp 22 wider than /1 (IPv4) or /4 (IPv6)"},
			[]string{"forbid egress all all wider than /8 (IPv4) or /4 (IPv6)"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &aws{history: map[string][]baseline.Version{"/sg-baseline/groups/" + group: c.history, "/sg-baseline/guardrail": c.history}}
			handle(t, a, c.sample)
			got := a.alerts(t)
			if len(got) != 1 || got[0].Kind != alert.BaselineChanged || got[0].Reason != c.reason {
				t.Fatalf("got %+v", got)
			}
			if diff := cmp.Diff([][]string{c.more, c.less}, [][]string{got[0].PermitsMore, got[0].PermitsLess}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAParameterForNoGroupIsReported(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh})
	message := strings.ReplaceAll(string(events.MustRead("parameter-update")), group, "web-front")
	if _, err := a.remediator().Handle(context.Background(), []byte(message)); err != nil {
		t.Fatal(err)
	}
	got := a.alerts(t)
	if len(got) != 1 || got[0].Kind != alert.BaselineError || !strings.Contains(got[0].Reason, "not the id of a security group") || len(a.writes()) != 0 {
		t.Errorf("got %+v after %v", got, a.calls)
	}
}

func TestExposureAndActorAreReportedOnlyOfWhatTheEventOpened(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sample string
		live   []string
		known  bool
	}{
		"opened by the event":                         {"authorize-ingress-ipv4", []string{ssh}, true},
		"opened by the event, beside another rule":    {"authorize-ingress-ipv4", []string{ssh, "ingress tcp 3389 0.0.0.0/0"}, true},
		"there already, and the event opened nothing": {"revoke-ingress-flat", []string{"ingress tcp 3389 0.0.0.0/0"}, false},
	} {
		a := newAWS(c.live)
		handle(t, a, c.sample)
		got := a.alerts(t)
		if len(got) != 1 || (got[0].ExposureSeconds != nil) != c.known || (got[0].Actor != nil) != c.known {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestParametersThatAreNoBaselinesAreNothingToDo(t *testing.T) {
	t.Parallel()
	for _, sample := range []string{"parameter-foreign-name", "parameter-failed", "parameter-label", "parameter-policy-action"} {
		a := newAWS([]string{ssh})
		result := handle(t, a, sample)
		if result.Alert != nil || len(a.calls) != 0 {
			t.Errorf("%s: got %v after %v", sample, result, a.calls)
		}
	}
}
