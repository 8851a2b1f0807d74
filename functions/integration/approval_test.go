package integration

import (
	"strings"
	"testing"
	"time"

	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// seconds is how soon approving and un-approving have to act.
const seconds = 10 * time.Second

func TestAChangedBaselineIsReportedWithWhatItPermitsMoreAndLess(t *testing.T) {
	t.Parallel()
	g := unguarded(t, office)
	steps := []struct {
		operation  string
		do         func()
		more, less []string
	}{
		{"Create", func() { put(t, parameters, g.document(t, office)) }, []string{office}, nil},
		{"Update", func() { put(t, parameters, g.document(t, office, database)) }, []string{database}, nil},
		{"Update", func() { put(t, parameters, g.document(t, office, ssh)) }, []string{ssh}, []string{database}},
		{"Delete", func() { remove(t, g.parameter()) }, nil, nil},
	}
	for i, step := range steps {
		nextSecond(t) // the event doesn't say which version it is about, but when
		step.do()
		idle(t)
		var changed []alert.Alert
		for _, a := range g.alerts(t) {
			if a.Kind == alert.BaselineChanged {
				changed = append(changed, a)
			}
		}
		if len(changed) != i+1 {
			t.Fatalf("%d alerts after step %d: %+v", len(changed), i, changed)
		}
		reported := changed[i]
		want(t, step.operation+": permits more", step.more, reported.PermitsMore)
		want(t, step.operation+": permits less", step.less, reported.PermitsLess)
		if !strings.HasPrefix(reported.Reason, strings.ToLower(step.operation)) || reported.Baseline.Parameter != g.parameter() || reported.GroupName != g.name {
			t.Errorf("alert %+v", reported)
		}
	}
	g.has(t, office) // and without a baseline, nothing is touched
	g.open(t, client, ssh)
	idle(t)
	g.has(t, office, ssh)
}

// nextSecond waits for the clock's next second.
func nextSecond(t *testing.T) {
	t.Helper()
	now := time.Now()
	select {
	case <-time.After(now.Truncate(time.Second).Add(time.Second).Sub(now)):
	case <-t.Context().Done():
	}
}

func TestApprovingAndUnapprovingActWithinSeconds(t *testing.T) {
	t.Parallel()
	g := guarded(t, restoring, office)
	former := g.document(t, office)

	begun := time.Now()
	out := execute(t, command, "allow", g.id, database, "--description", "the application")
	if !strings.Contains(out, database+" is permitted for good") {
		t.Errorf("the command printed %q", out)
	}
	g.has(t, office, database)
	within(t, "approving", begun)

	begun = time.Now()
	put(t, parameters, former)
	g.has(t, office)
	within(t, "un-approving", begun)

	begun = time.Now()
	execute(t, command, "allow", g.id, database, "--expires", "8h", "--reason", "INC-1", "--approved-by", "ana")
	idle(t)
	g.has(t, office) // an exception permits, and is not put back
	g.open(t, client, database)
	idle(t)
	g.has(t, office, database)
	within(t, "an exception", begun)
}

func within(t *testing.T, what string, begun time.Time) {
	t.Helper()
	if took := time.Since(begun); took > seconds {
		t.Errorf("%s took %s", what, took)
	}
}

func TestASecureStringIsABaselineLikeAnyOther(t *testing.T) {
	t.Parallel()
	g := unguarded(t, office, ssh)
	text, err := baseline.Encode(g.document(t, office))
	if err != nil {
		t.Fatal(err)
	}
	putText(t, parameters, g.parameter(), string(text), ssmtypes.ParameterTypeSecureString)
	g.has(t, office)
	idle(t)
	if got := g.alerts(t); !hasFinding(got, alert.Reverted, "violation: revoked: "+ssh) {
		t.Errorf("alerts %+v", got)
	}
	g.modify(t, office, world)
	g.has(t, office)
}

func TestABrokenBaselineIsReportedAndNothingIsTouched(t *testing.T) {
	t.Parallel()
	g := unguarded(t, office, ssh)
	putText(t, parameters, g.parameter(), `{"schema":1,"groupId":"`+g.id+`","ingress":"none"}`, ssmtypes.ParameterTypeString)
	a := g.reported(t, alert.BaselineError)
	if a.Severity != alert.Critical || a.Event.Name != "Parameter Store Change" || !strings.Contains(a.Reason, "ingress") {
		t.Errorf("alert %+v", a)
	}
	g.has(t, office, ssh)
}

func TestTheCommandsOfAnAlertPermitAndPutBack(t *testing.T) {
	t.Parallel()
	g := guarded(t, nil, office)
	g.open(t, client, ssh)
	g.has(t, office)
	a := revertedBy(t, g, "AuthorizeSecurityGroupIngress")

	bash(t, a.Undo) // without approval it is drift again
	g.has(t, office)
	idle(t)

	bash(t, a.Approve) // approves for some hours, and puts the rule back
	g.has(t, office, ssh)
	idle(t)
	g.has(t, office, ssh)
	if id, err := reference.RuleID(t.Context(), client, g.id, ssh); err != nil || id == a.Findings[0].RuleID {
		t.Errorf("rule %s, error %v", id, err)
	}
	if got := g.reported(t, alert.ApprovalChanged); len(got.PermitsMore) != 1 || !strings.HasPrefix(got.PermitsMore[0], ssh+" until ") {
		t.Errorf("alert %+v", got)
	}
}
