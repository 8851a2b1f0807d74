package remediate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// samplesVPC is the VPC of the sample events.
const samplesVPC = "vpc-0c2d3e4f5a6b71829"

func TestTheDefaultGroupOfANewVPCIsJudged(t *testing.T) {
	t.Parallel()
	for _, sample := range []string{"create-vpc", "create-default-vpc", "create-default-vpc-wrapped"} {
		a := newAWS([]string{ssh})
		a.document, a.guardrail = "", `{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`
		handle(t, a, sample)
		want := []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}}
		reported := a.alerts(t)
		if diff := cmp.Diff(want, summarise(reported)); diff != "" || reported[0].GroupID != group {
			t.Errorf("%s: group %s: %s", sample, reported[0].GroupID, diff)
		}
	}
}

// requests records the requests for sweeps.
type requests struct {
	reasons []string
	err     error
}

func (r *requests) Ask(_ context.Context, reason string) error {
	r.reasons = append(r.reasons, reason)
	return r.err
}

func TestASweepLooksForTheDefaultGroupThatNobodyCanFind(t *testing.T) {
	t.Parallel()
	denied := errors.New("denied")
	for name, c := range map[string]struct {
		sample string
		find   error // of the default group
		ask    error
		asked  string // part of the reason of a request
		fails  bool
	}{
		"a VPC was deleted":                       {sample: "delete-vpc", asked: "the default security group of " + samplesVPC + " was deleted with the VPC"},
		"a VPC was deleted, and asking fails":     {sample: "delete-vpc", ask: denied, asked: "was deleted with the VPC", fails: true},
		"a new VPC is deleted again":              {sample: "create-vpc", find: secgroup.ErrNotFound, asked: samplesVPC + " has no default security group"},
		"a new VPC, and EC2 does not answer":      {sample: "create-vpc", find: errors.New("throttled"), fails: true},
		"a VPC could not be created":              {sample: "create-vpc-failed"},
		"a new VPC whose default group was found": {sample: "create-vpc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, sweeps := newAWS(nil), &requests{err: c.ask}
			if c.find != nil {
				a.fail("default group of "+samplesVPC, c.find)
			}
			r := a.remediator()
			r.Sweeps = sweeps
			result, err := r.Handle(t.Context(), events.MustRead(c.sample))
			if (err != nil) != c.fails || len(a.messages) != 0 {
				t.Errorf("got %v, %d alerts", err, len(a.messages))
			}
			if got := strings.Join(sweeps.reasons, "|"); (got == "") != (c.asked == "") || !strings.Contains(got, c.asked) {
				t.Errorf("asked %q, want %q", got, c.asked)
			}
			if asked := c.asked != "" && c.ask == nil; (result.Cause == trail.SweepAsked) != asked {
				t.Errorf("the cause is %q", result.Cause)
			}
		})
	}
}

func TestTheUseOfAGuardedGroupInAnotherVPCIsReportedAndNothingIsReverted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sample              string
		document, guardrail string
		want                string // "" for no alert
	}{
		"a group with a baseline":       {"associate-vpc", document(), "", "network interfaces in " + samplesVPC + " can use the group from now on"},
		"a group under the guardrail":   {"associate-vpc", "", `{"schema":1,"forbid":[]}`, "aws ec2 disassociate-security-group-vpc --region us-east-1 --group-id " + group + " --vpc-id " + samplesVPC},
		"a group that nobody guards":    {"associate-vpc", "", "", ""},
		"a use that ends":               {"disassociate-vpc", document(), "", "network interfaces in " + samplesVPC + " can no longer use the group"},
		"a use that ends, and no guard": {"disassociate-vpc", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh})
			a.document, a.guardrail = c.document, c.guardrail
			result := handle(t, a, c.sample)
			if len(a.live) != 1 {
				t.Error("a rule was revoked")
			}
			reported := a.alerts(t)
			if c.want == "" {
				if len(reported) != 0 || result.Cause != trail.Unguarded {
					t.Errorf("got %+v, cause %q", reported, result.Cause)
				}
				return
			}
			if len(reported) != 1 || reported[0].Kind != alert.Drift || reported[0].Outcome != alert.None || reported[0].Severity != alert.Low ||
				!strings.Contains(reported[0].Reason, c.want) || reported[0].Actor == nil || reported[0].Actor.ARN == "" || !alert.IsAboutUse(reported[0]) {
				t.Errorf("got %+v", reported)
			}
		})
	}
}
