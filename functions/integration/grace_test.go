package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

func tenMinutes(d *baseline.Document) {
	minutes := 10
	d.GraceMinutes = &minutes
}

// Somebody pushes a baseline without one of its rules. The rule stays, the alert
// says what will happen, and its command brings the version before back.
func TestAMistakeInABaselineIsTakenBackWithinTheGraceAndNoApprovedTrafficIsInterrupted(t *testing.T) {
	t.Parallel()
	g := guarded(t, tenMinutes, office, database)
	mistake := g.document(t, office)
	tenMinutes(mistake)
	nextSecond(t) // the event doesn't say which version it is about, but when
	put(t, parameters, mistake)
	idle(t)
	g.has(t, office, database)
	var changed alert.Alert
	for _, a := range g.alerts(t) {
		if a.Kind == alert.BaselineChanged && slices.Equal(a.PermitsLess, []string{database}) {
			changed = a
		}
	}
	if !strings.Contains(fmt.Sprint(changed.Findings), database) || changed.Undo == "" {
		t.Fatalf("alert %+v", changed)
	}

	g.open(t, client, ssh) // no version permitted it
	g.has(t, office, database)
	idle(t)
	if got := g.alerts(t); !hasFinding(got, alert.Reverted, "violation: revoked: "+ssh) {
		t.Errorf("alerts %+v", got)
	}

	nextSecond(t)
	bash(t, changed.Undo)
	idle(t)
	g.has(t, office, database)
	answer, err := parameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new(g.parameter())})
	if err != nil {
		t.Fatal(err)
	}
	document, err := baseline.Decode([]byte(*answer.Parameter.Value), g.id)
	if err != nil || len(document.Ingress) != 2 {
		t.Errorf("the baseline is %+v, error %v", document, err)
	}
}

// A pipeline is recognised by the role, whatever its session is called.
func TestAChangeOfATrustedPipelineIsPendingAndAForgedSessionNameIsNot(t *testing.T) {
	t.Parallel()
	const trusted, other = "arn:aws:iam::" + cloud.Account + ":role/terraform-ci", "arn:aws:iam::" + cloud.Account + ":role/developer"
	const internal = "ingress tcp 8443 10.1.0.0/16" // below severity high
	put := func(text string) { putText(t, parameters, prefix+"/trust", text, ssmtypes.ParameterTypeString) }
	put(`{"schema":1,"principals":[{"arn":"` + trusted + `","pendingHours":24}]}`)
	t.Cleanup(func() { remove(t, prefix+"/trust") })
	idle(t)
	as := func(name, role, session string) *ec2.Client {
		identity := proxy.Role(cloud.Account, role, session, time.Now().UTC().Format(time.RFC3339))
		return ec2.NewFromConfig(local.As(name, proxy.Principal{Identity: identity, SourceIP: "198.51.100.7"}))
	}
	pipeline, forger := as("pipeline", trusted, "run-77"), as("forger", other, "terraform-ci")

	g := guarded(t, nil, office)
	g.open(t, pipeline, internal)
	idle(t)
	g.has(t, office, internal)
	if got := g.reported(t, alert.PendingKind); got.Outcome != alert.Pending || got.Findings[0].Action != alert.ActionPending || got.Approve == "" || got.Undo == "" {
		t.Errorf("alert %+v", got)
	}
	g.open(t, pipeline, ssh) // of high severity, so it doesn't wait
	g.has(t, office, internal)

	h := guarded(t, nil, office)
	h.open(t, forger, internal)
	h.has(t, office)
	idle(t)
	if got := h.alerts(t); !hasFinding(got, alert.Reverted, "violation: revoked: "+internal) {
		t.Errorf("alerts %+v", got)
	}
}
