package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrInterrupted says that a person ended the question rather than answer.
var ErrInterrupted = errors.New("interrupted before an answer")

// Confirm asks a question on out; only y and yes mean yes. Where nobody answers, the
// error says what to do; the caller adds what did not happen. The context of an Interruptible in ends the question.
func Confirm(in io.Reader, out io.Writer, question string) (bool, error) {
	if _, err := fmt.Fprintf(out, "%s [y/N] ", question); err != nil {
		return false, err
	}
	answer, err := bufio.NewReader(in).ReadString('\n')
	switch {
	case errors.Is(err, context.Canceled):
		_, err := fmt.Fprintln(out) // the cursor stands behind the question
		return false, errors.Join(ErrInterrupted, err)
	case err != nil && answer == "":
		return false, errors.New("nobody answered: run it on a terminal, or with --yes")
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}

// Interruptible is a stream whose reads end with the context. A read that is under
// way then reads on behind it, so nobody else may read the stream any more.
type Interruptible struct {
	Context context.Context
	In      io.Reader
}

// IsTerminal reports whether a person is at the other end.
func (i Interruptible) IsTerminal() bool { return Is(i.In) }

func (i Interruptible) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	// p is the caller's again as soon as this returns.
	buffer, read := make([]byte, len(p)), make(chan result, 1)
	go func() {
		n, err := i.In.Read(buffer)
		read <- result{n, err}
	}()
	select {
	case r := <-read:
		return copy(p, buffer[:r.n]), r.err
	case <-i.Context.Done():
		return 0, i.Context.Err()
	}
}
