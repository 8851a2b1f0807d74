package cloud_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

func TestADeployedFunctionRunsAsDeployedAndFollowsItsStack(t *testing.T) {
	t.Parallel()
	p := startProbe(t)
	var answer struct {
		Env    []string
		LeftMS int
	}
	result, err := p.Invoke(t.Context(), "stack-probe", []byte(`{}`))
	if err != nil || result.Error != nil {
		t.Fatalf("result %+v, error %v", result, err)
	}
	if err := json.Unmarshal(result.Payload, &answer); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"FLAVOUR=plain", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256", "AWS_ENDPOINT_URL=" + p.Endpoint, "AWS_REGION=us-east-1",
	} {
		if !slices.Contains(answer.Env, want) {
			t.Errorf("environment %q lacks %s", answer.Env, want)
		}
	}
	if answer.LeftMS <= 6000 || answer.LeftMS > 7000 {
		t.Errorf("%d ms left of a timeout of 7 s", answer.LeftMS)
	}

	if err := p.Run(t.Context(), nil, "aws", "cloudformation", "update-stack", "--stack-name", "stack",
		"--use-previous-template", "--capabilities", "CAPABILITY_IAM", "--parameters", "ParameterKey=Flavour,ParameterValue=other"); err != nil {
		t.Fatal(err)
	}
	if result, err = p.Invoke(t.Context(), "stack-probe", []byte(`{}`)); err != nil || result.Error != nil {
		t.Fatalf("result %+v, error %v", result, err)
	}
	if err := json.Unmarshal(result.Payload, &answer); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(answer.Env, "FLAVOUR=other") {
		t.Errorf("environment %q is not the updated one", answer.Env)
	}

	if err := p.Run(t.Context(), nil, "aws", "cloudformation", "delete-stack", "--stack-name", "stack"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Invoke(t.Context(), "stack-probe", nil); err == nil {
		t.Error("the function still runs after its stack is gone")
	}
	p.waitIdle(t)
}

// One local AWS serves these, one after the other, as starting it is most of the work.
func TestALocalAWS(t *testing.T) {
	t.Parallel()
	p := startProbe(t)
	t.Run("retries an event that crashes the function and keeps it in the deployed queues", p.retriesAndKeeps)
	t.Run("keeps alerts in order and hands them to a subscriber", p.keepsAlerts)
	t.Run("runs what is on a schedule, and functions for any client", p.runsOnDemand)
	t.Run("leaves nothing behind", p.leavesNothingBehind)
}

func (p *probe) retriesAndKeeps(t *testing.T) {
	p.PutEvent(event("sgwarden.test", "answer"))
	p.PutEvent(event("sgwarden.other", "exit"))
	p.waitIdle(t)
	if got := p.deliveries(); len(got) != 1 || got[0].Attempts != 1 || got[0].Result.Error != nil || got[0].Queue != "" {
		t.Fatalf("deliveries %+v, want one without error", got)
	}
	crash := event("sgwarden.test", "exit")
	p.PutEvent(crash)
	p.waitIdle(t)
	last := p.deliveries()[1]
	if last.Attempts != 2 || last.Result.Error == nil || last.Result.Error.Type != "Runtime.ExitError" {
		t.Errorf("delivery %+v, want two attempts that end in an exit", last)
	}
	if diff := cmp.Diff([]string{string(crash)}, p.receive(t, "dead-letters")); diff != "" {
		t.Errorf("dead letters (-want +got):\n%s", diff)
	}
	if records := p.receive(t, "failures"); len(records) != 1 || !strings.Contains(records[0], "exit status 3") {
		t.Errorf("failure records %q", records)
	}
}

