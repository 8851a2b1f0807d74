package integration

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// hostile is what an attacker may write wherever AWS takes any text.
const hostile = "--help it's \"$(touch pwned)\" `touch pwned`; touch pwned & !! %s \u202e<b>x</b>\ntouch pwned #"

// pastedAlert is an alert of a kind, with what it is about as it is after the alert.
type pastedAlert struct {
	group
	alert.Alert
	prefix string
}

// newPastedAlert makes an alert about a new group. Its documents are where no function looks
// for any, so that nothing but the pasted command has an effect.
func newPastedAlert(t *testing.T, kind alert.Kind, document string) *pastedAlert {
	t.Helper()
	g := unseen(t)
	where := "/pasted/" + g.id
	return &pastedAlert{group: g, prefix: where, Alert: alert.Alert{
		Kind: kind, Outcome: alert.None, Account: "111122223333", Region: "us-east-1", GroupID: g.id, GroupName: hostile, VpcID: "vpc-0f",
		Peers: map[string]string{"sg-0b": hostile}, Actor: &alert.Actor{Type: "IAMUser", ARN: hostile, UserAgent: hostile, SourceIdentity: hostile},
		Event:    alert.Event{ID: "c409-$(touch pwned)", Name: hostile, Time: time.Now().Add(-time.Minute)},
		Baseline: alert.Baseline{Parameter: where + strings.ReplaceAll(document, "GROUP", g.id)}, MadeAt: time.Now(), Reason: hostile,
	}}
}

// unseen makes a group with one rule, by calls that become no events.
func unseen(t *testing.T) group {
	t.Helper()
	g := group{name: fmt.Sprintf("test-%d", groups.Add(1))}
	made, err := unheard.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &g.name, Description: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	g.id = *made.GroupId
	if err := reference.Revoke(t.Context(), unheard, g.id, "egress all all 0.0.0.0/0"); err != nil {
		t.Fatal(err)
	}
	g.open(t, unheard, office)
	return g
}

// with adds a finding.
func (w *pastedAlert) with(t *testing.T, text string, verdict alert.Verdict, action alert.Action) *pastedAlert {
	t.Helper()
	f := alert.Finding{Rule: text, Canonical: parse(t, text), Description: hostile, Verdict: verdict, Action: action, Reason: hostile, Error: hostile}
	if action == alert.ActionFailed || action == alert.ActionPending {
		w.open(t, unheard, text)
		f.RuleID, _ = reference.RuleID(t.Context(), client, w.id, text)
	}
	w.Findings = append(w.Findings, f)
	return w
}

// stored writes versions of the alert's document, the last of which the alert is about.
func (w *pastedAlert) stored(t *testing.T, kind ssmtypes.ParameterType, versions ...string) *pastedAlert {
	t.Helper()
	for _, text := range versions {
		putText(t, unheardParameters, w.Baseline.Parameter, text, kind)
	}
	w.Baseline.Version = int64(len(versions))
	return w
}

// effect checks what a command has done, given what it printed.
type effect func(t *testing.T, w *pastedAlert, out string)

const (
	look    = "look at the rules of the group"
	stop    = "pause sgwarden for one hour"
	approve = "approve for 8 hours and put back"
	before  = "bring the version before back"
	wrote   = "see who wrote the "
	groups1 = "/groups/GROUP"
)

