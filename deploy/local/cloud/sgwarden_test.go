package cloud_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Needs what `make build local-build` builds.
func TestSgwardenAsDeployedByItsScriptGuardsTheReferenceGroups(t *testing.T) {
	t.Parallel()
	c := localtest.Cloud(t, cloud.Options{RetryDelays: []time.Duration{time.Millisecond}})
	p := &probe{Cloud: c}
	client, parameters := ec2.NewFromConfig(c.Config()), ssm.NewFromConfig(c.Config())
	vpc, err := client.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := reference.Create(t.Context(), client, *vpc.Vpc.VpcId)
	if err != nil {
		t.Fatal(err)
	}
	const approved = "ingress tcp 8443 10.0.0.0/16"
	for _, group := range groups {
		if _, err := group.Push(t.Context(), parameters, "/sg-baseline", approved); err != nil {
			t.Fatal(err)
		}
	}
	p.waitIdle(t)

	var all sync.WaitGroup // many changes at once, approved and not
	for i, group := range groups {
		for _, text := range []string{approved, fmt.Sprintf("ingress tcp %d 0.0.0.0/0", 1000+i), "egress all all ::/0"} {
			all.Go(func() {
				if err := reference.Authorize(t.Context(), client, group.ID, text); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	p.waitIdle(t)
	for _, group := range groups {
		wantLive(t, client, group, group.RulesAnd(approved))
	}
	if got, reverted := len(notifications(t, c)), outcomes(t, c.Alerts())[alert.Reverted]; got != len(c.Alerts()) || reverted < len(groups) {
		t.Errorf("%d alerts, %d of them of what was reverted; subscribers got %d", len(c.Alerts()), reverted, got)
	}

	if id, on := sentinel(t, c); on {
		t.Errorf("the canary is on by default, with group %s", id)
	}

	// A deployment with another mode changes the running function's.
	if err := cloud.Script("--mode", "alert")(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	before := len(c.Alerts())
	front := groups.Named("ecs-front")
	if err := reference.Authorize(t.Context(), client, front.ID, "ingress tcp 22 0.0.0.0/0"); err != nil {
		t.Fatal(err)
	}
	p.waitIdle(t)
	wantLive(t, client, front, front.RulesAnd(approved, "ingress tcp 22 0.0.0.0/0"))
	if got := outcomes(t, c.Alerts()[before:]); got[alert.WouldRevert] != 1 {
		t.Errorf("alerts %v in mode alert", got)
	}
}

func wantLive(t *testing.T, client *ec2.Client, group reference.Group, want []string) {
	t.Helper()
	live, err := reference.Live(t.Context(), client, group.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, live); diff != "" {
		t.Errorf("rules of %s (-want +got):\n%s", group.Name, diff)
	}
}

func outcomes(t *testing.T, alerts []cloud.Alert) map[alert.Outcome]int {
	t.Helper()
	count := map[alert.Outcome]int{}
	for _, a := range alerts {
		var document alert.Alert
		if err := json.Unmarshal([]byte(a.JSON), &document); err != nil {
			t.Fatal(err)
		}
		if document.Kind == alert.Drift {
			count[document.Outcome]++
		}
	}
	return count
}

func notifications(t *testing.T, c *cloud.Cloud) []cloud.Notification {
	t.Helper()
	list, err := c.Notifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}