func (p *probe) keepsAlerts(t *testing.T) {
	client := sns.NewFromConfig(p.Config())
	topics, err := client.ListTopics(t.Context(), &sns.ListTopicsInput{})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for _, subject := range []string{"first", "second"} {
			_, err := client.Publish(t.Context(), &sns.PublishInput{
				TopicArn: topics.Topics[0].TopicArn, Subject: aws.String(subject), MessageStructure: aws.String("json"),
				Message: aws.String(fmt.Sprintf(`{"default":"for machines: %s","email":"for people: %s"}`, subject, subject)),
			})
			if err != nil {
				t.Error(err)
			}
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	second, err := p.WaitAlert(ctx, func(a cloud.Alert) bool { return a.Subject == "second" })
	if err != nil {
		t.Fatal(err)
	}
	if second.JSON != "for machines: second" || second.Email != "for people: second" {
		t.Errorf("alert %+v", second)
	}
	var kept, got []string
	for _, a := range p.Alerts() {
		kept = append(kept, a.MessageID+" "+a.JSON)
	}
	notifications, err := p.Notifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notifications {
		got = append(got, n.MessageID+" "+n.Message)
	}
	if diff := cmp.Diff(kept, got); diff != "" || len(got) != 2 {
		t.Errorf("two notifications as kept (-kept +got):\n%s", diff)
	}
}

func (p *probe) runsOnDemand(t *testing.T) {
	deliveries, err := p.RunSchedules(t.Context())
	if err != nil || len(deliveries) != 1 || deliveries[0].Rule != "timer" || !strings.Contains(string(deliveries[0].Event), "Scheduled Event") || deliveries[0].Result.Error != nil {
		t.Errorf("deliveries %+v, error %v", deliveries, err)
	}
	var out bytes.Buffer
	if err := p.Run(t.Context(), &out, "aws", "lambda", "invoke", "--function-name", "stack-probe", "/dev/stdout"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "FLAVOUR=plain") || !strings.Contains(out.String(), `"StatusCode": 200`) {
		t.Errorf("the AWS CLI printed %s", out.String())
	}
	out.Reset()
	if err := p.Run(t.Context(), &out, "aws", "lambda", "invoke", "--function-name", "stack-probe", "--invocation-type", "Event", "/dev/null"); err != nil {
		t.Fatal(err)
	}
	if err := p.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := p.delivered[len(p.delivered)-1]; !strings.Contains(out.String(), `"StatusCode": 202`) || last.Rule != "" || string(last.Event) != "{}" || last.Result.Error != nil {
		t.Errorf("the AWS CLI printed %s, and it delivered %+v", out.String(), last)
	}
}

func (p *probe) leavesNothingBehind(t *testing.T) {
	var answer struct{ Pid int }
	result, err := p.Invoke(t.Context(), "stack-probe", []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(result.Payload, &answer); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(answer.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the function's process %d: %v, want it gone", answer.Pid, err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(p.Endpoint, "http://")); err == nil {
		_ = conn.Close()
		t.Error("the endpoint still answers")
	}
}

func TestStartReportsAFunctionWithoutABinary(t *testing.T) {
	t.Parallel()
	_, err := cloud.Start(t.Context(), cloud.Options{Root: t.TempDir(), Bootstraps: t.TempDir(), Deploy: deployProbe})
	if err == nil || !strings.Contains(err.Error(), "make local-build") || !strings.Contains(err.Error(), "stack-probe") {
		t.Errorf("error %v", err)
	}
}

// probe is a local AWS with the testdata's stack.
type probe struct {
	*cloud.Cloud
	mu        sync.Mutex
	delivered []bus.Delivery
}

var buildProbe = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "probe")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(dir, "probe", "bootstrap"),
		"../runtime/testdata/bootstrap").CombinedOutput()
	if err != nil {
		return dir, fmt.Errorf("build the test's function: %w: %s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := localtest.RunWithQuickCLI(m)
	if dir, _ := buildProbe(); dir != "" {
		_ = os.RemoveAll(dir)
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func startProbe(t *testing.T) *probe {
	t.Helper()
	bootstraps, err := buildProbe()
	if err != nil {
		t.Fatal(err)
	}
	p := &probe{}
	p.Cloud = localtest.Cloud(t, cloud.Options{
		Root: t.TempDir(), Bootstraps: bootstraps, Deploy: deployProbe, RetryDelays: []time.Duration{time.Millisecond},
		Delivered: func(d bus.Delivery) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.delivered = append(p.delivered, d)
		},
	})
	return p
}

func deployProbe(ctx context.Context, c *cloud.Cloud) error {
	template, err := filepath.Abs("testdata/probe.yaml")
	if err != nil {
		return err
	}
	return c.Run(ctx, nil, "aws", "cloudformation", "create-stack", "--stack-name", "stack",
		"--template-body", "file://"+template, "--capabilities", "CAPABILITY_IAM")
}

func (p *probe) deliveries() []bus.Delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.delivered)
}

func (p *probe) waitIdle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := p.WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
}

func (p *probe) receive(t *testing.T, queue string) (bodies []string) {
	t.Helper()
	client := sqs.NewFromConfig(p.Config())
	url, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url.QueueUrl, MaxNumberOfMessages: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range got.Messages {
		bodies = append(bodies, *message.Body)
	}
	return bodies
}

func event(source, do string) []byte {
	return fmt.Appendf(nil, `{"version":"0","id":"e-1","detail-type":"Test","source":%q,"account":"123456789012",`+
		`"time":"2026-11-21T19:51:30Z","region":"us-east-1","resources":[],"detail":{"k":1},"do":%q}`, source, do)
}
