package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

var bootstrap string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bootstrap")
	if err != nil {
		panic(err)
	}
	bootstrap = filepath.Join(dir, "bootstrap")
	if out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", bootstrap, "./testdata/bootstrap").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the test's function: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

type answer struct {
	Pid                      int
	Env                      []string
	RequestID, ARN, Function string
	LeftMS                   int64
	Large                    string
}

func TestAnInvocationIsAnsweredByTheProcessInLambdasTerms(t *testing.T) {
	t.Parallel()
	f := start(t, runtime.Config{Timeout: 20 * time.Second})
	result := invoke(t, f, `{"do":"answer"}`)
	got := decode(t, result)
	if got.RequestID == "" || got.RequestID != result.RequestID {
		t.Errorf("request id %q, result's %q", got.RequestID, result.RequestID)
	}
	if got.ARN != "arn:aws:lambda:us-east-1:123456789012:function:probe" || got.Function != "probe" {
		t.Errorf("the function takes itself for %s, %s", got.Function, got.ARN)
	}
	if got.LeftMS <= 10_000 || got.LeftMS > 20_000 {
		t.Errorf("%d ms left of a timeout of 20 s", got.LeftMS)
	}
	if second := decode(t, invoke(t, f, `{"do":"answer"}`)); second.Pid != got.Pid {
		t.Errorf("a second process, %d after %d, for a second event", second.Pid, got.Pid)
	}
}

func TestALargeChunkedAnswerArrivesWhole(t *testing.T) {
	t.Parallel()
	if got := decode(t, invoke(t, start(t, runtime.Config{}), `{"do":"large"}`)); len(got.Large) != 1<<20 {
		t.Errorf("%d bytes", len(got.Large))
	}
}

func TestTheFunctionSeesItsOwnEnvironmentAndNothingElse(t *testing.T) {
	t.Parallel()
	f := start(t, runtime.Config{Env: map[string]string{"MODE": "alert", "AWS_REGION": "elsewhere"}, MemoryMB: 256})
	var names []string
	values := map[string]string{}
	for _, pair := range decode(t, invoke(t, f, `{}`)).Env {
		name, value, _ := strings.Cut(pair, "=")
		names, values[name] = append(names, name), value
	}
	slices.Sort(names)
	want := []string{
		"AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME",
		"AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
		"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "LANG", "MODE", "PATH", "TZ", "_HANDLER",
		"_X_AMZN_TRACE_ID",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"MODE": "alert", "AWS_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_ACCESS_KEY_ID": "ASIAROLE"} {
		if values[name] != want {
			t.Errorf("%s=%s, want %s", name, values[name], want)
		}
	}
}

func TestAFailureIsReportedAndTheNextInvocationSucceeds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, event     string
		kind, message   string
		processIsReused bool
		timeout         time.Duration // longer than a busy machine takes for what does not hang
	}{
		{"an error returned leaves the process", `{"do":"fail"}`, "errorString", "asked to fail", true, time.Minute},
		{"a panic ends the process", `{"do":"panic"}`, "string", "asked to panic", false, time.Minute},
		{"an exit ends the process", `{"do":"exit"}`, "Runtime.ExitError", "exit status 3", false, time.Minute},
		{"a timeout ends the process", `{"do":"hang"}`, "Sandbox.Timedout", "Task timed out after 2.50 seconds", false, 2500 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, runtime.Config{Timeout: test.timeout})
			before := decode(t, invoke(t, f, `{}`))
			failed := invoke(t, f, test.event)
			if failed.Error == nil || failed.Error.Type != test.kind || !strings.Contains(failed.Error.Message, test.message) {
				t.Fatalf("error %+v, want %s: %s", failed.Error, test.kind, test.message)
			}
			var document runtime.FunctionError
			if err := json.Unmarshal(failed.Payload, &document); err != nil {
				t.Fatalf("payload %s: %v", failed.Payload, err)
			}
			if diff := cmp.Diff(*failed.Error, document); diff != "" {
				t.Errorf("the payload says otherwise (-error +payload):\n%s", diff)
			}
			after := decode(t, invoke(t, f, `{}`))
			if reused := after.Pid == before.Pid; reused != test.processIsReused {
				t.Errorf("process reused: %t, want %t", reused, test.processIsReused)
			}
		})
	}
}

