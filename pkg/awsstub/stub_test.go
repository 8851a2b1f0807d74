package awsstub_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

func start(t *testing.T, handlers map[string]awsstub.Handler) *awsstub.Stub {
	t.Helper()
	s := awsstub.New(0, handlers)
	t.Cleanup(s.Close)
	return s
}

// answers gives an action's fixed answer and counts its effects.
func answers(effects *atomic.Int32, answer any) awsstub.Handler {
	var mu sync.Mutex
	return func(awsstub.Request) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		effects.Add(1)
		return answer, nil
	}
}

var parameter = awsstub.ParametersAnswer{Parameters: []awsstub.Parameter{{Name: "/a", Type: "String", Value: "v", Version: 3}}}

// calls is one call of each service, by its action.
func calls(config aws.Config) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"DescribeSecurityGroups": func(ctx context.Context) error {
			_, err := ec2.NewFromConfig(config).DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-0a", "sg-0b"}})
			return err
		},
		"GetParameters": func(ctx context.Context) error {
			_, err := ssm.NewFromConfig(config).GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/a"}})
			return err
		},
		"Publish": func(ctx context.Context) error {
			_, err := sns.NewFromConfig(config).Publish(ctx, &sns.PublishInput{TopicArn: aws.String("arn:aws:sns:us-east-1:111122223333:t"), Message: aws.String("m")})
			return err
		},
	}
}

func TestTheRealClientsReadTheAnswers(t *testing.T) {
	t.Parallel()
	var effects atomic.Int32
	s := start(t, map[string]awsstub.Handler{
		"DescribeSecurityGroups": answers(&effects, awsstub.GroupsAnswer{Groups: []types.SecurityGroup{{GroupId: aws.String("sg-0a"), VpcId: aws.String("vpc-0a")}}}),
		"GetParameters":          answers(&effects, parameter),
		"Publish":                answers(&effects, awsstub.PublishAnswer{MessageID: "m-1"}),
	})
	ctx := context.Background()
	groups, err := ec2.NewFromConfig(s.Config()).DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-0a", "sg-0b"}})
	if err != nil || len(groups.SecurityGroups) != 1 || aws.ToString(groups.SecurityGroups[0].VpcId) != "vpc-0a" {
		t.Errorf("EC2: got %+v, %v", groups, err)
	}
	read, err := ssm.NewFromConfig(s.Config()).GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/a"}})
	if err != nil || aws.ToString(read.Parameters[0].Value) != "v" || read.Parameters[0].Version != 3 {
		t.Errorf("SSM: got %+v, %v", read, err)
	}
	published, err := sns.NewFromConfig(s.Config()).Publish(ctx, &sns.PublishInput{TopicArn: aws.String("arn"), Message: aws.String("m")})
	if err != nil || aws.ToString(published.MessageId) != "m-1" {
		t.Errorf("SNS: got %+v, %v", published, err)
	}
	got := s.Requests()
	if diff := cmp.Diff([]string{"sg-0a", "sg-0b"}, got[0].List("GroupId")); diff != "" {
		t.Error(diff)
	}
	if len(got[1].JSON["Names"].([]any)) != 1 || got[2].Form.Get("Message") != "m" || len(s.Requests("Publish")) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestFaultsReachTheClientAndAreUsedUp(t *testing.T) {
	t.Parallel()
	denied := awsstub.Fault{Error: &awsstub.Error{Code: "AccessDenied", Message: "not you"}}
	cases := map[string]struct {
		times    int
		fault    awsstub.Fault
		code     string // of the API error that comes out; "-" for an error without one
		attempts int
		effects  int32
	}{
		"no fault":                               {attempts: 1, effects: 1},
		"an API error, once":                     {times: 1, fault: denied, code: "AccessDenied", attempts: 1},
		"a 5xx, once, which the SDK retries":     {times: 1, fault: awsstub.Fault{Error: &awsstub.Error{Status: 503}}, attempts: 2, effects: 1},
		"a 5xx, for ever":                        {times: 9, fault: awsstub.Fault{Error: &awsstub.Error{Status: 503}}, code: "-", attempts: awsstub.Attempts},
		"a connection dropped before the effect": {times: 1, fault: awsstub.Fault{DropBefore: true}, attempts: 2, effects: 1},
		"a connection dropped after the effect":  {times: 1, fault: awsstub.Fault{DropAfter: true}, attempts: 2, effects: 2},
		"connections dropped for ever":           {times: 9, fault: awsstub.Fault{DropBefore: true}, code: "-", attempts: awsstub.Attempts},
	}
	for name, c := range cases {
		for _, action := range []string{"DescribeSecurityGroups", "GetParameters", "Publish"} {
			t.Run(name+": "+action, func(t *testing.T) {
				t.Parallel()
				var effects atomic.Int32
				s := start(t, map[string]awsstub.Handler{
					"DescribeSecurityGroups": answers(&effects, nil), "GetParameters": answers(&effects, parameter), "Publish": answers(&effects, nil),
				})
				s.Inject(action, c.times, c.fault)
				err := calls(s.Config())[action](context.Background())
				if got := code(err); got != c.code || len(s.Requests()) != c.attempts || effects.Load() != c.effects {
					t.Errorf("got code %q (%v), %d attempts, %d effects, want %+v", got, err, len(s.Requests()), effects.Load(), c)
				}
			})
		}
	}
}

// code is "" for no error, "-" for one that is no error of the service.
func code(err error) string {
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &response) && response.HTTPStatusCode() >= 500:
		return "-"
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return "-"
}

