// Package host runs a Lambda function's process under a Runtime API that notes when the function was ready, when it
// got an event, when it answered, and how much processor time it had used by then.
//
// deploy/local/runtime hides the process and the moments; this package is for measuring and hides nothing.
package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/process"
)

// Moment is when something happened, and the processor time that the process had used until then.
type Moment struct {
	At  time.Time
	CPU time.Duration
}

// Invocation is one event's way.
type Invocation struct {
	Handed   Moment // the event was given to the function
	Answered Moment // the function's answer was here
	Idle     Moment // the function asked for the next event
	Answer   []byte
}

// Host is one process of a function. Stop it.
type Host struct {
	Started time.Time // just before the process was started

	process *process.Process
	server  *http.Server
	served  sync.WaitGroup
	log     *os.File

	idle    chan Moment
	work    chan []byte
	handed  chan Moment
	answers chan answer
}

type answer struct {
	Moment
	body    []byte
	failure string // empty for success
}

// Start starts a command with an environment, to which the Runtime API's address is added. What the process prints goes
// to a file, which Stop removes.
func Start(command, environment []string) (*Host, error) {
	if _, err := cpuTime(os.Getpid()); err != nil {
		return nil, err // so that it fails here and not in every Moment
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the Runtime API of %s: %w", command[0], err)
	}
	log, err := os.CreateTemp("", "bench-*.log")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the log file of %s: %w", command[0], err), listener.Close())
	}
	h := &Host{log: log, idle: make(chan Moment, 1), work: make(chan []byte), handed: make(chan Moment, 1), answers: make(chan answer, 1)}
	h.server = &http.Server{Handler: h.handler(), ReadHeaderTimeout: 10 * time.Second}
	child := exec.Command(command[0], command[1:]...)
	child.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}, environment...)
	child.Stdout, child.Stderr = log, log
	h.Started = time.Now()
	if h.process, err = process.Start(child); err != nil {
		return nil, errors.Join(err, listener.Close(), h.dropLog())
	}
	h.served.Go(func() { _ = h.server.Serve(listener) }) // returns ErrServerClosed, at Stop
	return h, nil
}

// Ready waits for the function's first request for work.
func (h *Host) Ready(ctx context.Context) (Moment, error) {
	moment, err := await(ctx, h, h.idle)
	if err != nil {
		return Moment{}, fmt.Errorf("wait for the function's first request for work: %w", err)
	}
	return moment, nil
}

// Invoke hands an event to a function that is ready or idle, and waits for the answer and the next request for work.
func (h *Host) Invoke(ctx context.Context, event []byte) (Invocation, error) {
	select {
	case h.work <- event:
	case <-h.process.Exited():
		return Invocation{}, h.ended()
	case <-ctx.Done():
		return Invocation{}, fmt.Errorf("hand over the event: %w", ctx.Err())
	}
	handed, err := await(ctx, h, h.handed)
	if err != nil {
		return Invocation{}, fmt.Errorf("hand over the event: %w", err)
	}
	answered, err := await(ctx, h, h.answers)
	if err != nil {
		return Invocation{}, fmt.Errorf("wait for the function's answer: %w", err)
	}
	if answered.failure != "" {
		return Invocation{}, fmt.Errorf("the function failed: %s: %s", answered.failure, answered.body)
	}
	idle, err := await(ctx, h, h.idle)
	if err != nil {
		return Invocation{}, fmt.Errorf("wait for the function's next request for work: %w", err)
	}
	return Invocation{Handed: handed, Answered: answered.Moment, Idle: idle, Answer: answered.body}, nil
}

func await[T any](ctx context.Context, h *Host, from <-chan T) (T, error) {
	var none T
	select {
	case got := <-from:
		return got, nil
	case <-h.process.Exited():
		return none, h.ended()
	case <-ctx.Done():
		return none, fmt.Errorf("%w; it printed: %s", ctx.Err(), h.printed())
	}
}

// ended says how a process ended that should have gone on.
func (h *Host) ended() error {
	return fmt.Errorf("the process ended (%v); it printed: %s", h.process.Err(), h.printed())
}

// printed returns the start of what the process printed.
func (h *Host) printed() string {
	const enough = 2000
	text := make([]byte, enough)
	n, err := h.log.ReadAt(text, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Sprintf("(its log can't be read: %v)", err)
	}
	return string(text[:n])
}

// Stop kills the process and returns when all is gone.
func (h *Host) Stop() error {
	err := errors.Join(h.process.Stop(0), h.server.Close())
	h.served.Wait()
	return errors.Join(err, h.dropLog())
}

func (h *Host) dropLog() error { return errors.Join(h.log.Close(), os.Remove(h.log.Name())) }
