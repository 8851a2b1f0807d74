package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sgwarden/sgwarden/events"
)

// runMain turns the test binary into the function itself.
const runMain = "RUN_REMEDIATOR_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(runMain) != "" {
		main()
		return
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// process is the function in a process of its own that has the given
// environment and nothing else. It is killed when ctx ends.
func process(ctx context.Context, environment ...string) (command *exec.Cmd, stdout, stderr *bytes.Buffer) {
	command = exec.CommandContext(ctx, os.Args[0])
	command.Env = append([]string{runMain + "=1", "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true"}, environment...)
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	command.Stdout, command.Stderr = stdout, stderr
	return command, stdout, stderr
}

func TestABadEnvironmentStopsTheProcessWithOneLine(t *testing.T) {
	t.Parallel()
	const good = "ALERT_TOPIC_ARN=" + topic
	cases := map[string]struct {
		environment []string
		want        string
	}{
		"nothing is set": {nil, `ALERT_TOPIC_ARN is "": want the ARN of an SNS topic`},
		"one bad value":  {[]string{good, "MODE=off"}, `MODE is "off": want enforce or alert`},
		"several bad values": {
			[]string{"MODE=off", "LOG_LEVEL=loud", "BASELINE_PREFIX=/"},
			`BASELINE_PREFIX is "/": want a path such as /sg-baseline: at most 11 levels and 200 characters ` +
				`(letters, digits, '_', '.', '-'), not beginning with /aws or /ssm; ALERT_TOPIC_ARN is "": want the ARN of an SNS topic; ` +
				`MODE is "off": want enforce or alert; LOG_LEVEL is "loud": want debug, info, warn or error`,
		},
		"a bad value of the SDK's own": {[]string{good, "AWS_MAX_ATTEMPTS=many"}, "load the AWS configuration: "},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			command, stdout, stderr := process(ctx, c.environment...)
			err := command.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("got %v, want exit status 1", err)
			}
			if got := stderr.String(); !strings.HasPrefix(got, "remediator can't start: "+c.want) || strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "\n") {
				t.Errorf("got stderr %q", got)
			}
			if stdout.Len() > 0 {
				t.Errorf("got stdout %q", stdout)
			}
		})
	}
}

// TestAGoodEnvironmentStartsTheProcess is the twin: the same process serves an
// invocation, with clients that the SDK's own variables lead to the stub.
func TestAGoodEnvironmentStartsTheProcess(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 0, ssh)
	answer, log := c.serveOne(t, c.stub.URL, func() {})
	if diff := cmp.Diff(c.alerts(t), []string{answer}); diff != "" {
		t.Error(diff)
	}
	line := invocationLine(log)
	for _, part := range []string{`"function":"remediator","requestId":"1"`, `"outcome":"reverted"`, `"Reverted":1`, `"RoundTrips":`, `"_aws":{"Timestamp":`, `"Namespace":"sgwarden"`} {
		if !strings.Contains(line, part) {
			t.Errorf("no %s in the line of the invocation: %s", part, line)
		}
	}
	if len(c.ids()) != 1 || !strings.Contains(log, `"msg":"alert"`) {
		t.Errorf("live %v, log %s", c.ids(), log)
	}
}

// serveOne starts the function, with AWS at an URL, gives it one event, and ends it. then
// runs when the answer is there, before the end. It returns the answer and the log.
func (c *cloud) serveOne(t *testing.T, url string, then func()) (answer, log string) {
	t.Helper()
	answers := make(chan string, 1)
	runtime := httptest.NewServer(runtimeAPI(c.opens(events.MustRead("authorize-ingress-ipv4")), answers))
	t.Cleanup(runtime.Close)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command, stdout, stderr := process(ctx, "ALERT_TOPIC_ARN="+topic, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(runtime.URL, "http://"),
		"AWS_ENDPOINT_URL="+url, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=stub", "AWS_SECRET_ACCESS_KEY=stub")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case answer = <-answers:
	case <-ctx.Done():
	}
	then()
	cancel()
	_ = command.Wait() // it was killed
	if answer == "" {
		t.Fatalf("no answer; stdout %s, stderr %s", stdout, stderr)
	}
	return answer, stdout.String()
}

// invocationLine is the line that says what the invocation did, empty without one.
func invocationLine(log string) string {
	for line := range strings.Lines(log) {
		if strings.Contains(line, `"msg":"invocation"`) {
			return line
		}
	}
	return ""
}

// runtimeAPI is as much of Lambda's Runtime API as one invocation takes: it hands
// out the message once, then lets the function wait.
func runtimeAPI(message []byte, answers chan<- string) http.Handler {
	const version = "/2018-06-01/runtime/invocation/"
	next := make(chan []byte, 1)
	next <- message
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+version+"next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case message := <-next:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			_, _ = w.Write(message)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST "+version+"1/{outcome}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.PathValue("outcome") != "response" {
			body = fmt.Appendf(nil, "%s: %s, %v", r.PathValue("outcome"), body, err)
		}
		answers <- string(body)
		w.WriteHeader(http.StatusAccepted)
	})
	return mux
}
