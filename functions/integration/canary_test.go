package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/canary"
)

// aviary is a local AWS of its own, in which the canary is on.
type aviary struct {
	*cloud.Cloud
	ec2     *ec2.Client
	groupID string
}

func startAviary(t *testing.T, parameters map[string]string) aviary {
	t.Helper()
	var vpc string
	c := localtest.Cloud(t, cloud.Options{
		RetryDelays: []time.Duration{10 * time.Millisecond},
		Deploy: func(ctx context.Context, c *cloud.Cloud) error {
			found, err := ec2.NewFromConfig(c.Config()).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{
				Filters: []types.Filter{{Name: aws.String("is-default"), Values: []string{"true"}}},
			})
			if err != nil || len(found.Vpcs) != 1 {
				return fmt.Errorf("find the default VPC: %+v, %w", found, err)
			}
			vpc = *found.Vpcs[0].VpcId
			parameters["Canary"], parameters["CanaryVpcId"] = "on", vpc
			return cloud.Stack(parameters)(ctx, c)
		},
	})
	a := aviary{Cloud: c, ec2: ec2.NewFromConfig(c.Config())}
	groups, err := a.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{
		Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{vpc}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups.SecurityGroups {
		if strings.Contains(aws.ToString(g.Description), "The canary of sgwarden") {
			a.groupID = *g.GroupId
		}
	}
	return a
}

// fly invokes the canary as its schedule would, and waits until what it has caused is dealt with.
func (a aviary) fly(t *testing.T) (result canary.Result, failure string) {
	t.Helper()
	answer, err := a.Invoke(t.Context(), "sgwarden-canary", []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answer.Error != nil {
		return result, answer.Error.Message
	}
	if err := json.Unmarshal(answer.Payload, &result); err != nil {
		t.Fatal(err)
	}
	return result, ""
}

// reported are the alerts about a rule, in words.
func (a aviary) reported(t *testing.T, ruleID string) (all []string) {
	t.Helper()
	for _, message := range a.Alerts() {
		reported := decode(t, message.JSON)
		if slices.ContainsFunc(reported.Findings, func(f alert.Finding) bool { return f.RuleID == ruleID }) {
			all = append(all, fmt.Sprintf("%s %s %s as %s", reported.Severity, reported.Kind, reported.Outcome, message.Attributes["kind"]))
		}
	}
	return all
}

// untouched wants the sentinel group as the template made it.
func (a aviary) untouched(t *testing.T) {
	t.Helper()
	live, err := reference.Live(t.Context(), a.ec2, a.groupID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"egress all all 127.0.0.1/32"}, live); diff != "" {
		t.Errorf("rules of the sentinel group (-want +got):\n%s", diff)
	}
}

// inboxIsEmpty wants the canary's queue to hold nothing: it takes off the messages that it is given, and gets no others.
func (a aviary) inboxIsEmpty(t *testing.T) {
	t.Helper()
	queues := sqs.NewFromConfig(a.Config())
	found, err := queues.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String("sgwarden-CanaryInbox")})
	if err != nil || len(found.QueueUrls) != 1 {
		t.Fatalf("queues %+v, %v", found, err)
	}
	got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &found.QueueUrls[0]})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got.Messages {
		t.Errorf("message %s", aws.ToString(m.Body))
	}
}

// impatient shortens the canary's ten minutes.
func (a aviary) impatient(t *testing.T) {
	t.Helper()
	var now strings.Builder
	if err := a.Run(t.Context(), &now, "aws", "lambda", "get-function-configuration", "--function-name", "sgwarden-canary", "--query", "Environment"); err != nil {
		t.Fatal(err)
	}
	var environment struct{ Variables map[string]string }
	if err := json.Unmarshal([]byte(now.String()), &environment); err != nil {
		t.Fatal(err)
	}
	environment.Variables["CANARY_WAIT_SECONDS"] = "1"
	changed, err := json.Marshal(environment)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context(), nil, "aws", "lambda", "update-function-configuration", "--function-name", "sgwarden-canary", "--environment", string(changed)); err != nil {
		t.Fatal(err)
	}
}

func TestTheCanaryProvesTheRoadAndMissesIt(t *testing.T) {
	t.Parallel()
	a := startAviary(t, map[string]string{"AlertEmail": "security@example.com"})
	a.untouched(t)
	for range 2 {
		got, failure := a.fly(t)
		if failure != "" || got.Outcome != alert.Reverted {
			t.Fatalf("got %+v, %s", got, failure)
		}
		want(t, "alerts", []string{"low canary reverted as canary"}, a.reported(t, got.RuleID))
		a.untouched(t)
	}

	// What is really wrong with the group is no canary.
	if err := reference.Authorize(t.Context(), a.ec2, a.groupID, ssh); err != nil {
		t.Fatal(err)
	}
	if err := a.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := a.Alerts()[len(a.Alerts())-1]
	if reported := decode(t, last.JSON); reported.Kind != alert.Drift || reported.Severity != alert.High || last.Attributes["kind"] != "drift" {
		t.Errorf("alert %+v", reported)
	}

	a.inboxIsEmpty(t)

	a.impatient(t)
	if _, err := eventbridge.NewFromConfig(a.Config()).DisableRule(t.Context(), &eventbridge.DisableRuleInput{Name: aws.String("sgwarden-remediator")}); err != nil {
		t.Fatal(err)
	}
	before := len(a.Alerts())
	if got, failure := a.fly(t); !strings.Contains(failure, "not revoked and not reported within 1s") || !strings.Contains(failure, a.groupID) {
		t.Errorf("without events got %+v, %q", got, failure)
	}
	a.untouched(t)
	want(t, "alerts", before, len(a.Alerts()))
}

func TestTheCanaryInModeAlertIsReportedAndRemovesItsRule(t *testing.T) {
	t.Parallel()
	a := startAviary(t, map[string]string{"Mode": "alert"})
	got, failure := a.fly(t)
	if failure != "" || got.Outcome != alert.WouldRevert {
		t.Fatalf("got %+v, %s", got, failure)
	}
	want(t, "alerts", []string{"low canary would-revert as canary"}, a.reported(t, got.RuleID))
	a.untouched(t)
}
