package remediate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const ssh = "ingress tcp 22 0.0.0.0/0" // what the sample authorize-ingress-ipv4 opens

// summary is what the cases below compare.
type summary struct {
	Outcome  alert.Outcome
	Severity alert.Severity
	Findings []string // action, rule
}

func summarise(alerts []alert.Alert) []summary {
	var all []summary
	for _, a := range alerts {
		s := summary{Outcome: a.Outcome, Severity: a.Severity}
		for _, f := range a.Findings {
			s.Findings = append(s.Findings, string(f.Action)+" "+f.Rule)
		}
		all = append(all, s)
	}
	return all
}

func TestAnAuthorizeEventIsJudgedByLiveRulesAndBaseline(t *testing.T) {
	t.Parallel()
	const https = "ingress tcp 443 0.0.0.0/0"
	cases := map[string]struct {
		aws       *aws
		alertMode bool
		stays     []string
		want      []summary
	}{
		"an unapproved rule is revoked, the rest stays": {
			aws: newAWS([]string{https, ssh}, https), stays: []string{https},
			want: []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}},
		},
		"an approved rule stays and nothing is reported": {
			aws: newAWS([]string{https, ssh}, https, ssh), stays: []string{https, ssh},
		},
		"a group without a baseline is left alone": {
			aws: &aws{live: newAWS([]string{ssh}).live}, stays: []string{ssh},
		},
		"an empty baseline permits nothing": {
			aws:  newAWS([]string{https, ssh}),
			want: []summary{{alert.Reverted, alert.High, []string{"revoked " + https, "revoked " + ssh}}},
		},
		"a violation that no event named is revoked too": {
			aws: newAWS([]string{"egress tcp 8443 10.0.0.0/8", ssh}, ssh), stays: []string{ssh},
			want: []summary{{alert.Reverted, alert.Medium, []string{"revoked egress tcp 8443 10.0.0.0/8"}}},
		},
		"a rule of the event that is not live is still reported": {
			aws: newAWS(nil), want: []summary{{alert.AlreadyGone, alert.High, []string{"already-gone " + ssh}}},
		},
		"a rule of the event that is not live but approved is not": {
			aws: newAWS(nil, ssh),
		},
		"in MODE=alert everything stays and is reported": {
			aws: newAWS([]string{ssh}), alertMode: true, stays: []string{ssh},
			want: []summary{{alert.WouldRevert, alert.High, []string{"none " + ssh}}},
		},
		"in a baseline's alert mode too": {
			aws:   &aws{live: newAWS([]string{ssh}).live, document: strings.Replace(empty, `"ingress"`, `"mode":"alert","ingress"`, 1)},
			stays: []string{ssh},
			want:  []summary{{alert.WouldRevert, alert.High, []string{"none " + ssh}}},
		},
		"nothing is authorised for what the event's own call opened": {
			aws:  newAWS([]string{ssh}, "ingress tcp 22 10.0.0.0/8", "ingress all all 172.16.0.0/12", "ingress tcp 22 sg-0bbb"),
			want: []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}},
		},
		"approved traffic that only another violation carries is authorised before that one is revoked": {
			aws:   newAWS([]string{"ingress tcp 20-8443 0.0.0.0/0", ssh}, "ingress tcp 22 10.0.0.0/8", "ingress all all 172.16.0.0/12"),
			stays: []string{"ingress tcp 22 10.0.0.0/8", "ingress tcp 20-8443 172.16.0.0/12"},
			want: []summary{{alert.Reverted, alert.High, []string{
				"restored ingress tcp 22 10.0.0.0/8", "restored ingress tcp 20-8443 172.16.0.0/12", "revoked ingress tcp 20-8443 0.0.0.0/0", "revoked " + ssh,
			}}},
		},
		"a direction that the baseline does not mention is left alone": {
			aws:   &aws{live: newAWS([]string{"egress all all 0.0.0.0/0", ssh}).live, document: `{"schema":1,"groupId":"` + group + `","ingress":[]}`},
			stays: []string{"egress all all 0.0.0.0/0"},
			want:  []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}},
		},
		"and one that it mentions as empty is not": {
			aws:   &aws{live: newAWS([]string{"egress all all 0.0.0.0/0", ssh}).live, document: `{"schema":1,"groupId":"` + group + `","egress":[]}`},
			stays: []string{ssh},
			want:  []summary{{alert.Reverted, alert.High, []string{"revoked egress all all 0.0.0.0/0"}}},
		},
		"approved traffic that another rule carries is not": {
			aws:   newAWS([]string{ssh, "ingress tcp 22 10.0.0.0/8"}, "ingress tcp 22 10.0.0.0/8"),
			stays: []string{"ingress tcp 22 10.0.0.0/8"},
			want:  []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			remediator := c.aws.remediator()
			remediator.Enforce = !c.alertMode
			if _, err := remediator.Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.stays, c.aws.liveTexts()); diff != "" {
				t.Errorf("live rules: %s", diff)
			}
			if diff := cmp.Diff(c.want, summarise(c.aws.alerts(t))); diff != "" {
				t.Errorf("alerts: %s", diff)
			}
		})
	}
}

