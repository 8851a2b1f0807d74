package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// asMain makes the test binary the command itself.
const asMain = "BASELINE_TEST_AS_MAIN"

// asked says when a question was written.
type asked struct {
	text     bytes.Buffer
	question chan struct{}
}

func (a *asked) Write(p []byte) (int, error) {
	n, err := a.text.Write(p)
	if bytes.Contains(p, []byte("[y/N]")) {
		close(a.question)
	}
	return n, err
}

func TestAnInterruptEndsTheQuestion(t *testing.T) {
	t.Parallel()
	// The other end of a new pseudo-terminal: a character device on which nobody types.
	silent, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	dir := writeBaselines(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0], "push", dir, "--allow-missing", "--prefix", prefixOf(t))
	errs := &asked{question: make(chan struct{})}
	command.Stdin, command.Stdout, command.Stderr = silent, io.Discard, errs
	command.Env = []string{
		asMain + "=1", "HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + localtest.SharedMoto(t), "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing",
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-errs.question:
		if err := command.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
	case <-ctx.Done():
		t.Error("it didn't ask")
	}
	var exit *exec.ExitError
	if err := command.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(errs.text.String(), "nothing was written: interrupted before an answer") {
		t.Errorf("%v: %s", err, errs.text.String())
	}
}

func TestAnInterruptibleStreamIsReadAsItIs(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"a line": "yes\n", "more than a buffer": strings.Repeat("0123456789", 1000), "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := io.ReadAll(terminal.Interruptible{Context: t.Context(), In: person{strings.NewReader(text)}})
			if err != nil || string(got) != text {
				t.Errorf("%v: read %d bytes of %d", err, len(got), len(text))
			}
		})
	}
	if !terminal.Is(terminal.Interruptible{Context: t.Context(), In: person{}}) || terminal.Is(terminal.Interruptible{Context: t.Context(), In: strings.NewReader("")}) {
		t.Error("it doesn't say what it is")
	}
}

func TestAQuestionThatNobodyAnswersSaysWhatDidNotHappen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   io.Reader
		want string
	}{
		"the end of the input": {strings.NewReader(""), "nothing was deleted: nobody answered: run it on a terminal, or with --yes"},
		"an interrupt":         {interrupted{}, "nothing was deleted: interrupted before an answer"},
		"no":                   {strings.NewReader("n\n"), "nothing was deleted, as you said"},
		"yes":                  {strings.NewReader("y\n"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &app{Account: account.Account{Errs: io.Discard}, in: person{c.in}}
			got := ""
			if err := a.askUnless(false, "nothing was deleted", "it would be deleted", "Delete it?"); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// interrupted is a terminal on which somebody pressed Ctrl-C.
type interrupted struct{}

func (interrupted) Read([]byte) (int, error) { return 0, context.Canceled }
