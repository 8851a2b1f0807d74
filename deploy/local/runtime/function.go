// Package runtime runs a Lambda function's real bootstrap as AWS Lambda does: under the Runtime API
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), one invocation at a time for each instance, ended
// at its timeout, and started again after a crash.
package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Config is one function.
type Config struct {
	Bootstrap   string            // path of the executable
	Name        string            // function name
	ARN         string            // function ARN
	Env         map[string]string // the function's own environment; it gets nothing of this process's
	Credentials aws.Credentials   // the execution role's
	Timeout     time.Duration     // of one invocation; default 3 s, as Lambda's
	MemoryMB    int               // for the function to read, not enforced; default 128
	Concurrency int               // how many instances at most run at once; default 1
	Logs        io.Writer         // what the function prints, to both streams; default nowhere
}

// initTimeout is the time from a process's start to its first request for work, as Lambda's.
const initTimeout = 10 * time.Second

// Result is the outcome of one invocation.
type Result struct {
	RequestID string
	Payload   []byte         // the function's answer, or the error document as Lambda returns it
	Error     *FunctionError // nil when the function succeeded
	Duration  time.Duration  // from the handing over of the event to the answer
	ColdStart bool           // a process was started for this invocation
}

// FunctionError is how a function failed. Type is the function's own error type, or Lambda's "Runtime.ExitError" or
// "Sandbox.Timedout".
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// ErrClosed is what Invoke answers once Retire or Close was called.
var ErrClosed = errors.New("the function is closed")

// Function is a function with its pool of instances. Its methods may be called at once.
type Function struct {
	config  Config
	slots   chan struct{} // one token for each invocation under way
	closing context.Context
	close   context.CancelFunc

	mu      sync.Mutex
	retired bool
	idle    []*instance
	work    sync.WaitGroup
}

// Start checks the configuration and starts one instance, whose initialisation goes on by itself; an instance that
// fails there is reported by the first Invoke. The function runs until Close.
func Start(ctx context.Context, config Config) (*Function, error) {
	info, err := os.Stat(config.Bootstrap)
	if err != nil {
		return nil, fmt.Errorf("start function %s: %w", config.Name, err)
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return nil, fmt.Errorf("start function %s: %s is not an executable file", config.Name, config.Bootstrap)
	}
	config = withDefaults(config)
	f := &Function{config: config, slots: make(chan struct{}, config.Concurrency)}
	f.closing, f.close = context.WithCancel(context.WithoutCancel(ctx))
	first, err := startInstance(config)
	if err != nil {
		return nil, err
	}
	f.idle = []*instance{first}
	return f, nil
}

func withDefaults(c Config) Config {
	if c.Timeout == 0 {
		c.Timeout = 3 * time.Second
	}
	if c.MemoryMB == 0 {
		c.MemoryMB = 128
	}
	if c.Concurrency == 0 {
		c.Concurrency = 1
	}
	if c.Logs == nil {
		c.Logs = io.Discard
	}
	c.Logs = &lockedWriter{w: c.Logs}
	return c
}

// Name is the function's name.
func (f *Function) Name() string { return f.config.Name }

// ARN is the function's ARN.
func (f *Function) ARN() string { return f.config.ARN }

// Invoke runs the function once on payload, on an idle instance or a new one, or waits for one when as many as
// Config.Concurrency are busy. The function's failure is in the Result; the error is for an invocation that could not
// be carried out, ctx's end included.
func (f *Function) Invoke(ctx context.Context, payload []byte) (Result, error) {
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return Result{}, fmt.Errorf("wait for an instance of %s: %w", f.config.Name, ctx.Err())
	case <-f.closing.Done():
		return Result{}, ErrClosed
	}
	if !f.begin() {
		return Result{}, ErrClosed
	}
	defer f.work.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(f.closing, cancel)()

	for {
		in, cold, err := f.take()
		if err != nil {
			return Result{}, err
		}
		result, err := in.invoke(ctx, payload)
		result.ColdStart = cold
		switch {
		case errors.Is(err, errGone) && !cold:
			// It ended after its last invocation, or while it was started ahead of need: the event was
			// never handed to it, so a new instance gets it.
			err = in.stop()
		case errors.Is(err, errGone):
			return result, in.stop()
		case err != nil:
			return Result{}, errors.Join(fmt.Errorf("invoke %s: %w", f.config.Name, err), in.stop())
		default:
			f.give(in)
			return result, nil
		}
		if err != nil {
			return Result{}, err
		}
	}
}

func (f *Function) begin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.retired || f.closing.Err() != nil {
		return false
	}
	f.work.Add(1)
	return true
}

// take returns the instance that was idle last, or a new one.
func (f *Function) take() (in *instance, cold bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if last := len(f.idle) - 1; last >= 0 {
		in = f.idle[last]
		f.idle = f.idle[:last]
		return in, false, nil
	}
	in, err = startInstance(f.config)
	return in, true, err
}

func (f *Function) give(in *instance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = append(f.idle, in)
}

// Retire lets what is under way come to its end and then closes the function, as Lambda does when there is a new version.
func (f *Function) Retire() error {
	f.mu.Lock()
	f.retired = true
	f.mu.Unlock()
	f.work.Wait()
	return f.Close()
}

// Close ends what is under way and every instance, and returns when all are gone.
func (f *Function) Close() error {
	f.mu.Lock()
	f.close()
	f.mu.Unlock()
	f.work.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, in := range f.idle {
		errs = append(errs, in.stop())
	}
	f.idle = nil
	return errors.Join(errs...)
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