func TestTheAlertSaysAllOfTheContract(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh})
	a.live[0].Description = "temporary"
	result, err := a.remediator().Handle(context.Background(), events.MustRead("authorize-ingress-ipv4"))
	if err != nil {
		t.Fatal(err)
	}
	exposure := 20.4
	putBack := "aws ec2 authorize-security-group-ingress --region us-east-1 --group-id " + group +
		` --ip-permissions '[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0","Description":"temporary"}]}]' --query Return --output text`
	want := alert.Alert{
		Schema: 1, Kind: alert.Drift, Outcome: alert.Reverted, Severity: alert.High,
		Account: "111122223333", Region: "us-east-1", GroupID: group, GroupName: "ecs-front", VpcID: "vpc-0f1e2d3c4b5a69788",
		Interfaces: &alert.Interfaces{Total: 3, Public: 1},
		Actor:      &alert.Actor{Type: "IAMUser", ARN: "arn:aws:iam::111122223333:user/ana", SourceIP: "203.0.113.7"},
		Event:      alert.Event{Name: "AuthorizeSecurityGroupIngress", Time: eventTime},
		Findings: []alert.Finding{{
			Rule: ssh, RuleID: sampleIDs[ssh], Description: "temporary", Verdict: alert.Violation, OpenedByEvent: true,
			Reason: "no baseline rule permits tcp 22 from 0.0.0.0/0", Action: alert.ActionRevoked,
		}},
		ExposureSeconds: &exposure,
		Baseline:        alert.Baseline{Parameter: "/sg-baseline/groups/" + group, Version: 7},
		Approve: "aws ssm put-parameter --region us-east-1 --name /sg-baseline/approvals/" + group + "/20261121-195251-53c3a5f2-1 --type String --overwrite --value " +
			`'{"schema":1,"rules":["ingress tcp 22 0.0.0.0/0"],"expires":"2026-11-22T03:52:51Z","reason":"approved from the alert of event 53c3a5f2-7905-4bdd-ad8a-7ecb7c9ed281"}' && ` + putBack,
		Undo:   putBack,
		MadeAt: eventTime.Add(20400 * time.Millisecond),
	}
	got := a.alerts(t)[0]
	if got.Event.ID == "" || !strings.HasPrefix(got.Actor.UserAgent, "aws-cli/") {
		t.Errorf("got event %+v by %+v", got.Event, got.Actor)
	}
	want.Event.ID, want.Actor.UserAgent = got.Event.ID, got.Actor.UserAgent
	if got.ID == "" || len(got.Actions) == 0 || got.Actions[0].Command != want.Approve {
		t.Errorf("got id %q and actions %v", got.ID, got.Actions)
	}
	want.ID, want.Actions = got.ID, got.Actions
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(rule.Rule{})); diff != "" {
		t.Error(diff)
	}
	returned, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]string
	if err := json.Unmarshal([]byte(a.messages[0].Body), &body); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(body["default"], string(returned)); diff != "" {
		t.Errorf("the return value differs from the alert: %s", diff)
	}
}