func TestADelayOutlastsTheClientButNotTheEffect(t *testing.T) {
	t.Parallel()
	var effects atomic.Int32
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	publish := answers(&effects, nil)
	s := start(t, map[string]awsstub.Handler{"Publish": func(r awsstub.Request) (any, error) {
		defer cancel() // the client waits no longer than for the effect
		return publish(r)
	}})
	s.Inject("Publish", 1, awsstub.Fault{Delay: time.Hour})
	if err := calls(s.Config())["Publish"](ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if effects.Load() != 1 {
		t.Errorf("%d effects", effects.Load())
	}
}

func TestUnknownActionsAndBrokenHandlersAreErrors(t *testing.T) {
	t.Parallel()
	s := start(t, map[string]awsstub.Handler{"Publish": func(awsstub.Request) (any, error) { return nil, errors.New("broken") }})
	for action, want := range map[string]string{"GetParameters": "InvalidAction", "DescribeSecurityGroups": "InvalidAction", "Publish": "-"} {
		if err := calls(s.Config())[action](context.Background()); code(err) != want {
			t.Errorf("%s: got %v, want %s", action, err, want)
		}
	}
}

func TestWavesCountSequentialRoundTrips(t *testing.T) {
	t.Parallel()
	// Each handler waits for the other, so that the first two calls are surely
	// in flight together.
	var both sync.WaitGroup
	both.Add(2)
	rendezvous := func(awsstub.Request) (any, error) {
		both.Done()
		both.Wait()
		return parameter, nil
	}
	var effects atomic.Int32
	s := start(t, map[string]awsstub.Handler{
		"GetParameters": rendezvous, "Publish": rendezvous, "DescribeSecurityGroups": answers(&effects, nil),
	})
	call := calls(s.Config())
	var group sync.WaitGroup
	for _, action := range []string{"GetParameters", "Publish"} {
		group.Go(func() {
			if err := call[action](context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	s.Inject("DescribeSecurityGroups", 1, awsstub.Fault{DropBefore: true})
	if err := call["DescribeSecurityGroups"](context.Background()); err != nil {
		t.Error(err)
	}
	want := map[string][]int{"GetParameters": {1}, "Publish": {1}, "DescribeSecurityGroups": {2, 3}}
	if diff := cmp.Diff(want, s.Waves()); diff != "" {
		t.Errorf("two at once, one after them with a retry: %s", diff)
	}
	s.Forget()
	for range 3 {
		if err := call["DescribeSecurityGroups"](context.Background()); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(map[string][]int{"DescribeSecurityGroups": {1, 2, 3}}, s.Waves()); diff != "" {
		t.Errorf("one after the other: %s", diff)
	}
	if got := len(s.Requests()); got != 3 {
		t.Errorf("%d requests", got)
	}
}
