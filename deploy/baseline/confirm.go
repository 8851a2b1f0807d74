package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// confirm asks a question; only y and yes mean yes. Where nobody answers, it is
// an error that says what to do.
func (a *app) confirm(question string) (bool, error) {
	if _, err := fmt.Fprintf(a.errs, "%s [y/N] ", question); err != nil {
		return false, err
	}
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	switch {
	case errors.Is(err, context.Canceled):
		return false, fmt.Errorf("nothing was written: interrupted before an answer: %w", err)
	case err != nil && answer == "":
		return false, errors.New("nobody answered: run it on a terminal, or with --yes")
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}

// interruptible is a stream whose reads end with the context. A read that is
// under way then goes on behind it, so nobody else may read the stream any more.
type interruptible struct {
	ctx context.Context
	in  io.Reader
}

// IsTerminal reports whether a person is at the other end.
func (i interruptible) IsTerminal() bool { return isTerminal(i.in) }

func (i interruptible) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	// p is the caller's again as soon as this returns.
	buffer, read := make([]byte, len(p)), make(chan result, 1)
	go func() {
		n, err := i.in.Read(buffer)
		read <- result{n, err}
	}()
	select {
	case r := <-read:
		return copy(p, buffer[:r.n]), r.err
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
}