var (
	errDenied  = fmt.Errorf("%w: api error UnauthorizedOperation: You are not authorized to perform this operation", secgroup.ErrRefused)
	errTimeout = errors.New("https response error StatusCode: 0, RequestID: , request send failed")
)

func TestFaultsAreReportedAndReturned(t *testing.T) {
	t.Parallel()
	const other = "ingress tcp 3389 0.0.0.0/0"
	cases := map[string]struct {
		call     string
		err      error
		live     []string
		approved []string
		wantErr  bool
		stays    []string
		want     []summary
	}{
		"a revoke that is refused": {
			call: "revoke " + ssh, err: errDenied, live: []string{ssh}, wantErr: true, stays: []string{ssh},
			want: []summary{{alert.Failed, alert.Critical, []string{"failed " + ssh}}},
		},
		"one of two revokes that is refused": {
			call: "revoke " + ssh, err: errDenied, live: []string{ssh, other}, wantErr: true, stays: []string{ssh},
			want: []summary{{alert.Partial, alert.Critical, []string{"failed " + ssh, "revoked " + other}}},
		},
		"a rule that somebody else revoked meanwhile is success": {
			call: "revoke " + ssh, err: secgroup.ErrNotFound, live: []string{ssh}, stays: []string{ssh},
			want: []summary{{alert.AlreadyGone, alert.High, []string{"already-gone " + ssh}}},
		},
		"live rules that may not be read": {
			call: "rules", err: errDenied, live: []string{ssh}, wantErr: true, stays: []string{ssh},
			want: []summary{{alert.Failed, alert.Critical, nil}},
		},
		"live rules that can't be read just now are left to the retry": {
			call: "rules", err: errTimeout, live: []string{ssh}, wantErr: true, stays: []string{ssh},
		},
		"a baseline that can't be read just now is left to the retry": {
			call: "baseline", err: errTimeout, live: []string{ssh}, wantErr: true, stays: []string{ssh},
		},
		"a baseline that may not be read": {
			call: "baseline", err: errDenied, live: []string{ssh}, wantErr: true, stays: []string{ssh},
			want: []summary{{alert.Failed, alert.Critical, nil}},
		},
		"a group whose name can't be read is reported without it": {
			call: "group", err: errDenied, live: []string{ssh},
			want: []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(c.live, c.approved...)
			a.fail(c.call, c.err)
			_, err := a.remediator().Handle(context.Background(), events.MustRead("authorize-ingress-ipv4"))
			if (err != nil) != c.wantErr || err != nil && !errors.Is(err, c.err) {
				t.Errorf("got error %v, want one: %v", err, c.wantErr)
			}
			if diff := cmp.Diff(c.stays, a.liveTexts()); diff != "" {
				t.Errorf("live rules: %s", diff)
			}
			if diff := cmp.Diff(c.want, summarise(a.alerts(t))); diff != "" {
				t.Errorf("alerts: %s", diff)
			}
		})
	}
}

func TestAnAlertThatIsLostIsMadeUpForByTheRetry(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh})
	a.fail("publish", slices.Repeat([]error{errDenied}, 6)...)
	message := events.MustRead("authorize-ingress-ipv4")
	if _, err := a.remediator().Handle(context.Background(), message); !errors.Is(err, errDenied) {
		t.Fatalf("got %v", err)
	}
	if len(a.live) != 0 || len(a.messages) != 0 {
		t.Fatalf("got live %v, messages %v", a.live, a.messages)
	}
	if _, err := a.remediator().Handle(context.Background(), message); err != nil {
		t.Fatal(err)
	}
	want := []summary{{alert.AlreadyGone, alert.High, []string{"already-gone " + ssh}}}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}
}