func TestEveryPrintedCommandDoesWhatItSays(t *testing.T) {
	t.Parallel()
	drift := func(kind alert.Kind, document string) func(t *testing.T) *pastedAlert {
		return func(t *testing.T) *pastedAlert {
			w := newPastedAlert(t, kind, document)
			w.Outcome = alert.Reverted
			return w.with(t, ssh, alert.Violation, alert.ActionRevoked).with(t, "egress all all 2001:db8::/32", alert.Violation, alert.ActionRevoked)
		}
	}
	document := func(kind alert.Kind, name string, is ssmtypes.ParameterType, versions ...string) func(t *testing.T) *pastedAlert {
		return func(t *testing.T) *pastedAlert {
			w := newPastedAlert(t, kind, name).stored(t, is, versions...)
			w.Broken = kind == alert.BaselineError
			return w
		}
	}
	const plain, secure = ssmtypes.ParameterTypeString, ssmtypes.ParameterTypeSecureString
	reverted := map[string]effect{approve: isApprovedAndBack, look: lists, stop: pauses}
	cases := map[string]struct {
		of      func(t *testing.T) *pastedAlert
		effects map[string]effect // by label
	}{
		"drift that was reverted":            {drift(alert.Drift, groups1), reverted},
		"a guardrail that was broken":        {drift(alert.GuardrailKind, "/guardrail"), reverted},
		"an exception that expired":          {drift(alert.ExceptionExpired, groups1), reverted},
		"violations that are still open":     {openViolation(alert.Drift), map[string]effect{"close what is open": has(office), "approve for 8 hours": isApproved, look: lists, stop: pauses}},
		"a missing rule":                     {missing(false), map[string]effect{"put back what is missing": has(office, database), look: lists, stop: pauses}},
		"a missing rule with restore: false": {missing(true), map[string]effect{"put back what is missing (sgwarden does not do it, because the baseline has restore: false)": has(office, database), look: lists, stop: pauses}},
		"a change that waits":                {pending, map[string]effect{"approve for 89 days (deploy/baseline.sh allow --for-good approves for good)": isApproved, "revert what is pending now": pendingIsDeleted, look: lists, stop: pauses}},
		"a group that was deleted":           {leftOver, map[string]effect{"delete the baseline that is left over": isDeleted}},
		"a canary that went well":            {canaryAlert(alert.ActionRevoked), map[string]effect{look: lists}},
		"a canary that failed":               {canaryAlert(alert.ActionFailed), map[string]effect{"close what is open": has(office), look: lists}},
		"a baseline that was changed":        {document(alert.BaselineChanged, groups1, plain, v1, v2), map[string]effect{before: is(v1, 3, plain), wrote + "baseline": names("2"), look: lists}},
		"a baseline that is secret":          {document(alert.BaselineChanged, groups1, secure, v1, v2), map[string]effect{before: is(v1, 3, secure), wrote + "baseline": names("2"), look: lists}},
		"a new baseline":                     {document(alert.BaselineChanged, groups1, plain, v1), map[string]effect{"delete the baseline again": isDeleted, wrote + "baseline": names("1"), look: lists}},
		"a baseline that was deleted":        {document(alert.BaselineChanged, groups1, plain), map[string]effect{"see who deleted the baseline (deploy/baseline.sh push FILE writes it again)": names("mallory"), look: lists}},
		"a guardrail that was changed":       {document(alert.BaselineChanged, "/guardrail", plain, v1, v2), map[string]effect{before: is(v1, 3, plain), wrote + "guardrail": names("2"), look: lists}},
		"a guardrail that was deleted":       {document(alert.BaselineChanged, "/guardrail", plain), map[string]effect{"see who deleted the guardrail (deploy/baseline.sh guardrail push FILE writes it again)": names("mallory"), look: lists}},
		"a new trust document":               {document(alert.BaselineChanged, "/trust", plain, v1), map[string]effect{"delete the trust document again": isDeleted, wrote + "trust document": names("1"), look: lists}},
		"a broken baseline":                  {document(alert.BaselineError, groups1, plain, v1, "{"), map[string]effect{before: is(v1, 3, plain), wrote + "baseline": names("2"), look: lists}},
		"a broken baseline, the first":       {document(alert.BaselineError, groups1, plain, "{"), map[string]effect{"delete the broken baseline": isDeleted, wrote + "baseline": names("1"), look: lists}},
		"a broken approval":                  {document(alert.BaselineError, "/approvals/GROUP/a", plain, "{"), map[string]effect{"delete the broken approval": isDeleted, wrote + "approval": names("1"), look: lists}},
		"an approval that was written":       {document(alert.ApprovalChanged, "/approvals/GROUP/a", plain, v1), map[string]effect{"withdraw the approval": isDeleted, wrote + "approval": names("1"), look: lists}},
		"an approval that was changed":       {document(alert.ApprovalChanged, "/approvals/GROUP/a", plain, v1, v2), map[string]effect{"withdraw the approval": isDeleted, before: is(v1, 3, plain), wrote + "approval": names("2"), look: lists}},
		"an approval that was withdrawn":     {document(alert.ApprovalChanged, "/approvals/GROUP/a", plain), map[string]effect{"see who withdrew the approval (deploy/baseline.sh allow GROUP RULE --expires 8h --reason WHY approves again)": names("mallory"), look: lists}},
		"a pause":                            {weakening(document(alert.Paused, "/pause", plain, v1)), map[string]effect{"end the pause": isDeleted, wrote + "pause": names("1"), look: lists}},
		"a pause that is over":               {document(alert.Paused, "/pause", plain), map[string]effect{stop: pauses, look: lists}},
		"a baseline that could not be read":  {notJSON, map[string]effect{wrote + "baseline": names("2"), look: lists}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			printed := alert.New(c.of(t).Alert).Actions
			if len(printed) != len(c.effects) {
				t.Errorf("%d actions, want %d: %+v", len(printed), len(c.effects), printed)
			}
			for i, action := range printed {
				check, known := c.effects[action.Label]
				if !known {
					t.Errorf("an action that nothing checks: %+v", action)
					continue
				}
				w := c.of(t)
				a := alert.New(w.Alert)
				w.Alert = a
				check(t, w, paste(t, a.Actions[i].Command, "AWS_ENDPOINT_URL_CLOUDTRAIL="+cloudTrail(t, a.Baseline.Parameter)))
			}
		})
	}
}

