package cloud_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
)

// mailing is a local AWS whose mails come soon, with the reference groups and their baselines.
type mailing struct {
	*cloud.Cloud
	groups reference.Groups
	ec2    *ec2.Client
}

func startMailing(t *testing.T, wait time.Duration, parameters map[string]string) *mailing {
	t.Helper()
	c := localtest.Cloud(t, cloud.Options{Deploy: cloud.Stack(parameters), MailWait: wait, RetryDelays: []time.Duration{time.Millisecond}})
	m := &mailing{Cloud: c, ec2: ec2.NewFromConfig(c.Config())}
	vpc, err := m.ec2.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	if m.groups, err = reference.Create(t.Context(), m.ec2, *vpc.Vpc.VpcId); err != nil {
		t.Fatal(err)
	}
	for _, group := range m.groups {
		if _, err := group.Push(t.Context(), ssm.NewFromConfig(c.Config()), "/sg-baseline"); err != nil {
			t.Fatal(err)
		}
	}
	m.wait(t)
	return m
}

func (m *mailing) wait(t *testing.T) {
	t.Helper()
	if err := m.WaitMails(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (m *mailing) output(t *testing.T, name string) string {
	t.Helper()
	found, err := cloudformation.NewFromConfig(m.Config()).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("sgwarden")})
	if err != nil {
		t.Fatal(err)
	}
	for _, output := range found.Stacks[0].Outputs {
		if aws.ToString(output.OutputKey) == name {
			return aws.ToString(output.OutputValue)
		}
	}
	return ""
}

// Needs what `make local-build` builds.
func TestABurstOfAlertsBecomesFewMailsAndCards(t *testing.T) {
	t.Parallel()
	m := startMailing(t, time.Second, map[string]string{"GraceMinutes": "0", "Chat": "on", "Events": "on"})
	before, told := len(m.Mails()), len(m.Alerts())
	front := m.groups.Named("ecs-front")
	m.SetMailWait(time.Hour) // the mails wait until all alerts are there, however long a busy machine takes
	for port := range 10 {
		if err := reference.Authorize(t.Context(), m.ec2, front.ID, fmt.Sprintf("ingress tcp %d 0.0.0.0/0", 2000+port)); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.SetMailWait(time.Second)
	m.wait(t)
	mails := m.Mails()[before:]
	t.Logf("%d alerts became %d mails: %s", len(m.Alerts())-told, len(mails), mails[0].Subject)
	if len(mails) > 2 || len(m.Alerts())-told < 10 {
		t.Errorf("%d alerts became %d mails, want at least 10 alerts and at most 2 mails", len(m.Alerts())-told, len(mails))
	}
	text := ""
	for _, mail := range mails {
		text += mail.Body
		if mail.Alarm || !strings.HasPrefix(mail.Subject, "[sgwarden] ") {
			t.Errorf("mail %q on the alarm topic: %t", mail.Subject, mail.Alarm)
		}
	}
	for port := range 10 {
		if line := fmt.Sprintf("revoked        ingress tcp %d 0.0.0.0/0\n", 2000+port); strings.Count(text, line) != 1 {
			t.Errorf("%d mails have %q %d times, want once:\n%s", len(mails), line, strings.Count(text, line), text)
		}
	}
	cards := m.Cards()
	if len(cards) != len(m.Mails()) || !strings.Contains(cards[len(cards)-1].JSON, `"source":"custom"`) {
		t.Errorf("%d cards for %d mails; the last is %+v", len(cards), len(m.Mails()), cards[len(cards)-1:])
	}
}

func TestTheNotifierHearsNoCanaryAndKeepsWhatItCannotMail(t *testing.T) {
	t.Parallel()
	m := startMailing(t, 100*time.Millisecond, map[string]string{"GraceMinutes": "0"})
	before := len(m.Mails())
	topics, topic := sns.NewFromConfig(m.Config()), m.output(t, "AlertTopicArn")
	if topic == "" || m.output(t, "MailTopicArn") == "" || m.output(t, "ChatTopicArn") != "" || m.output(t, "NotifierFunctionName") != "sgwarden-notifier" {
		t.Fatal("the stack's outputs lack a topic or the notifier, or there is a chat that nobody asked for")
	}
	for _, kind := range []string{"canary", "drift"} {
		if _, err := topics.Publish(t.Context(), &sns.PublishInput{
			TopicArn: &topic, Message: aws.String("no alert of kind " + kind),
			MessageAttributes: map[string]types.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: &kind}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	m.wait(t)
	got, err := sqs.NewFromConfig(m.Config()).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(m.output(t, "NotifierFailuresUrl")), MaxNumberOfMessages: 10,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Messages) != 1 || !strings.Contains(*got.Messages[0].Body, "no alert of kind drift") || len(m.Mails()) != before {
		t.Errorf("%d mails more; dead letters %+v, want the one of kind drift", len(m.Mails())-before, got.Messages)
	}
}