func TestAnAlertIsTriedAgainBeforeTheEventIs(t *testing.T) {
	t.Parallel()
	const unnamed = "ingress tcp 3389 0.0.0.0/0" // no retry of the event would know of it
	a := newAWS([]string{ssh, unnamed})
	a.fail("publish", errDenied, errDenied)
	if _, err := a.remediator().Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
		t.Fatal(err)
	}
	want := []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh, "revoked " + unnamed}}}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}
}

func TestBaselinesThatCannotBeUsedNeverLeadToARevoke(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ document, want string }{
		"no JSON":                   {"ingress: []", "not JSON"},
		"another schema version":    {`{"schema":2,"groupId":"` + group + `","ingress":[],"egress":[]}`, "schema: must be 1"},
		"another group's":           {`{"schema":1,"groupId":"sg-0b","ingress":[],"egress":[]}`, "the document is for sg-0b, not for " + group},
		"empty":                     {" ", "not JSON"},
		"empty, but not said so":    {`{"schema":1,"groupId":"` + group + `"}`, "an empty baseline must say"},
		"several errors, all named": {`{"schema":1,"groupId":"` + group + `","colour":1,"ingress":[{}]}`, "colour: unknown field"},
		"too large":                 {strings.Repeat(" ", 1<<21), "too large"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh})
			a.document = c.document
			if _, err := a.remediator().Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
				t.Errorf("asks for a retry that would read the same: %v", err)
			}
			got := a.alerts(t)
			if len(got) != 1 || got[0].Kind != alert.BaselineError || got[0].Severity != alert.Critical ||
				!strings.Contains(got[0].Reason, c.want) || !strings.Contains(got[0].Reason, ssh) {
				t.Errorf("got alerts %+v", got)
			}
			if diff := cmp.Diff([]string{ssh}, a.liveTexts()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAGroupKnownOnlyByNameIsFound(t *testing.T) {
	t.Parallel()
	message := events.MustRead("authorize-ingress-by-name-without-rule-set")
	a := newAWS([]string{ssh})
	if _, err := a.remediator().Handle(context.Background(), message); err != nil || len(a.live) != 0 {
		t.Errorf("got %v, live %v", err, a.liveTexts())
	}
	a = newAWS([]string{ssh})
	a.fail("group web", secgroup.ErrNotFound)
	result, err := a.remediator().Handle(context.Background(), message)
	want := remediate.Result{
		Reason: `there is no group named "web" in the default VPC`, Cause: trail.UnknownGroup,
		Subject: remediate.Subject{EventID: result.Subject.EventID, EventName: "AuthorizeSecurityGroupIngress", ActorARN: result.Subject.ActorARN},
	}
	if err != nil || result != want || result.Subject.EventID == "" || result.Subject.ActorARN == "" || len(a.live) != 1 {
		t.Errorf("got %v, %v, live %v", result, err, a.liveTexts())
	}
	a = newAWS([]string{ssh})
	a.fail("group web", errDenied)
	if _, err := a.remediator().Handle(context.Background(), message); !errors.Is(err, errDenied) {
		t.Errorf("got %v", err)
	}
}

func TestALiveRuleThatCannotBeReadIsReportedAndLeft(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh})
	a.live = append(a.live, secgroup.LiveRule{ID: "sgr-odd", Text: "ingress tcp ?-? 10.0.0.0/8", NotCanonical: errors.New("a tcp rule without a port range")})
	if _, err := a.remediator().Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
		t.Fatal(err)
	}
	want := []summary{{alert.Partial, alert.Critical, []string{"revoked " + ssh, "failed ingress tcp ?-? 10.0.0.0/8"}}}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}
	if len(a.live) != 1 || a.live[0].ID != "sgr-odd" {
		t.Errorf("live %v", a.live)
	}
}