const (
	v1 = `{"schema":1,"ingress":[],"groupName":"it's $(touch pwned) \"é\" \\ *  two  blanks"}`
	v2 = `{"schema":1}`
)

func openViolation(kind alert.Kind) func(t *testing.T) *pastedAlert {
	return func(t *testing.T) *pastedAlert {
		w := newPastedAlert(t, kind, groups1).with(t, ssh, alert.Violation, alert.ActionFailed)
		w.Outcome = alert.Failed
		return w
	}
}

func missing(restoreOff bool) func(t *testing.T) *pastedAlert {
	return func(t *testing.T) *pastedAlert {
		w := newPastedAlert(t, alert.Drift, groups1).with(t, database, alert.Missing, alert.ActionNone)
		w.RestoreOff = restoreOff
		return w
	}
}

func pending(t *testing.T) *pastedAlert {
	w := newPastedAlert(t, alert.PendingKind, groups1).with(t, database, alert.Violation, alert.ActionPending)
	w.Outcome, w.PendingName = alert.Pending, "pending-c409"
	putText(t, unheardParameters, w.prefix+"/approvals/"+w.id+"/pending-c409", v1, ssmtypes.ParameterTypeString)
	return w
}

func leftOver(t *testing.T) *pastedAlert {
	w := newPastedAlert(t, alert.Drift, groups1).stored(t, ssmtypes.ParameterTypeString, v1)
	w.Reason = "the group was deleted and its baseline is still there"
	return w
}

func canaryAlert(action alert.Action) func(t *testing.T) *pastedAlert {
	return func(t *testing.T) *pastedAlert {
		return newPastedAlert(t, alert.CanaryKind, groups1).with(t, alert.CanaryRule.String(), alert.Violation, action)
	}
}

func weakening(of func(*testing.T) *pastedAlert) func(*testing.T) *pastedAlert {
	return func(t *testing.T) *pastedAlert {
		w := of(t)
		w.Weakens = true
		return w
	}
}

func notJSON(t *testing.T) *pastedAlert {
	w := newPastedAlert(t, alert.BaselineError, groups1).stored(t, ssmtypes.ParameterTypeString, v1, v2)
	w.Outcome = alert.Failed
	return w
}

// paste runs a command as somebody does who pastes it into a shell: an interactive bash,
// with its history, in an empty folder. The folder stays empty.
func paste(t *testing.T, command string, environment ...string) string {
	t.Helper()
	out, err := pasteInto(t, "bash --norc --noprofile --noediting -i", command, environment...)
	if err != nil {
		t.Fatalf("%v: %s: %s", err, command, out)
	}
	return out
}

