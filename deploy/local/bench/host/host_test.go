package host_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/bench/host"
)

// role says what this test binary plays in place of testing.
const role = "BENCH_TEST_ROLE"

// start starts the test binary as a function.
func start(t *testing.T, as string) *host.Host {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("another process's processor time can be read on Linux only")
	}
	h, err := host.Start([]string{os.Args[0], "-test.run=^TestFunction$"}, []string{role + "=" + as})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Stop(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// TestFunction is no test: it is the function that the others start.
func TestFunction(*testing.T) {
	as := os.Getenv(role)
	if as == "" {
		return
	}
	if as == "broken" {
		_, _ = os.Stderr.WriteString("can't start: no such thing\n")
		os.Exit(1)
	}
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(api + "next")
		if err != nil {
			os.Exit(2)
		}
		event, _ := io.ReadAll(next.Body)
		outcome := "/response"
		if string(event) == "fail" {
			outcome = "/error"
		}
		for began := time.Now(); string(event) == "work" && time.Since(began) < 50*time.Millisecond; {
			continue // to use the processor
		}
		answer, err := http.Post(api+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+outcome, "application/json", bytes.NewReader(event))
		if err != nil {
			os.Exit(2)
		}
		_ = answer.Body.Close()
	}
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestMomentsComeInOrderAndCountTheProcessorTimeOfTheProcess(t *testing.T) {
	t.Parallel()
	h := start(t, "function")
	ready, err := h.Ready(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Invoke(soon(t), []byte("work"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Answer) != "work" {
		t.Errorf("answered %q", got.Answer)
	}
	last := host.Moment{At: h.Started}
	for _, next := range []host.Moment{ready, got.Handed, got.Answered, got.Idle} {
		if next.At.Before(last.At) || next.CPU < last.CPU {
			t.Errorf("%v comes after %v", next, last)
		}
		last = next
	}
	// Another process may have had the processor for some of the 50 ms.
	if used := got.Answered.CPU - got.Handed.CPU; ready.CPU <= 0 || used < time.Millisecond {
		t.Errorf("%v until it was ready, and %v for the event", ready.CPU, used)
	}
}

func TestMemoryIsThatOfTheProcess(t *testing.T) {
	t.Parallel()
	h := start(t, "function")
	if _, err := h.Ready(soon(t)); err != nil {
		t.Fatal(err)
	}
	got, err := h.Memory()
	if err != nil || got.Now < 1<<20 || got.Peak < got.Now {
		t.Errorf("got %+v, %v: want a megabyte at least, and a peak that is no lower", got, err)
	}
}

func TestAFunctionThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ role, event, says string }{
		"a process that ends before it is ready":         {"broken", "", "can't start: no such thing"},
		"a function that answers an event with an error": {"function", "fail", "the function failed: error: fail"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, c.role)
			_, err := h.Ready(soon(t))
			if c.event != "" && err == nil {
				_, err = h.Invoke(soon(t), []byte(c.event))
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
}
