package deploy_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cw "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// clinic is a local AWS with sgwarden in it, and what moto does not make of the template.
type clinic struct {
	*cloud.Cloud
	front   *front
	outputs map[string]string
	group   string // a group with a baseline
}

// TestDoctorFindsWhatIsBroken runs the script on a stack that works, and again when parts of
// the stack are broken.
func TestDoctorFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	c := openClinic(t)
	c.furnish(t)
	golden(t, "doctor-well", c.doctor(t, 0, "--regions", "none"))
	c.breakThings(t)
	c.front.broken.Store(true)
	golden(t, "doctor-broken", c.doctor(t, 2, "--regions", "us-east-1,eu-west-1"))
	link := filepath.Join(t.TempDir(), "link")
	script, err := filepath.Abs("doctor.sh")
	if err := errors.Join(err, os.Symlink(script, link)); err != nil {
		t.Fatal(err)
	}
	got := c.runAs(t, link, "--stack-name", "other")
	if got.status != 1 || got.out != "" || !strings.Contains(got.errs, "there is no stack other in region us-east-1") {
		t.Errorf("a stack that isn't there: %+v", got)
	}
}

func openClinic(t *testing.T) clinic {
	t.Helper()
	c := localtest.Cloud(t, cloud.Options{Deploy: cloud.Stack(map[string]string{"GraceMinutes": "0"})})
	found, err := cloudformation.NewFromConfig(c.Config()).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("sgwarden")})
	if err != nil {
		t.Fatal(err)
	}
	outputs := map[string]string{}
	for _, o := range found.Stacks[0].Outputs {
		outputs[*o.OutputKey] = *o.OutputValue
	}
	return clinic{c, newFront(t, c.Endpoint, outputs["MailTopicArn"]), outputs, ""}
}

// furnish adds what an account with sgwarden has and moto does not make: a trail, confirmed
// subscriptions, an alarm, the metrics of a sweep, and a group with a baseline.
func (c *clinic) furnish(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	trails := cloudtrail.NewFromConfig(c.Config())
	watch := cloudwatch.NewFromConfig(c.Config(), func(o *cloudwatch.Options) { o.DisableRequestCompression = true }) // moto reads plain requests
	topics, groups := sns.NewFromConfig(c.Config()), ec2.NewFromConfig(c.Config())
	bucket, trail := "code", "all"
	_, err := trails.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: &trail, S3BucketName: &bucket, IsMultiRegionTrail: aws.Bool(true)})
	_, startErr := trails.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: &trail})
	err = errors.Join(err, startErr)
	for _, topic := range []string{"MailTopicArn", "AlarmTopicArn"} {
		_, subErr := topics.Subscribe(ctx, &sns.SubscribeInput{TopicArn: aws.String(c.outputs[topic]), Protocol: aws.String("email"), Endpoint: aws.String("ana@example.com")})
		err = errors.Join(err, subErr)
	}
	_, alarmErr := watch.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("sgwarden-SweeperErrorsAlarm-1"), AlarmActions: []string{c.outputs["AlarmTopicArn"]}, AlarmDescription: aws.String("See deploy/RUNBOOK.md#sweepererrorsalarm"),
		Namespace: aws.String("AWS/Lambda"), MetricName: aws.String("Errors"), Statistic: cw.StatisticSum, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1),
		Threshold: aws.Float64(0), ComparisonOperator: cw.ComparisonOperatorGreaterThanThreshold,
	})
	_, metricErr := watch.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: aws.String("AWS/Lambda"), MetricData: []cw.MetricDatum{{
		MetricName: aws.String("Invocations"), Value: aws.Float64(1), Timestamp: aws.Time(time.Now().Add(-5 * time.Minute)),
		Dimensions: []cw.Dimension{{Name: aws.String("FunctionName"), Value: aws.String(c.outputs["SweeperFunctionName"])}},
	}}})
	made, groupErr := groups.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String("web"), Description: aws.String("web")})
	if err = errors.Join(err, alarmErr, metricErr, groupErr); err != nil {
		t.Fatal(err)
	}
	c.group = *made.GroupId
	c.put(t, "groups/"+c.group, fmt.Sprintf(`{"schema": 1, "groupId": %q, "ingress": []}`, c.group))
}

// breakThings disables a rule, leaves a message that nobody could deal with, writes a document
// that can't be read and one for a deleted group, removes a subscription, stops the trail,
// and puts an alarm on.
func (c *clinic) breakThings(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	topics := sns.NewFromConfig(c.Config())
	_, ruleErr := eventbridge.NewFromConfig(c.Config()).DisableRule(ctx, &eventbridge.DisableRuleInput{Name: aws.String(c.outputs["RemediatorRuleName"])})
	_, queueErr := sqs.NewFromConfig(c.Config()).SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(c.outputs["RemediatorFailuresUrl"]), MessageBody: aws.String("x")})
	list, listErr := topics.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(c.outputs["AlarmTopicArn"])})
	if err := errors.Join(ruleErr, queueErr, listErr); err != nil {
		t.Fatal(err)
	}
	_, subErr := topics.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: list.Subscriptions[0].SubscriptionArn})
	_, trailErr := cloudtrail.NewFromConfig(c.Config()).StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String("all")})
	_, alarmErr := cloudwatch.NewFromConfig(c.Config()).SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("sgwarden-SweeperErrorsAlarm-1"), StateValue: cw.StateValueAlarm, StateReason: aws.String("x")})
	if err := errors.Join(subErr, trailErr, alarmErr); err != nil {
		t.Fatal(err)
	}
	c.put(t, "groups/sg-0123456789abcdef0", `{"schema": 1, "groupId": "sg-0123456789abcdef0", "ingress": []}`)
	c.put(t, "trust", `{"schema": 1, "principals": [{"arn": "*"}]}`)
}

func (c *clinic) put(t *testing.T, name, value string) {
	t.Helper()
	_, err := ssm.NewFromConfig(c.Config()).PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/sg-baseline/" + name), Value: &value, Type: types.ParameterTypeString})
	if err != nil {
		t.Fatal(err)
	}
}

// changing is what is another at each run.
var changing = regexp.MustCompile(`http://127\.0\.0\.1:\d+|(\d{4}-\d\d-\d\d[T ])?\d\d:\d\d( UTC|:\d\d[0-9.+:]*Z?)|-[A-Z0-9]{12}\b|\d+ statements`)

// doctor runs the script on the stack, and returns its lines without what changes.
func (c *clinic) doctor(t *testing.T, status int, arguments ...string) string {
	t.Helper()
	got := c.run(t, append(arguments, "--zips", "no-zips")...) // moto deploys none of build/
	if got.status != status || got.errs != "" {
		t.Errorf("status %d, want %d; errors %q", got.status, status, got.errs)
	}
	text := strings.ReplaceAll(changing.ReplaceAllString(got.out, "CHANGES"), c.group, "sg-web")
	return text
}

func (c *clinic) run(t *testing.T, arguments ...string) scriptRun {
	t.Helper()
	return c.runAs(t, "./doctor.sh", arguments...)
}

// runAs runs the script by a path that leads to it.
func (c *clinic) runAs(t *testing.T, path string, arguments ...string) scriptRun {
	t.Helper()
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_") }), awsconfig.Environment(c.front.URL, awsconfig.Keys)...)
	var out, errs strings.Builder
	command.Stdout, command.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return scriptRun{out.String(), errs.String(), command.ProcessState.ExitCode()}
}

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// golden compares text with testdata/NAME.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *updateGolden {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