func pasteInto(t *testing.T, shell, command string, environment ...string) (out string, err error) {
	t.Helper()
	dir, script := t.TempDir(), filepath.Join(t.TempDir(), "pasted")
	if err := os.WriteFile(script, []byte(command+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := unheard.Options().Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	environment = append(environment, "HISTFILE=", "PS1=", "AWS_ACCESS_KEY_ID="+keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+keys.SecretAccessKey)
	var printed strings.Builder
	err = local.Run(t.Context(), &printed, "env", append(environment, "bash", "-c", `cd "$1" && exec `+shell+` <"$2"`, "paste", dir, script)...)
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%q left files: %v", command, left)
	}
	return printed.String(), err
}

// cloudTrail answers LookupEvents, which moto does not know, with two deletions: that of
// a parameter of this name is by mallory.
func cloudTrail(t *testing.T, name string) (endpoint string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(asked), "DeleteParameter") || !strings.Contains(string(asked), "StartTime") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = w.Write([]byte(`{"Events":[{"Username":"ana","CloudTrailEvent":"{\"name\":\"/another\"}"},{"Username":"mallory","CloudTrailEvent":` +
			strconv.Quote(`{"name":"`+name+`"}`) + `}]}`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func has(rules ...string) effect {
	return func(t *testing.T, w *pastedAlert, _ string) {
		t.Helper()
		w.has(t, rules...)
		if slices.Contains(rules, database) {
			w.isDescribed(t, database)
		}
	}
}

// isDescribed checks that a rule has its description back, letter by letter.
func (w *pastedAlert) isDescribed(t *testing.T, text string) {
	t.Helper()
	id, err := reference.RuleID(t.Context(), client, w.id, text)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.DescribeSecurityGroupRules(t.Context(), &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{id}})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(answer.SecurityGroupRules[0].Description); got != hostile {
		t.Errorf("the description is %q", got)
	}
}

func isApprovedAndBack(t *testing.T, w *pastedAlert, out string) {
	t.Helper()
	isApproved(t, w, out)
	w.has(t, office, ssh, "egress all all 2001:db8::/32")
	w.isDescribed(t, ssh)
}

// isApproved checks that there is an approval of the alert's violations, for as long as
// it should be.
func isApproved(t *testing.T, w *pastedAlert, _ string) {
	t.Helper()
	answer, err := parameters.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String(w.prefix + "/approvals/" + w.id)})
	if err != nil {
		t.Fatal(err)
	}
	found := slices.DeleteFunc(answer.Parameters, func(p ssmtypes.Parameter) bool { return strings.Contains(*p.Name, "/pending-") })
	if len(found) != 1 {
		t.Fatalf("%d approvals", len(found))
	}
	approved, err := baseline.DecodeApproval([]byte(*found[0].Value), "a", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var rules []rule.Rule
	for _, f := range w.Findings {
		rules = append(rules, f.Canonical)
	}
	lasts := 8 * time.Hour
	if w.Kind == alert.PendingKind {
		lasts = 89 * 24 * time.Hour
	}
	if !slices.Equal(approved.Rules, rules) || approved.Expires.Sub(w.MadeAt.Add(lasts)).Abs() > time.Second {
		t.Errorf("the approval is %+v", approved)
	}
}

func pendingIsDeleted(t *testing.T, w *pastedAlert, _ string) {
	t.Helper()
	wantDeleted(t, w.prefix+"/approvals/"+w.id+"/pending-c409")
}

func isDeleted(t *testing.T, w *pastedAlert, _ string) {
	t.Helper()
	wantDeleted(t, w.Baseline.Parameter)
}

func wantDeleted(t *testing.T, name string) {
	t.Helper()
	answer, err := parameters.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{name}})
	if err != nil || len(answer.Parameters) > 0 {
		t.Errorf("%s is still there, or %v", name, err)
	}
}

// is checks the alert's document.
func is(value string, version int64, kind ssmtypes.ParameterType) effect {
	return func(t *testing.T, w *pastedAlert, _ string) {
		t.Helper()
		answer, err := parameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &w.Baseline.Parameter, WithDecryption: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		if p := answer.Parameter; *p.Value != value || p.Version != version || p.Type != kind {
			t.Errorf("the document is version %d, %s: %s", p.Version, p.Type, *p.Value)
		}
	}
}

// pauses checks that a pause of about an hour is there.
func pauses(t *testing.T, w *pastedAlert, _ string) {
	t.Helper()
	answer, err := parameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String(w.prefix + "/pause")})
	if err != nil {
		t.Fatal(err)
	}
	paused, err := baseline.DecodePause([]byte(*answer.Parameter.Value), time.Now())
	if err != nil || (time.Until(paused.Until)-time.Hour).Abs() > time.Minute {
		t.Errorf("the pause is %+v, error %v", paused, err)
	}
}

func lists(t *testing.T, w *pastedAlert, out string) {
	t.Helper()
	names(w.id)(t, w, out)
}

// names checks what the command has printed.
func names(what string) effect {
	return func(t *testing.T, _ *pastedAlert, out string) {
		t.Helper()
		if !strings.Contains(out, what) {
			t.Errorf("it does not say %q: %s", what, out)
		}
	}
}
