package cloud_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const (
	intrusion   = "ingress tcp 22 0.0.0.0/0"
	requestName = "/sg-baseline/sweep-request"
)

// unheard is a local AWS in which a group has been opened, and no event says so.
type unheard struct {
	probe
	group  reference.Group
	groups *ec2.Client
	ssm    *ssm.Client
	unseen *ssm.Client // makes no events
}

func startUnheard(t *testing.T) *unheard {
	t.Helper()
	u := &unheard{}
	u.Cloud = localtest.Cloud(t, cloud.Options{
		Deploy: cloud.Stack(map[string]string{"GraceMinutes": "0"}), RetryDelays: []time.Duration{time.Millisecond},
		Delivered: func(d bus.Delivery) {
			u.mu.Lock()
			defer u.mu.Unlock()
			u.delivered = append(u.delivered, d)
		},
	})
	ghost := u.As("ghost", proxy.Principal{Identity: proxy.User(cloud.Account, "ghost"), Unrecorded: true})
	u.groups, u.ssm, u.unseen = ec2.NewFromConfig(ghost), ssm.NewFromConfig(u.Config()), ssm.NewFromConfig(ghost)
	vpc, err := u.groups.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := reference.Create(t.Context(), u.groups, *vpc.Vpc.VpcId)
	if err != nil {
		t.Fatal(err)
	}
	u.group = groups.Named("ecs-front")
	if _, err := u.group.Push(t.Context(), u.ssm, "/sg-baseline"); err != nil {
		t.Fatal(err)
	}
	u.waitIdle(t)
	if err := reference.Authorize(t.Context(), u.groups, u.group.ID, intrusion); err != nil {
		t.Fatal(err)
	}
	return u
}

// sweeps are the deliveries to the sweeper so far.
func (u *unheard) sweeps() []bus.Delivery {
	return slices.DeleteFunc(u.deliveries(), func(d bus.Delivery) bool { return !strings.HasSuffix(d.Function, "-sweeper") })
}

// wantSweep wants one sweep so far, which a request started and which has reverted the intrusion.
func (u *unheard) wantSweep(t *testing.T) {
	t.Helper()
	got := u.sweeps()
	if len(got) != 1 || got[0].Rule != "sgwarden-requests" || got[0].Result.Error != nil {
		t.Fatalf("deliveries to the sweeper: %+v, want one of a request", got)
	}
	wantLive(t, u.groups, u.group, u.group.RulesAnd())
	last := u.Alerts()[len(u.Alerts())-1]
	var told alert.Alert
	if err := json.Unmarshal([]byte(last.JSON), &told); err != nil {
		t.Fatal(err)
	}
	if told.Event.Name != "Sweep" || told.Outcome != alert.Reverted || told.GroupID != u.group.ID {
		t.Errorf("the last alert is %s", last.JSON)
	}
}

// wantNoSweep wants none so far, and the intrusion still there.
func (u *unheard) wantNoSweep(t *testing.T, after string) {
	t.Helper()
	u.waitIdle(t)
	if got := u.sweeps(); len(got) != 0 {
		t.Fatalf("%s: deliveries to the sweeper: %+v", after, got)
	}
	wantLive(t, u.groups, u.group, u.group.RulesAnd(intrusion))
}

// Needs what `make local-build` builds, like TestSgwardenAsDeployedByItsScriptGuardsTheReferenceGroups.
func TestOnlyARequestThatIsNewStartsASweep(t *testing.T) {
	t.Parallel()
	u := startUnheard(t)
	u.wantNoSweep(t, "an intrusion that no event tells of")
	put := func(client *ssm.Client, overwrite bool) {
		if _, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: aws.String(requestName), Value: aws.String("x"), Type: types.ParameterTypeString, Overwrite: &overwrite,
		}); err != nil {
			t.Fatal(err)
		}
	}
	put(u.unseen, false)
	put(u.ssm, true)
	u.wantNoSweep(t, "a further request")
	if _, err := u.ssm.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: aws.String(requestName)}); err != nil {
		t.Fatal(err)
	}
	u.wantNoSweep(t, "a request that ends")
	put(u.ssm, false)
	u.waitIdle(t)
	u.wantSweep(t)
}

func TestRequestsWhileThereIsOneStartNoSweep(t *testing.T) {
	t.Parallel()
	u := startUnheard(t)
	request := ssmstore.SweepRequest{Store: ssmstore.Store{Client: u.unseen, Prefix: "/sg-baseline"}}
	if err := request.Ask(t.Context(), "unseen"); err != nil {
		t.Fatal(err)
	}
	request.Store.Client = u.ssm
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := request.Ask(t.Context(), "seen"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	u.wantNoSweep(t, "requests while there is one")
	version, err := request.Pending(t.Context())
	if err != nil || version != 6 {
		t.Fatalf("pending is version %d, %v, want 6", version, err)
	}
	if again, err := request.Done(t.Context(), version); again || err != nil {
		t.Fatalf("again %t, %v", again, err)
	}
	if err := request.Ask(t.Context(), "seen"); err != nil {
		t.Fatal(err)
	}
	u.waitIdle(t)
	u.wantSweep(t)
}

// The function's own events are all there is: nobody but the remediator asks.
func TestAnEventWithoutAGroupLeadsToASweepAtOnce(t *testing.T) {
	t.Parallel()
	u := startUnheard(t)
	u.PutEvent(events.MustRead("authorize-ingress-failed-without-parameters")) // changed nothing
	u.wantNoSweep(t, "a call that failed")
	u.PutEvent(events.MustRead("authorize-ingress-omitted-parameters"))
	u.waitIdle(t)
	u.wantSweep(t)
	if version, err := (ssmstore.SweepRequest{Store: ssmstore.Store{Client: u.ssm, Prefix: "/sg-baseline"}}).Pending(t.Context()); version != 0 || err != nil {
		t.Errorf("version %d of the request is left, %v", version, err)
	}
}

// Each of many such events is followed by a sweep, of which there are fewer.
func TestManyEventsWithoutAGroupLeadToFewSweeps(t *testing.T) {
	t.Parallel()
	const lost = 20
	u := startUnheard(t)
	for range lost {
		u.PutEvent(events.MustRead("authorize-ingress-omitted-parameters"))
	}
	u.waitIdle(t)
	if got := len(u.sweeps()); got == 0 || got == lost {
		t.Errorf("%d sweeps of %d events", got, lost)
	}
	for _, d := range u.sweeps() {
		if d.Rule != "sgwarden-requests" || d.Result.Error != nil {
			t.Errorf("delivery to the sweeper: %+v", d)
		}
	}
	wantLive(t, u.groups, u.group, u.group.RulesAnd())
	if version, err := (ssmstore.SweepRequest{Store: ssmstore.Store{Client: u.ssm, Prefix: "/sg-baseline"}}).Pending(t.Context()); version != 0 || err != nil {
		t.Errorf("version %d of the request is left, %v", version, err)
	}
}
