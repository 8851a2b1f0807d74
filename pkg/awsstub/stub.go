// Package awsstub answers the real SDK clients of EC2, SSM and SNS on loopback.
// Tests hand it one function for each action; it records what it is asked,
// deals faults, and counts the sequential round trips. It has no state of its
// own and knows no AWS semantics: those are the handlers'.
package awsstub

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Attempts is how often the clients made from Config try a call, the first time
// included; it is the SDK's default. They wait a millisecond between attempts.
const Attempts = 3

// Handler answers one call. The answer is encoded as XML for EC2 and SNS (see
// RulesAnswer and its like) and as JSON for SSM; nil is an empty answer. An
// *Error is answered as that API error, any other error as a 500. Handlers are
// called side by side.
type Handler func(Request) (answer any, err error)

// Fault is what befalls one call. All of it may be combined.
type Fault struct {
	// Error is answered instead of the handler's answer; the call has no effect.
	Error *Error
	// DropBefore breaks the connection before the handler is called, DropAfter
	// afterwards, so that the call has had its effect and the client can't know.
	DropBefore, DropAfter bool
	// Delay is added to the stub's own, between the effect and the answer.
	Delay time.Duration
}

// Stub is a server on 127.0.0.1. Close it.
type Stub struct {
	URL string

	server   *httptest.Server
	handlers map[string]Handler
	delay    time.Duration

	mu       sync.Mutex
	faults   map[string][]Fault
	requests []Request
	answered int // the highest wave that was answered
}

// New starts a stub that answers the actions in handlers, such as
// "GetParameter", and refuses all others with InvalidAction. Each answer comes
// delay after the handler's effect.
func New(delay time.Duration, handlers map[string]Handler) *Stub {
	s := &Stub{handlers: handlers, delay: delay, faults: map[string][]Fault{}}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.server.URL
	return s
}

// Close waits for calls in flight and frees the port.
func (s *Stub) Close() { s.server.Close() }

// Config is for the services' NewFromConfig. Clients made from it share no
// connections.
func (s *Stub) Config() aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(s.URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "stub", SecretAccessKey: "stub"}, nil
		}),
		RetryMaxAttempts: Attempts,
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = Attempts
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
			})
		},
	}
}

// Inject deals the fault to the next times calls of an action, after those
// injected before.
func (s *Stub) Inject(action string, times int, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[action] = append(s.faults[action], slices.Repeat([]Fault{fault}, times)...)
}

// Requests returns the calls so far in the order of their arrival: of the given
// actions, or all. Each attempt of the SDK is one.
func (s *Stub) Requests(actions ...string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.requests), func(r Request) bool {
		return len(actions) > 0 && !slices.Contains(actions, r.Action)
	})
}

// Waves says in which waves each action was called, in the order of arrival.
func (s *Stub) Waves() map[string][]int {
	waves := map[string][]int{}
	for _, r := range s.Requests() {
		waves[r.Action] = append(waves[r.Action], r.Wave)
	}
	return waves
}

// Forget drops the recorded calls and begins at wave 1 again. Injected faults
// stay. No call may be in flight.
func (s *Stub) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.answered = nil, 0
}

func (s *Stub) serve(w http.ResponseWriter, r *http.Request) {
	arrived := s.reached()
	call, protocol, err := decode(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	call.Wave = arrived + 1
	fault := s.record(call)
	var status int
	var body []byte
	if !fault.DropBefore {
		status, body = s.handle(call, protocol, fault)
		wait(r.Context(), s.delay+fault.Delay)
	}
	s.answer(call.Wave)
	if fault.DropBefore || fault.DropAfter {
		panic(http.ErrAbortHandler) // which makes net/http drop the connection
	}
	protocol.write(w, status, body)
}

func (s *Stub) reached() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answered
}

func (s *Stub) record(call Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, call)
	waiting := s.faults[call.Action]
	if len(waiting) == 0 {
		return Fault{}
	}
	s.faults[call.Action] = waiting[1:]
	return waiting[0]
}

// answer is called just before the answer is written: once the client has it,
// its next call must find the wave counted.
func (s *Stub) answer(wave int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered = max(s.answered, wave)
}

func (s *Stub) handle(call Request, p protocol, fault Fault) (status int, body []byte) {
	if fault.Error != nil {
		return p.encodeError(fault.Error)
	}
	handler := s.handlers[call.Action]
	if handler == nil {
		handler = everywhere[call.Action]
	}
	if handler == nil {
		return p.encodeError(&Error{Code: "InvalidAction", Message: "the stub has no handler for " + call.Action})
	}
	answer, err := handler(call)
	if err != nil {
		return p.encodeError(err)
	}
	return p.encode(call.Action, answer)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