func TestTimeIsKeptForTheAlert(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // its clock stands while something is done
		a := newAWS([]string{ssh})
		remediator := a.remediator()
		writer := &hanging{a}
		remediator.Writer = writer
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second+50*time.Millisecond)
		defer cancel()
		if _, err := remediator.Handle(ctx, events.MustRead("authorize-ingress-ipv4")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		want := []summary{{alert.Failed, alert.Critical, []string{"failed " + ssh}}}
		if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
			t.Error(diff)
		}
	})
}

// hanging never answers.
type hanging struct{ *aws }

func (h *hanging) Revoke(ctx context.Context, _ string, rules []secgroup.LiveRule) []error {
	<-ctx.Done()
	return slices.Repeat([]error{ctx.Err()}, len(rules))
}

func TestMessagesThatAreNothingToDoCallNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"authorize-ingress-failed", "authorize-ingress-dry-run", "console-test-empty", "foreign-run-instances", "describe-rules"} {
		a := newAWS([]string{ssh})
		result, err := a.remediator().Handle(context.Background(), events.MustRead(name))
		if err != nil || result.Alert != nil || result.Reason == "" || len(a.calls) != 0 {
			t.Errorf("%s: got %v, %v after calls %v", name, result, err, a.calls)
		}
	}
}

// askedFor is a SweepRequester.
type askedFor struct {
	reasons []string
	err     error
}

func (a *askedFor) Ask(_ context.Context, reason string) error {
	a.reasons = append(a.reasons, reason)
	return a.err
}

func TestAnEventThatDoesNotSayItsGroupAsksForASweep(t *testing.T) {
	t.Parallel()
	for sample, reason := range map[string]string{
		"authorize-ingress-omitted-parameters":       "does not say which security group it was",
		"delete-group-by-name":                       "deleted groups can't be looked up by name",
		"authorize-ingress-by-name-without-rule-set": `there is no group named "web" in the default VPC`,
		"authorize-ingress-ipv4":                     "",
		"authorize-ingress-failed":                   "",
	} {
		for _, failure := range []error{nil, errDenied} {
			a := newAWS([]string{ssh})
			a.fail("group web", secgroup.ErrNotFound)
			sweeps := &askedFor{err: failure}
			r := a.remediator()
			r.Sweeps = sweeps
			_, err := r.Handle(context.Background(), events.MustRead(sample))
			if asked := len(sweeps.reasons) == 1 && strings.Contains(sweeps.reasons[0], reason); asked != (reason != "") {
				t.Errorf("%s: asked for %q", sample, sweeps.reasons)
			}
			if reason != "" && !errors.Is(err, failure) || reason == "" && err != nil {
				t.Errorf("%s: got %v, want %v", sample, err, failure)
			}
		}
	}
}

// readsOfTwoTimes answers the rules late, and the baseline differently after that.
type readsOfTwoTimes struct {
	*aws
	clock *time.Time
	late  time.Duration
	after string
}

func (c *readsOfTwoTimes) Rules(ctx context.Context, groupID string) ([]secgroup.LiveRule, error) {
	for !c.read() { // the documents come first
	}
	c.mu.Lock()
	*c.clock = c.clock.Add(c.late)
	c.document = c.after
	c.mu.Unlock()
	return c.aws.Rules(ctx, groupID)
}

func (c *readsOfTwoTimes) read() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.calls, "baseline")
}

func TestDocumentsAreNeverMuchOlderThanTheRulesThatTheyJudge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		late  time.Duration
		reads int
		stays int
	}{
		"side by side": {500 * time.Millisecond, 1, 0},
		"of different times: approved meanwhile, and then made": {501 * time.Millisecond, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := now
			a := &readsOfTwoTimes{aws: newAWS([]string{ssh}), clock: &clock, late: c.late, after: document(ssh)}
			r := a.remediator()
			r.Rules = a
			r.Now = func() time.Time {
				a.mu.Lock()
				defer a.mu.Unlock()
				return clock
			}
			if _, err := r.Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
				t.Fatal(err)
			}
			reads := 0
			for _, call := range a.calls {
				if call == "baseline" {
					reads++
				}
			}
			if reads != c.reads || len(a.live) != c.stays {
				t.Errorf("%d reads of the baseline, live %v", reads, a.liveTexts())
			}
		})
	}
}

