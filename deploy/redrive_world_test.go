package deploy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// redriveWorld is a local AWS with sgwarden in it, behind an endpoint of its own that plays asynchronous invocations.
type redriveWorld struct {
	*cloud.Cloud
	url    string
	queues *sqs.Client

	mu      sync.Mutex
	invoked []invocation
	sweeps  []func() // not delivered until sweep, as a sweep is about every group
	running sync.WaitGroup
	errs    []error
}

// invocation is an asynchronous one that was accepted.
type invocation struct{ function, payload string }

// refusedMark in a payload makes Lambda refuse it.
const refusedMark = "refuse-me"

// Needs what `make local-build` builds.
func startRedriveWorld(t *testing.T) *redriveWorld {
	t.Helper()
	c := localtest.Cloud(t, cloud.Options{Deploy: cloud.Stack(map[string]string{"GraceMinutes": "0"}), RetryDelays: []time.Duration{time.Millisecond}})
	w := &redriveWorld{Cloud: c, queues: sqs.NewFromConfig(c.Config())}
	// Built here, the command isn't built by each test that runs the script.
	if said, err := exec.CommandContext(t.Context(), "./redrive.sh", "--help").CombinedOutput(); err != nil {
		t.Fatalf("build the command: %v: %s", err, said)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "http://" + listener.Addr().String()
	server := &http.Server{Handler: w.handler(), ReadHeaderTimeout: 10 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // returns ErrServerClosed, at Close
	t.Cleanup(func() {
		err := server.Close()
		serving.Wait()
		w.running.Wait()
		if err := errors.Join(append(w.errs, err)...); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *redriveWorld) handler() http.Handler {
	endpoint, err := url.Parse(w.Endpoint)
	reverse := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(endpoint)
		r.Out.Host = r.In.Host
	}}
	return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		switch {
		case err != nil:
			http.Error(answer, err.Error(), http.StatusInternalServerError)
		case r.Header.Get("X-Amz-Invocation-Type") == "Event":
			w.invokeLater(answer, r)
		default:
			reverse.ServeHTTP(answer, r)
		}
	})
}

// invokeLater answers as https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html says of Event.
func (w *redriveWorld) invokeLater(answer http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	if strings.Contains(string(payload), refusedMark) {
		answer.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
		answer.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(answer, `{"Message":"you may not invoke it"}`)
		return
	}
	function := strings.Split(r.URL.Path, "/")[3] // /2015-03-31/functions/NAME/invocations
	w.mu.Lock()
	defer w.mu.Unlock()
	w.invoked = append(w.invoked, invocation{function, string(payload)})
	if function == sweeperName {
		w.sweeps = append(w.sweeps, func() { w.invoke(function, payload) })
	} else {
		w.running.Go(func() { w.invoke(function, payload) })
	}
	answer.WriteHeader(http.StatusAccepted)
}

func (w *redriveWorld) invoke(function string, payload []byte) {
	result, err := w.Invoke(context.Background(), function, payload)
	if err == nil && result.Error != nil {
		err = errors.New(result.Error.Message)
	}
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.errs = append(w.errs, fmt.Errorf("%s: %w", function, err))
	}
}

// sweep lets the invocations of the sweeper go ahead.
func (w *redriveWorld) sweep(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	sweeps := w.sweeps
	w.sweeps = nil
	w.mu.Unlock()
	for _, sweep := range sweeps {
		sweep()
	}
	w.idle(t)
}

// of are the payloads that a function was invoked with and that have a mark in them.
func (w *redriveWorld) of(function, mark string) (payloads []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.invoked {
		if i.function == function && strings.Contains(i.payload, mark) {
			payloads = append(payloads, i.payload)
		}
	}
	return payloads
}

// idle waits until all invocations are over.
func (w *redriveWorld) idle(t *testing.T) {
	t.Helper()
	w.running.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := w.WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
}

// letters are the dead-letter queues of a stack.
type letters struct {
	*redriveWorld
	stack string
	urls  map[string]string
}

