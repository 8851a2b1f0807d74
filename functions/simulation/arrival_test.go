package simulation

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"
)

var errDropped = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// answerOf is what a fault makes of a call that has no effect.
func (c *call) answerOf(f fault) answer {
	codes := map[fault]map[string]*apiError{
		throttled:   {"ec2": {503, "RequestLimitExceeded", "Request limit exceeded."}, "ssm": {400, "ThrottlingException", "Rate exceeded"}, "sns": {429, "Throttled", "Rate exceeded"}},
		serverError: {"ec2": {500, "InternalError", "An internal error has occurred"}, "ssm": {500, "InternalServerError", ""}, "sns": {500, "InternalError", ""}},
		denied: {
			"ec2": {403, "UnauthorizedOperation", "You are not authorized to perform this operation."},
			"ssm": {400, "AccessDeniedException", "User is not authorized to perform this action"},
			"sns": {403, "AuthorizationError", "User is not authorized to perform this action"},
		},
	}
	switch f {
	case authorizeThrottled, documentsThrottled, rulesThrottled:
		return c.answerOf(throttled)
	case authorizeDenied:
		return c.answerOf(denied)
	case bareServerError:
		return c.refuse(&apiError{status: 502})
	case topicDown:
		return c.refuse(&apiError{status: 503})
	case dropBefore:
		return answer{dropped: errDropped}
	}
	return c.refuse(codes[f][c.service])
}

// accept takes a call from a function that is still alive. The answer goes to
// back, if ever.
func (w *world) accept(c *call, back chan<- answer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.by.over {
		return false
	}
	p := w.plan(c)
	w.departs(c)
	if p.fault != noFault && p.fault != stale {
		c.fails(p.fault) // now, since it may give up before the call arrives
	}
	time.AfterFunc(p.there, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if a, answered := w.arrive(c, p); answered {
			time.AfterFunc(p.back, func() { back <- a })
		}
	})
	return true
}

// arrive is the moment at which a call has its effect.
func (w *world) arrive(c *call, p plan) (a answer, answered bool) {
	w.tally.counts[countCalls]++
	if c.by.over { // the function died meanwhile
		if p.wired {
			w.carryOut(c, p)
		}
		return a, false
	}
	c.by.calls++
	if c.by.calls == c.by.diesAt {
		if c.by.diesBy == killedAfter {
			w.carryOut(c, p)
		}
		c.by.interrupted = true
		c.by.failed()
		w.deal(c, c.by.diesBy)
		w.over(c.by, errors.New(c.by.diesBy.String()))
		return a, false
	}
	if p.fault == noFault && !w.limits.admit(c.action, time.Now()) {
		p.fault = throttled
		c.fails(p.fault)
	}
	switch p.fault {
	case throttled, serverError, bareServerError, denied, topicDown, dropBefore, authorizeThrottled, authorizeDenied, documentsThrottled, rulesThrottled:
		w.deal(c, p.fault)
		return c.answerOf(p.fault), true
	case hungBefore:
		w.deal(c, p.fault)
		return a, false
	case hungAfter, dropAfter:
		w.carryOut(c, p)
		w.deal(c, p.fault)
		return answer{dropped: errDropped}, p.fault == dropAfter
	case slow:
		w.deal(c, p.fault)
	}
	return w.carryOut(c, p), true
}

// deal counts a fault.
func (w *world) deal(c *call, f fault) {
	w.tally.faults[f]++
	w.note(c.by, "%s: %s", c.action, strings.ToUpper(f.String()))
}

// carryOut lets the service act, and writes its answer.
func (w *world) carryOut(c *call, p plan) answer {
	act := map[string]func(*call) (answer, error){"ssm": w.answerSSM, "sns": w.answerSNS, "ec2": func(c *call) (answer, error) { return w.answerEC2(c, p) }}
	a, err := act[c.service](c)
	var refusal *apiError
	if errors.As(err, &refusal) {
		w.note(c.by, "%v: %s", c, refusal.code)
		return c.refuse(refusal)
	}
	if err != nil {
		panic(fmt.Sprintf("the simulator failed at %s: %v", c.action, err))
	}
	w.note(c.by, "%v", c)
	return a
}