// EC2 may show for some seconds what was there before. The id is known by the event.
func TestARuleThatAStaleReadHidesIsRevokedByItsID(t *testing.T) {
	t.Parallel()
	a := newAWS([]string{ssh})
	r := a.remediator()
	r.Rules = blind{a}
	if _, err := r.Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
		t.Fatal(err)
	}
	want := []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" || len(a.live) != 0 || a.alerts(t)[0].ExposureSeconds == nil {
		t.Errorf("live %v %s", a.liveTexts(), diff)
	}
}

// In a burst the rules are revoked already, and needless revokes would keep the needed ones waiting.
func TestProbesOfWhatIsNotLiveAreFew(t *testing.T) {
	t.Parallel()
	a := newAWS(nil)
	clock := now
	r := a.remediator()
	r.Now = func() time.Time { return clock }
	for range 10 {
		handleWith(t, r, "authorize-ingress-ipv4")
	}
	if got := len(a.writes()); got != 3 {
		t.Errorf("%d revokes by id within a minute", got)
	}
	clock = clock.Add(time.Minute)
	if handleWith(t, r, "authorize-ingress-ipv4"); len(a.writes()) != 4 {
		t.Errorf("%d revokes a minute later", len(a.writes()))
	}
}

func handleWith(t *testing.T, r *remediate.Remediator, sample string) {
	t.Helper()
	if _, err := r.Handle(context.Background(), events.MustRead(sample)); err != nil {
		t.Fatal(err)
	}
}

// blind shows no rules.
type blind struct{ *aws }

func (blind) Rules(context.Context, string) ([]secgroup.LiveRule, error) { return nil, nil }

func TestMissingRulesGetRoomFromRulesThatNobodyNeeds(t *testing.T) {
	t.Parallel()
	const wide, junk, missing = "ingress tcp 443 10.0.0.0/8", "ingress tcp 443 10.1.0.0/16", "ingress tcp 80 10.0.0.0/8"
	full := fmt.Errorf("authorize: %w", secgroup.ErrFull)
	a := newAWS([]string{wide, junk}, wide, missing)
	a.document = with(a.document, `"restore":true`)
	a.fail("authorize "+missing, full)
	if _, err := a.remediator().Reconcile(context.Background(), trail.Trigger{EventName: "Sweep", GroupID: group, MayRemove: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{wide, missing}, a.liveTexts()); diff != "" {
		t.Error(diff)
	}
	want := []summary{{alert.Reverted, alert.Medium, []string{"restored " + missing, "revoked " + junk}}}
	if diff := cmp.Diff(want, summarise(a.alerts(t))); diff != "" {
		t.Error(diff)
	}
	a = newAWS([]string{wide, junk}, wide, missing) // with room, the junk stays
	a.document = with(a.document, `"restore":true`)
	if _, err := a.remediator().Reconcile(context.Background(), trail.Trigger{EventName: "Sweep", GroupID: group, MayRemove: true}); err != nil || len(a.live) != 3 {
		t.Errorf("with room: %v, live %v", err, a.liveTexts())
	}
}

func TestAnAnswerFitsLambda(t *testing.T) {
	t.Parallel()
	a := alert.Alert{Outcome: alert.Failed, GroupID: group}
	for i := range 20_000 {
		a.Findings = append(a.Findings, alert.Finding{Rule: fmt.Sprintf("ingress tcp %d 0.0.0.0/0", i), Verdict: alert.Violation, Action: alert.ActionFailed, Reason: strings.Repeat("x", 500)})
	}
	a = alert.New(a)
	answer, err := json.Marshal(remediate.Result{Alert: &a})
	if err != nil || len(answer) > 6_000_000 || !strings.Contains(string(answer), "18000 more findings are in the alerts on the topic") {
		t.Errorf("%d bytes, %v", len(answer), err)
	}
}