// stackOf makes a stack with some of the real one's queues and outputs, which name the real one's functions.
func (w *redriveWorld) stackOf(t *testing.T, name string, queues ...string) letters {
	t.Helper()
	l := letters{w, name, map[string]string{}}
	template := map[string]map[string]any{"Resources": {}, "Outputs": {
		"RemediatorFunctionName": map[string]string{"Value": "sgwarden-remediator"},
		"SweeperFunctionName":    map[string]string{"Value": "sgwarden-sweeper"},
		"NotifierFunctionName":   map[string]string{"Value": "sgwarden-notifier"},
		"RemediatorLogGroupName": map[string]string{"Value": name + "-log"},
	}}
	template["Resources"]["Log"] = map[string]any{"Type": "AWS::Logs::LogGroup", "Properties": map[string]string{"LogGroupName": name + "-log"}}
	for _, queue := range queues {
		template["Resources"][queue] = map[string]any{"Type": "AWS::SQS::Queue", "Properties": map[string]string{"QueueName": name + "-" + queue}}
		template["Outputs"][queue+"Url"] = map[string]any{"Value": map[string]string{"Ref": queue}}
	}
	text, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"Action": {"CreateStack"}, "Version": {"2010-05-15"}, "StackName": {name}, "TemplateBody": {string(text)}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.Endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization",
		"AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	for _, queue := range queues {
		found, err := w.queues.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String(name + "-" + queue)})
		if err != nil {
			t.Fatal(err)
		}
		l.urls[queue] = *found.QueueUrl
	}
	return l
}

// itsStack is the real one.
func (w *redriveWorld) itsStack(t *testing.T, queues ...string) letters {
	t.Helper()
	l := letters{w, "sgwarden", map[string]string{}}
	for _, queue := range queues {
		found, err := w.queues.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String("sgwarden-" + queue)})
		if err != nil || len(found.QueueUrls) != 1 {
			t.Fatalf("queue %s of the template: %v, error %v", queue, found, err)
		}
		l.urls[queue] = found.QueueUrls[0]
	}
	return l
}

// put puts a message into a queue, with attributes NAME=VALUE.
func (l letters) put(t *testing.T, queue, body string, attributes ...string) (id string) {
	t.Helper()
	input := &sqs.SendMessageInput{QueueUrl: aws.String(l.urls[queue]), MessageBody: &body, MessageAttributes: map[string]types.MessageAttributeValue{}}
	for _, attribute := range attributes {
		name, value, _ := strings.Cut(attribute, "=")
		input.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	sent, err := l.queues.SendMessage(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	return *sent.MessageId
}

// waiting counts the messages of a queue that anybody can receive, and fails if there are others.
func (l letters) waiting(t *testing.T, queue string) int {
	t.Helper()
	if n := l.count(t, queue, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible); n != 0 {
		t.Errorf("%d messages of queue %s are hidden", n, queue)
	}
	return l.count(t, queue, types.QueueAttributeNameApproximateNumberOfMessages)
}

func (l letters) count(t *testing.T, queue string, which types.QueueAttributeName) int {
	t.Helper()
	got, err := l.queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(l.urls[queue]), AttributeNames: []types.QueueAttributeName{which},
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(got.Attributes[string(which)])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// scriptRun is what came of running the script.
type scriptRun struct {
	out, errs string
	status    int
}

// run runs redrive.sh on the stack.
func (l letters) run(t *testing.T, arguments ...string) scriptRun {
	t.Helper()
	return l.command(t, nil, append([]string{"./redrive.sh", "--stack-name", l.stack}, arguments...)...)
}

// answer runs redrive.sh on a terminal where somebody types an answer. out has all that the terminal shows.
func (l letters) answer(t *testing.T, typed string, arguments ...string) scriptRun {
	t.Helper()
	const onTerminal = `import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))`
	got := l.command(t, strings.NewReader(typed), append([]string{"python3", "-c", onTerminal, "./redrive.sh", "--stack-name", l.stack}, arguments...)...)
	got.out = strings.ReplaceAll(got.out, "\r\n", "\n")
	return got
}

func (l letters) command(t *testing.T, input io.Reader, arguments ...string) scriptRun {
	t.Helper()
	command := l.prepare(t, arguments...)
	var out, errs strings.Builder
	command.Stdin, command.Stdout, command.Stderr = input, &out, &errs
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return scriptRun{out.String(), errs.String(), command.ProcessState.ExitCode()}
}

func (l letters) prepare(t *testing.T, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(t.Context(), arguments[0], arguments[1:]...)
	command.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_") }),
		awsconfig.Environment(l.url, awsconfig.Keys)...)
	return command
}
