package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// processAt is the command as a process of its own, which a stub answers.
func processAt(t *testing.T, url string, args ...string) (c *exec.Cmd, errs *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	c, errs = exec.CommandContext(ctx, os.Args[0], args...), &bytes.Buffer{}
	c.Stderr = errs
	c.Env = []string{
		asMain + "=1", "HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + url, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing",
	}
	return c, errs
}

func TestAnInterruptedPushIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		answer  error // to the write that is under way
		written int
	}{
		"and the write that was under way took effect": {nil, 5},
		"and the write that was under way did not":     {&awsstub.Error{Code: "ValidationException", Message: "no"}, 4},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, dir := newParameterStore(t), writeBaselines(t, 8)
			before := contents(t, dir)
			push, errs := processAt(t, store.URL, "push", dir, "--yes")
			started, ended := make(chan struct{}), make(chan struct{})
			store.mu.Lock()
			store.onPut = func(n int) error {
				if n != 5 {
					return nil
				}
				<-started
				if err := push.Process.Signal(os.Interrupt); err != nil {
					t.Error(err)
				}
				<-ended
				return c.answer
			}
			store.mu.Unlock()
			if err := push.Start(); err != nil {
				t.Fatal(err)
			}
			close(started)
			var exit *exec.ExitError
			if err := push.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("got %v", err)
			}
			close(ended)
			for _, want := range []string{"004.yaml: interrupted, so the baseline may be written or not", "4 of 8 baselines written. Run the same command again to write the rest"} {
				if !strings.Contains(errs.String(), want) {
					t.Errorf("it doesn't say %q: %s", want, errs)
				}
			}
			store.mu.Lock()
			store.onPut = func(int) error { return nil }
			store.mu.Unlock()
			cfg := store.configOf()
			expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 0, fmt.Sprintf("8 baselines: %d written, %d unchanged, 0 not written", 8-c.written, c.written))
			expect(t, runCommand(t, &cfg, "", "diff", dir), 0)
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Errorf("files were changed: %s", diff)
			}
		})
	}
}

func TestAnInterruptBeforeTheQuestionWritesNothing(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 1)
	push, errs := processAt(t, store.URL, "push", dir, "--yes")
	started, ended := make(chan struct{}), make(chan struct{})
	store.mu.Lock()
	store.onRead = func() {
		<-started
		if err := push.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		<-ended
	}
	store.mu.Unlock()
	if err := push.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	var exit *exec.ExitError
	if err := push.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(errs.String(), "nothing was written: interrupted") {
		t.Errorf("%v: %s", err, errs)
	}
	close(ended)
	store.mu.Lock()
	defer store.mu.Unlock()
	if store.puts != 0 {
		t.Errorf("%d were written", store.puts)
	}
}

func TestCredentialsThatExpireInTheMiddleOfAPush(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 30)
	cfg := store.configOf()
	store.onPut = func(n int) error {
		if n > 12 {
			return &awsstub.Error{Code: "ExpiredTokenException", Message: "The security token included in the request is expired", Status: 400}
		}
		return nil
	}
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 1, "012.yaml: put parameter /sg-baseline/groups/sg-012: ", "token included in the request is expired", "12 of 30 baselines written. Run the same command again to write the rest")
	store.onPut = func(int) error { return nil }
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 0, "18 written, 12 unchanged")
}
