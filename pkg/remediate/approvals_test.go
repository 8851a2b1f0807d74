package remediate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

func approving(expires time.Time, rules ...string) string {
	text, err := json.Marshal(rules)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"schema":1,"rules":%s,"expires":%q,"reason":"INC-1234"}`, text, expires.UTC().Format(time.RFC3339))
}

var sweeping = trail.Trigger{EventName: "Sweep", GroupID: group, MayRemove: true}

func TestAnApprovalCountsUntilItEndsWithAndWithoutABaseline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		document, guardrail string
		approval            string
		stays               bool
		kind                alert.Kind
	}{
		"with a baseline":         {empty, "", approving(now.Add(time.Hour), ssh), true, ""},
		"with a guardrail":        {"", fmt.Sprintf(guardrail, "enforce"), approving(now.Add(time.Hour), ssh), true, ""},
		"for another rule":        {empty, "", approving(now.Add(time.Hour), "ingress tcp 23 0.0.0.0/0"), false, alert.Drift},
		"ended":                   {empty, "", approving(now, ssh), false, alert.ExceptionExpired},
		"ended, with a guardrail": {"", fmt.Sprintf(guardrail, "enforce"), approving(now, ssh), false, alert.ExceptionExpired},
		"broken":                  {empty, "", `{"schema":1}`, false, alert.Drift},
		"no JSON":                 {empty, "", `soon`, false, alert.Drift},
		"91 days ahead":           {empty, "", approving(now.Add(91*24*time.Hour), ssh), false, alert.Drift},
		"none":                    {empty, "", "", false, alert.Drift},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh})
			a.document, a.guardrail = c.document, c.guardrail
			if c.approval != "" {
				a.approvals = map[string]string{"oncall-1": c.approval}
			}
			handle(t, a, "authorize-ingress-ipv4")
			got := a.alerts(t)
			if stays := len(a.live) == 1; stays != c.stays || (len(got) == 0) != c.stays || !c.stays && got[0].Kind != c.kind {
				t.Errorf("live %v, alerts %+v", a.liveTexts(), got)
			}
			if c.kind == alert.ExceptionExpired && !strings.HasPrefix(got[0].Findings[0].Reason, "the approval oncall-1 (INC-1234) ended at 2026-11-21T19:52:51Z; ") {
				t.Errorf("reason %q", got[0].Findings[0].Reason)
			}
		})
	}
}

// parameterEvent is the event of Parameter Store for a write.
func parameterEvent(name, operation string) []byte {
	return []byte(fmt.Sprintf(`{"id":"e-1","detail-type":"Parameter Store Change","source":"aws.ssm","account":"111122223333","region":"us-east-1",
		"time":%q,"detail":{"name":%q,"operation":%q,"type":"String"}}`, now.Format(time.RFC3339), name, operation))
}

func written(number int64, value, by string) baseline.Version {
	return baseline.Version{Stored: baseline.Stored{Parameter: oncall, Version: number, Value: []byte(value), ModifiedAt: now.Truncate(time.Second)}, ModifiedBy: by}
}

const (
	oncall   = "/sg-baseline/approvals/" + group + "/oncall-1"
	ben      = "arn:aws:sts::111122223333:assumed-role/oncall/ben"
	function = "arn:aws:sts::111122223333:assumed-role/sgwarden-RemediatorRole-1/sgwarden-remediator"
)

func TestEveryChangeOfAnApprovalIsReportedAndActedUpon(t *testing.T) {
	t.Parallel()
	hour, day := now.Add(time.Hour), now.Add(24*time.Hour)
	for name, c := range map[string]struct {
		parameter, operation string
		versions             []baseline.Version
		kind                 alert.Kind
		want                 string
		more, less           []string
		stays                bool
	}{
		"written": {
			oncall, "Create",
			[]baseline.Version{written(1, approving(hour, ssh), ben)},
			alert.ApprovalChanged, "the approval oncall-1 permits until",
			[]string{ssh + " until 2026-11-21T20:52:51Z"},
			nil, true,
		},
		"made longer": {
			oncall, "Update",
			[]baseline.Version{written(1, approving(hour, ssh), ben), written(2, approving(day, ssh), ben)},
			alert.ApprovalChanged, "the approval oncall-1 permits until",
			[]string{ssh + " until 2026-11-22T19:52:51Z"},
			[]string{ssh + " until 2026-11-21T20:52:51Z"},
			true,
		},
		"withdrawn": {oncall, "Delete", nil, alert.ApprovalChanged, "the approval oncall-1 is deleted", nil, nil, false},
		"broken":    {oncall, "Create", []baseline.Version{written(1, `{"schema":1}`, ben)}, alert.BaselineError, "the approval oncall-1 permits nothing", nil, nil, false},
		"for no group": {
			"/sg-baseline/approvals/web/oncall-1", "Create", []baseline.Version{written(1, approving(hour, ssh), ben)}, alert.BaselineError, "is no approval, and permits nothing", nil, nil, true,
		},
		"a name with a slash": {oncall + "/x", "Create", nil, alert.BaselineError, "is no approval, and permits nothing", nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh})
			a.history = map[string][]baseline.Version{c.parameter: c.versions}
			if len(c.versions) > 0 && c.parameter == oncall {
				a.approvals = map[string]string{"oncall-1": string(c.versions[len(c.versions)-1].Value)}
			}
			if _, err := a.remediator().Handle(context.Background(), parameterEvent(c.parameter, c.operation)); err != nil {
				t.Fatal(err)
			}
			got := a.alerts(t)
			if len(got) == 0 || got[0].Kind != c.kind || !strings.Contains(got[0].Reason, c.want) {
				t.Fatalf("got %+v", got)
			}
			if diff := cmp.Diff([][]string{c.more, c.less}, [][]string{got[0].PermitsMore, got[0].PermitsLess}); diff != "" {
				t.Error(diff)
			}
			if stays := len(a.live) == 1; stays != c.stays || (len(got) == 2) == c.stays {
				t.Errorf("live %v, alerts %+v", a.liveTexts(), got)
			}
			if c.more != nil && got[0].Actor.ARN != ben {
				t.Errorf("approved by %+v", got[0].Actor)
			}
		})
	}
}

func TestAnApprovalForAGroupThatDoesNotExistSaysSo(t *testing.T) {
	t.Parallel()
	a := &aws{history: map[string][]baseline.Version{oncall: {written(1, approving(now.Add(time.Hour), ssh), ben)}}}
	a.fail("group", secgroup.ErrNotFound)
	if _, err := a.remediator().Handle(context.Background(), parameterEvent(oncall, "Create")); err != nil {
		t.Fatal(err)
	}
	if got := a.alerts(t); len(got) != 1 || !strings.Contains(got[0].Reason, "there is no group "+group+" in this account and region, so this permits nothing") {
		t.Errorf("got %+v", got)
	}
}

// graceful has a baseline without a rule that the version before had. The history says how long ago that version was replaced.
func graceful(ago time.Duration, live []string, versions ...string) *aws {
	a := newAWS(live)
	a.changedAt = now.Add(-ago)
	parameter := "/sg-baseline/groups/" + group
	a.history = map[string][]baseline.Version{}
	for i, text := range versions {
		v := baseline.Version{Stored: baseline.Stored{Version: int64(7 - len(versions) + i + 1), Value: []byte(text), ModifiedAt: now.Add(-time.Hour)}}
		a.history[parameter] = append(a.history[parameter], v)
	}
	last := &a.history[parameter][len(versions)-1]
	last.ModifiedAt, a.document = a.changedAt, versions[len(versions)-1]
	return a
}

func TestWhatWasPermittedUntilRecentlyStaysForTheGrace(t *testing.T) {
	t.Parallel()
	const https, intruders = "ingress tcp 443 10.0.0.0/8", "ingress tcp 3389 0.0.0.0/0"
	for name, c := range map[string]struct {
		ago      time.Duration
		versions []string
		grace    time.Duration
		stays    []string
		history  bool // whether it is asked for
	}{
		"within the grace":              {9 * time.Minute, []string{document(https), document()}, 10 * time.Minute, []string{https}, true},
		"after it":                      {10 * time.Minute, []string{document(https), document()}, 10 * time.Minute, nil, false},
		"without one":                   {time.Minute, []string{document(https), document()}, 0, nil, false},
		"the baseline asks for none":    {time.Minute, []string{document(https), with(document(), `"graceMinutes":0`)}, 10 * time.Minute, nil, false},
		"the baseline asks for more":    {time.Hour - time.Second, []string{document(https), with(document(), `"graceMinutes":60`)}, 10 * time.Minute, []string{https}, true},
		"no version permitted it":       {time.Minute, []string{document("ingress tcp 80 10.0.0.0/8"), document()}, 10 * time.Minute, nil, true},
		"a clock that is off":           {-time.Hour, []string{document(https), document()}, 10 * time.Minute, []string{https}, true},
		"two versions permitted it":     {time.Minute, []string{document("ingress tcp 443 10.0.0.0/9", "ingress tcp 443 10.128.0.0/9"), document()}, 10 * time.Minute, []string{https}, true},
		"the version before was broken": {time.Minute, []string{"{", document()}, 10 * time.Minute, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := graceful(c.ago, []string{https, intruders}, c.versions...)
			r := a.remediator()
			r.Grace = c.grace
			if _, err := r.Reconcile(context.Background(), sweeping); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.stays, a.liveTexts()); diff != "" {
				t.Error(diff)
			}
			if asked := slices.Contains(a.calls, "history"); asked != c.history {
				t.Errorf("asked for the history: %v", asked)
			}
		})
	}
}

func TestGraceKeepsEverythingWhileTheVersionsCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err     error
		wantErr bool
		alerts  int
	}{
		"refused":   {errDenied, false, 1},
		"throttled": {errTimeout, true, 0},
	} {
		a := graceful(time.Minute, []string{ssh}, document(ssh), document())
		a.fail("history", c.err)
		r := a.remediator()
		r.Grace = 10 * time.Minute
		_, err := r.Reconcile(context.Background(), sweeping)
		if (err != nil) != c.wantErr || len(a.live) != 1 || len(a.alerts(t)) != c.alerts {
			t.Errorf("%s: %v, live %v, alerts %+v", name, err, a.liveTexts(), a.alerts(t))
		}
		if c.alerts == 1 && (a.alerts(t)[0].Outcome != alert.WouldRevert || !strings.Contains(a.alerts(t)[0].Reason, "nothing is revoked until 2026-11-21T20:01:51Z")) {
			t.Errorf("%s: %+v", name, a.alerts(t)[0])
		}
	}
}

func TestAChangedBaselineIsReportedWithWhatWillBeRevokedAndHowToUndoIt(t *testing.T) {
	t.Parallel()
	a := graceful(0, []string{ssh}, document(ssh), document())
	parameter := "/sg-baseline/groups/" + group
	r := a.remediator()
	r.Grace = 10 * time.Minute
	if _, err := r.Handle(context.Background(), parameterEvent(parameter, "Update")); err != nil {
		t.Fatal(err)
	}
	got := a.alerts(t)
	if len(got) != 1 || got[0].Kind != alert.BaselineChanged || len(got[0].Findings) != 1 || len(a.live) != 1 {
		t.Fatalf("live %v, alerts %+v", a.liveTexts(), got)
	}
	if f := got[0].Findings[0]; f.Rule != ssh || f.Action != alert.ActionNone || !strings.Contains(f.Reason, "permitted until 2026-11-21T20:02:51Z only, by version 6 (grace)") {
		t.Errorf("got %+v", f)
	}
	if !strings.Contains(got[0].Undo, "aws ssm put-parameter --region us-east-1 --name "+parameter+" --overwrite") || !strings.Contains(got[0].Undo, parameter+":6 ") {
		t.Errorf("undo: %s", got[0].Undo)
	}
}

func pausing(until time.Time) string {
	return fmt.Sprintf(`{"schema":1,"until":%q,"reason":"migration CHG-77"}`, until.UTC().Format(time.RFC3339))
}

func TestAPauseKeepsEC2AsItIsAndReportsEverything(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pause  string
		paused bool
	}{
		"paused": {pausing(now.Add(time.Hour)), true}, "over": {pausing(now), false}, "broken": {`{"schema":1}`, false}, "a day and more": {pausing(now.Add(48 * time.Hour)), false},
	} {
		a := newAWS([]string{ssh})
		a.pause = c.pause
		handle(t, a, "authorize-ingress-ipv4")
		got := a.alerts(t)
		if paused := len(a.live) == 1; paused != c.paused || len(got) != 1 || (got[0].Outcome == alert.WouldRevert) != c.paused {
			t.Errorf("%s: live %v, alerts %+v", name, a.liveTexts(), got)
		}
		if c.paused && !strings.Contains(got[0].Reason, "to go on: aws ssm delete-parameter --region us-east-1 --name /sg-baseline/pause") {
			t.Errorf("%s: %q", name, got[0].Reason)
		}
	}
}

// A pause whose time is past is ended. Whoever begins one so has
// paused nothing.
func TestAPauseThatIsOverEndsTheOneBefore(t *testing.T) {
	t.Parallel()
	const parameter = "/sg-baseline/pause"
	a := &aws{history: map[string][]baseline.Version{parameter: {written(1, pausing(now.Add(time.Hour)), ben), written(2, pausing(now.Add(-time.Minute)), ben)}}}
	if _, err := a.remediator().Handle(context.Background(), parameterEvent(parameter, "Update")); err != nil {
		t.Fatal(err)
	}
	if got := a.alerts(t); len(got) != 1 || got[0].Severity != alert.Low || !strings.Contains(got[0].Reason, "the pause ended at") {
		t.Errorf("got %+v", got)
	}
}

func TestAnApprovalThatIsOverWhenItIsWrittenPermitsNothing(t *testing.T) {
	t.Parallel()
	a := newAWS(nil)
	a.history = map[string][]baseline.Version{oncall: {written(1, approving(now.Add(-time.Minute), ssh), ben)}}
	if _, err := a.remediator().Handle(context.Background(), parameterEvent(oncall, "Create")); err != nil {
		t.Fatal(err)
	}
	if got := a.alerts(t); len(got) != 1 || len(got[0].PermitsMore) != 0 || !strings.Contains(got[0].Reason, "permits nothing: it ended at") {
		t.Errorf("got %+v", got)
	}
}

func TestAPauseAndItsEndAreReported(t *testing.T) {
	t.Parallel()
	const parameter = "/sg-baseline/pause"
	for name, c := range map[string]struct {
		operation, value, want string
		severity               alert.Severity
	}{
		"paused":         {"Create", pausing(now.Add(time.Hour)), "sgwarden is paused until 2026-11-21T20:52:51Z (migration CHG-77)", alert.High},
		"over already":   {"Create", pausing(now.Add(-time.Minute)), "this pauses nothing: until 2026-11-21T19:51:51Z is past", alert.Critical},
		"the end":        {"Delete", "", "the pause is deleted", alert.Low},
		"no use as such": {"Create", "{", "this pauses nothing", alert.Critical},
	} {
		a := &aws{history: map[string][]baseline.Version{}}
		if c.value != "" {
			a.history[parameter] = []baseline.Version{written(1, c.value, ben)}
		}
		if _, err := a.remediator().Handle(context.Background(), parameterEvent(parameter, c.operation)); err != nil {
			t.Fatal(err)
		}
		if got := a.alerts(t); len(got) != 1 || got[0].Kind != alert.Paused || got[0].Severity != c.severity || !strings.Contains(got[0].Reason, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

const ci = "arn:aws:iam::111122223333:role/terraform-ci"

func trusting(arn string) string {
	return fmt.Sprintf(`{"schema":1,"principals":[{"arn":%q,"pendingHours":24}]}`, arn)
}

func TestWhatATrustedPrincipalOpensWaitsForApprovalUnlessItHasHighSeverity(t *testing.T) {
	t.Parallel()
	const web = "ingress tcp 8080 20.0.0.0/24"
	for name, c := range map[string]struct {
		opened    []string
		principal string
		pause     bool
		writeErr  error
		stays     []string
		want      []summary
		kind      alert.Kind
	}{
		"not of high severity": {[]string{web}, ci, false, nil, []string{web}, []summary{{alert.Pending, alert.Medium, []string{"pending " + web}}}, alert.PendingKind},
		"of high severity":     {[]string{ssh}, ci, false, nil, nil, []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}}, alert.Drift},
		"one of each":          {[]string{ssh, web}, ci, false, nil, []string{web}, []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh, "pending " + web}}}, alert.Drift},
		"somebody else's":      {[]string{web}, ci + "-2", false, nil, nil, []summary{{alert.Reverted, alert.Medium, []string{"revoked " + web}}}, alert.Drift},
		"nobody's known":       {[]string{web}, "", false, nil, nil, []summary{{alert.Reverted, alert.Medium, []string{"revoked " + web}}}, alert.Drift},
		"the approval can't be written": {
			[]string{web}, ci, false, errDenied, nil, []summary{{alert.Reverted, alert.Medium, []string{"revoked " + web}}}, alert.Drift,
		},
		"while it is paused": {[]string{web}, ci, true, nil, []string{web}, []summary{{alert.WouldRevert, alert.Medium, []string{"none " + web}}}, alert.Drift},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(c.opened)
			a.trust = trusting(ci)
			if c.pause {
				a.pause = pausing(now.Add(time.Hour))
			}
			a.fail("approve pending-e_1", c.writeErr)
			event := trail.Trigger{EventID: "e/1", EventName: "AuthorizeSecurityGroupIngress", GroupID: group, Region: "us-east-1", Time: now, Principal: c.principal}
			for _, l := range a.live {
				event.Changes = append(event.Changes, trail.Change{Rule: l.Rule, RuleID: l.ID})
			}
			if _, err := a.remediator().Reconcile(context.Background(), event); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.stays, a.liveTexts()); diff != "" {
				t.Error(diff)
			}
			got := a.alerts(t)
			if diff := cmp.Diff(c.want, summarise(got)); diff != "" || got[0].Kind != c.kind {
				t.Errorf("%s of kind %s", diff, got[0].Kind)
			}
			if pending := c.kind == alert.PendingKind || name == "one of each"; pending != (len(a.approvals) == 1) || len(a.journal) != 0 {
				t.Errorf("approvals %v, journal %v", a.approvals, a.journal)
			}
		})
	}
}

// The twin: when the time is up, and nobody approved it.
func TestWhatIsPendingIsRevertedInTheEnd(t *testing.T) {
	t.Parallel()
	const web = "ingress tcp 8080 20.0.0.0/24"
	a := newAWS([]string{web})
	a.trust = trusting(ci)
	event := trail.Trigger{EventID: "e-1", GroupID: group, Time: now, Principal: ci, Changes: []trail.Change{{Rule: mustParse(t, web)}}}
	r := a.remediator()
	clock := now
	r.Now = func() time.Time { return clock }
	for _, step := range []struct {
		after    time.Duration
		live     int
		reported int
	}{{0, 1, 1}, {time.Minute, 1, 1}, {24*time.Hour - time.Second, 1, 1}, {24 * time.Hour, 0, 2}} {
		clock = now.Add(step.after)
		trigger := sweeping
		if step.after <= time.Minute {
			trigger = event // and its retry
		}
		if _, err := r.Reconcile(context.Background(), trigger); err != nil {
			t.Fatal(err)
		}
		if len(a.live) != step.live || len(a.messages) != step.reported {
			t.Errorf("after %v: live %v, %d alerts", step.after, a.liveTexts(), len(a.messages))
		}
	}
	if got := a.alerts(t); got[1].Kind != alert.ExceptionExpired {
		t.Errorf("got %+v", got[1])
	}
}

// sgwarden has reported the approvals that it writes itself. Anybody else may choose such a name.
func TestSgwardensOwnApprovalsAreNotReportedAgain(t *testing.T) {
	t.Parallel()
	const pending = "/sg-baseline/approvals/" + group + "/pending-e-1"
	for by, reported := range map[string]int{function: 0, ben: 1, "arn:aws:sts::111122223333:assumed-role/sgwarden-RemediatorRole-12/x": 1} {
		a := newAWS([]string{ssh})
		a.history = map[string][]baseline.Version{pending: {written(1, approving(now.Add(time.Hour), ssh), by)}}
		a.approvals = map[string]string{"pending-e-1": approving(now.Add(time.Hour), ssh)}
		r := a.remediator()
		r.OwnRoles = []string{"arn:aws:iam::111122223333:role/service/sgwarden-RemediatorRole-1"}
		if _, err := r.Handle(context.Background(), parameterEvent(pending, "Create")); err != nil || len(a.messages) != reported {
			t.Errorf("by %s: %v, %d alerts", by, err, len(a.messages))
		}
	}
}

func TestAChangeOfTheTrustedPrincipalsHasHighSeverity(t *testing.T) {
	t.Parallel()
	a := &aws{history: map[string][]baseline.Version{"/sg-baseline/trust": {written(1, trusting(ci), ben), written(2, trusting(ci+"-2"), ben)}}}
	if _, err := a.remediator().Handle(context.Background(), parameterEvent("/sg-baseline/trust", "Update")); err != nil {
		t.Fatal(err)
	}
	got := a.alerts(t)
	if len(got) != 1 || got[0].Severity != alert.High {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff([][]string{{"trust " + ci + "-2 for 24 hours"}, {"trust " + ci + " for 24 hours"}}, [][]string{got[0].PermitsMore, got[0].PermitsLess}); diff != "" {
		t.Error(diff)
	}
}

// A pipeline often makes one call for each rule. The run at one of its events leaves
// the rules of the others to their own events.
func TestAnEventOfATrustedPrincipalLeavesTheOthersToTheirEvents(t *testing.T) {
	t.Parallel()
	const first, second, half, otherHalf = "ingress tcp 8080 20.0.0.0/24", "ingress tcp 8081 20.0.0.0/24", "ingress tcp 8080 0.0.0.0/1", "ingress tcp 8080 128.0.0.0/1"
	for name, c := range map[string]struct {
		live     []string // the first is the event's
		waiting  string   // is pending since an earlier event
		age      time.Duration
		stays    []string
		outcomes []alert.Outcome
	}{
		"another rule":           {[]string{first, second}, "", 0, []string{first, second}, []alert.Outcome{alert.Pending}},
		"one of high severity":   {[]string{first, ssh}, "", 0, []string{first}, []alert.Outcome{alert.Reverted}},
		"the world in one event": {[]string{half, otherHalf}, "", 0, nil, []alert.Outcome{alert.Reverted}},
		"the world in two":       {[]string{half, otherHalf}, otherHalf, 0, []string{otherHalf}, []alert.Outcome{alert.Reverted}},
		"an event a day old":     {[]string{first, second}, "", 24 * time.Hour, nil, []alert.Outcome{alert.Reverted}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(c.live)
			a.trust = trusting(ci)
			if c.waiting != "" {
				a.approvals = map[string]string{"pending-0": approving(now.Add(time.Hour), c.waiting)}
			}
			event := trail.Trigger{EventID: "e", EventName: "AuthorizeSecurityGroupIngress", GroupID: group, Region: "us-east-1", Time: now.Add(-c.age), Principal: ci}
			event.Changes = []trail.Change{{Rule: a.live[0].Rule, RuleID: a.live[0].ID}}
			if _, err := a.remediator().Reconcile(context.Background(), event); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.stays, a.liveTexts()); diff != "" {
				t.Error(diff)
			}
			var outcomes []alert.Outcome
			for _, reported := range a.alerts(t) {
				outcomes = append(outcomes, reported.Outcome)
			}
			if diff := cmp.Diff(c.outcomes, outcomes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A rule of the event that a stale read does not show may be live all the same.
func TestWhatAStaleReadHidesIsNotRevokedByItsIDWhereItMayStay(t *testing.T) {
	t.Parallel()
	const web = "ingress tcp 8080 20.0.0.0/24"
	for name, c := range map[string]struct {
		grace    time.Duration
		trust    string
		writes   []string
		outcomes []alert.Outcome
	}{
		"nothing lets it stay":   {0, "", []string{"revoke " + web}, []alert.Outcome{alert.AlreadyGone}},
		"within the grace":       {10 * time.Minute, "", []string{}, nil},
		"of a trusted principal": {0, trusting(ci), []string{}, []alert.Outcome{alert.AlreadyGone}},
		"of an untrusted one":    {0, trusting(ci + "-2"), []string{"revoke " + web}, []alert.Outcome{alert.AlreadyGone}},
		"after the grace":        {time.Second, "", []string{"revoke " + web}, []alert.Outcome{alert.AlreadyGone}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := graceful(time.Minute, nil, document(web), document())
			a.trust = c.trust
			r := a.remediator()
			r.Grace = c.grace
			event := trail.Trigger{EventID: "e", EventName: "AuthorizeSecurityGroupIngress", GroupID: group, Region: "us-east-1", Time: now, Principal: ci}
			parsed, err := rule.Parse(web)
			if err != nil {
				t.Fatal(err)
			}
			event.Changes = []trail.Change{{Rule: parsed, RuleID: "sgr-hidden"}}
			if _, err := r.Reconcile(context.Background(), event); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.writes, a.writes()); diff != "" {
				t.Error(diff)
			}
			var outcomes []alert.Outcome
			for _, reported := range a.alerts(t) {
				outcomes = append(outcomes, reported.Outcome)
			}
			if diff := cmp.Diff(c.outcomes, outcomes); diff != "" {
				t.Error(diff)
			}
		})
	}
}