func TestAFunctionThatCannotInitialiseFailsEachInvocation(t *testing.T) {
	t.Parallel()
	var logs buffer
	f := start(t, runtime.Config{Env: map[string]string{"FAIL_INIT": "MODE: no such mode"}, Logs: &logs})
	for range 2 {
		result := invoke(t, f, `{}`)
		if result.Error == nil || result.Error.Type != "Runtime.ExitError" || !strings.Contains(result.Error.Message, "exit status 1") {
			t.Errorf("error %+v", result.Error)
		}
	}
	if !strings.Contains(logs.String(), "MODE: no such mode") {
		t.Errorf("logs %q", logs.String())
	}
}

func TestEventsAreRunOneAtATimeByOneInstance(t *testing.T) {
	t.Parallel()
	if pids := invokeAtOnce(t, start(t, runtime.Config{}), 3); len(pids) != 1 {
		t.Errorf("%d processes, want 1", len(pids))
	}
}

func TestEventsAreRunSideBySideUpToTheConcurrency(t *testing.T) {
	t.Parallel()
	if pids := invokeAtOnce(t, start(t, runtime.Config{Concurrency: 2}), 6); len(pids) != 2 {
		t.Errorf("%d processes, want 2", len(pids))
	}
}

func invokeAtOnce(t *testing.T, f *runtime.Function, n int) map[int]bool {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	pids := map[int]bool{}
	for range n {
		all.Go(func() {
			result, err := f.Invoke(t.Context(), []byte(`{"do":"sleep"}`))
			if err != nil || result.Error != nil {
				t.Errorf("result %+v, error %v", result.Error, err)
				return
			}
			var a answer
			if err := json.Unmarshal(result.Payload, &a); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			pids[a.Pid] = true
		})
	}
	all.Wait()
	return pids
}

func TestCloseEndsTheProcessAndWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	var logs buffer
	f := start(t, runtime.Config{Logs: &logs, Timeout: time.Minute})
	pid := decode(t, invoke(t, f, `{}`)).Pid
	ended := make(chan error)
	go func() {
		_, err := f.Invoke(t.Context(), []byte(`{"do":"hang"}`))
		ended <- err
	}()
	logs.waitFor(t, "handling hang")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the invocation under way ended with %v", err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d: %v, want it gone", pid, err)
	}
	if _, err := f.Invoke(t.Context(), nil); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("an invocation after Close: %v", err)
	}
}

func TestRetireLetsWhatIsUnderWayFinish(t *testing.T) {
	t.Parallel()
	var logs buffer
	f := start(t, runtime.Config{Logs: &logs})
	finished := make(chan error)
	go func() {
		result, err := f.Invoke(t.Context(), []byte(`{"do":"sleep"}`))
		if err == nil && result.Error != nil {
			err = result.Error
		}
		finished <- err
	}()
	logs.waitFor(t, "handling sleep")
	retired := make(chan error)
	go func() { retired <- f.Retire() }()
	if err := <-finished; err != nil {
		t.Errorf("the invocation under way ended with %v", err)
	}
	if err := <-retired; err != nil {
		t.Error(err)
	}
	if _, err := f.Invoke(t.Context(), nil); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("an invocation after Retire: %v", err)
	}
}

func TestStartRefusesWhatIsNoExecutable(t *testing.T) {
	t.Parallel()
	plain := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{plain, t.TempDir(), filepath.Join(t.TempDir(), "missing")} {
		if _, err := runtime.Start(t.Context(), runtime.Config{Name: "probe", Bootstrap: path}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
}
