package deploy_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
)

// upgradeWorld is a local AWS with the released template in it, whose functions are those of now: their code is newer
// than the stack for the moment in which CloudFormation has changed a function's code and not yet the rest.
type upgradeWorld struct {
	*cloud.Cloud
	root string // a repository whose deploy/template.yaml is the one to deploy
}

// keepingState are the types of what a stack keeps for people or what people name: none may become another one. Log
// groups are missing, since moto forgets the physical id of one that it updates; TestAnUpdateReplacesAndRemovesNothing
// has them.
var keepingState = map[string]bool{
	"AWS::EC2::SecurityGroup": true, "AWS::Events::Rule": true, "AWS::IAM::Role": true, "AWS::KMS::Key": true, "AWS::Lambda::Function": true,
	"AWS::SNS::Topic": true, "AWS::SQS::Queue": true, "AWS::SSM::Parameter": true,
}

// peoplesChoices are parameters that people chose for the stack of the version before.
var peoplesChoices = map[string]string{"AlertEmail": "ana@example.com", "ContentionReverts": "7", "GraceMinutes": "0", "LogLevel": "debug", "MailWaitSeconds": "1"}

// Needs what `make local-build` builds.
func TestAStackOfTheVersionBeforeIsUpdatedAndStillGuards(t *testing.T) {
	t.Parallel()
	w := startUpgradeWorld(t)
	client := ec2.NewFromConfig(w.Config())
	group := w.group(t, client)
	w.putDocuments(t, group)
	inbox := w.subscribe(t)
	before := w.physical(t)

	w.useTemplate(t, "template.yaml")
	if err := cloud.Script("--sweep", "rate(30 minutes)")(t.Context(), w.Cloud); err != nil {
		t.Fatal(err)
	}
	w.idle(t)
	wantSame(t, before, w.physical(t))
	w.wantParameters(t)

	for _, text := range []string{"ingress tcp 8443 10.0.0.0/16", "ingress tcp 8444 10.0.0.0/16", "ingress tcp 22 0.0.0.0/0"} {
		if err := reference.Authorize(t.Context(), client, group, text); err != nil {
			t.Fatal(err)
		}
	}
	w.idle(t)
	live, err := reference.Live(t.Context(), client, group)
	if err != nil {
		t.Fatal(err)
	}
	// The first is the baseline's, the second the approval's, and EC2 gives each group the last.
	want := []string{"egress all all 0.0.0.0/0", "ingress tcp 8443 10.0.0.0/16", "ingress tcp 8444 10.0.0.0/16"}
	if diff := cmp.Diff(want, live); diff != "" {
		t.Errorf("rules after the update (-want +got):\n%s", diff)
	}
	if got := w.received(t, inbox, group); !strings.Contains(got, "ingress tcp 22 0.0.0.0/0") {
		t.Errorf("the subscriber of before got no alert of the revert: %s", got)
	}
	w.wantDocumentsRead(t)
	w.wantSweep(t, inbox)
}

func startUpgradeWorld(t *testing.T) *upgradeWorld {
	t.Helper()
	w := &upgradeWorld{root: linkedRepository(t)}
	w.useTemplate(t, released)
	w.Cloud = localtest.Cloud(t, cloud.Options{
		Root: w.root, Deploy: cloud.Stack(peoplesChoices), RetryDelays: []time.Duration{time.Millisecond},
	})
	return w
}

// linkedRepository returns a repository with everything that this one has, but with no template.
func linkedRepository(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	errs := []error{os.Mkdir(filepath.Join(root, "deploy"), 0o755)}
	for _, dir := range []string{".", "deploy"} {
		entries, err := os.ReadDir(filepath.Join(here, dir))
		errs = append(errs, err)
		for _, entry := range entries {
			if name := entry.Name(); name != "deploy" && name != "template.yaml" && name != ".git" {
				errs = append(errs, os.Symlink(filepath.Join(here, dir, name), filepath.Join(root, dir, name)))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return root
}

func (w *upgradeWorld) useTemplate(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.root, "deploy", "template.yaml"), []byte(read(t, name)), fs.FileMode(0o644)); err != nil {
		t.Fatal(err)
	}
}

func (w *upgradeWorld) group(t *testing.T, client *ec2.Client) (id string) {
	t.Helper()
	vpc, err := client.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	made, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("web"), Description: aws.String("web"), VpcId: vpc.Vpc.VpcId,
	})
	if err != nil {
		t.Fatal(err)
	}
	return *made.GroupId
}

// subscribe subscribes a queue to the alert topic, as a person would, and returns its URL.
func (w *upgradeWorld) subscribe(t *testing.T) (inbox string) {
	t.Helper()
	topic := w.physical(t)["AlertTopic"]
	queue, err := sqs.NewFromConfig(w.Config()).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("inbox")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = sns.NewFromConfig(w.Config()).Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: &topic, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:" + cloud.Account + ":inbox"),
		Attributes: map[string]string{"RawMessageDelivery": "true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *queue.QueueUrl
}

// received returns the messages in the inbox that have the mark in them.
func (w *upgradeWorld) received(t *testing.T, inbox, mark string) string {
	t.Helper()
	var marked []string
	for {
		got, err := sqs.NewFromConfig(w.Config()).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &inbox, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Messages) == 0 {
			return strings.Join(marked, "\n")
		}
		for _, message := range got.Messages {
			if body := aws.ToString(message.Body); strings.Contains(body, mark) {
				marked = append(marked, body)
			}
		}
	}
}

// physical returns the physical ids of what keeps state, by logical id.
func (w *upgradeWorld) physical(t *testing.T) map[string]string {
	t.Helper()
	found, err := cloudformation.NewFromConfig(w.Config()).DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String("sgwarden")})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, resource := range found.StackResources {
		if keepingState[aws.ToString(resource.ResourceType)] {
			ids[aws.ToString(resource.LogicalResourceId)] = aws.ToString(resource.PhysicalResourceId)
		}
	}
	return ids
}

// wantSame wants everything of before to be there still. There may be more.
func wantSame(t *testing.T, before, after map[string]string) {
	t.Helper()
	kept := map[string]string{}
	for name := range before {
		kept[name] = after[name]
	}
	if diff := cmp.Diff(before, kept); diff != "" || len(before) < 10 {
		t.Errorf("%d resources, of which the update replaced or removed (-before +after):\n%s", len(before), diff)
	}
}

// wantParameters wants the choices of before, and of the update the one that was named.
func (w *upgradeWorld) wantParameters(t *testing.T) {
	t.Helper()
	found, err := cloudformation.NewFromConfig(w.Config()).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("sgwarden")})
	if err != nil {
		t.Fatal(err)
	}
	got, want := map[string]string{}, map[string]string{"SweepSchedule": "rate(30 minutes)"}
	for name, value := range peoplesChoices {
		want[name] = value
	}
	for _, p := range found.Stacks[0].Parameters {
		if _, asked := want[aws.ToString(p.ParameterKey)]; asked {
			got[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters after the update (-want +got):\n%s", diff)
	}
}

func (w *upgradeWorld) idle(t *testing.T) {
	t.Helper()
	if err := w.WaitIdle(t.Context()); err != nil {
		t.Fatal(fmt.Errorf("wait for the functions: %w", err))
	}
}
