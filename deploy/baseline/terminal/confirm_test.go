package terminal

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
)

func TestWhatCountsAsYes(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"y\n": true, "yes\n": true, " YES \n": true, "y": true, "n\n": false, "\n": false, "yess\n": false, "ja\n": false} {
		var out bytes.Buffer
		got, err := Confirm(strings.NewReader(answer), &out, "Write it?")
		if err != nil || got != want || out.String() != "Write it? [y/N] " {
			t.Errorf("%q: %v, %v: %s", answer, got, err, out.String())
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	_, err := Confirm(strings.NewReader(""), &bytes.Buffer{}, "Write it?")
	if err == nil || !strings.Contains(err.Error(), "run it on a terminal, or with --yes") {
		t.Errorf("got %v", err)
	}
}

// silent is a terminal on which nobody types until the test ends.
type silent struct{ done <-chan struct{} }

func (s silent) Read([]byte) (int, error) { <-s.done; return 0, errors.New("the test is over") }

func TestAnInterruptAtTheQuestionIsOneClearLine(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	_, err := Confirm(Interruptible{Context: ctx, In: silent{t.Context().Done()}}, &out, "Write it?")
	if !errors.Is(err, ErrInterrupted) || err.Error() != "interrupted before an answer" {
		t.Errorf("got %v", err)
	}
	// The next output begins a line of its own.
	if !strings.HasSuffix(out.String(), "[y/N] \n") {
		t.Errorf("got %q", out.String())
	}
}
