package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/bench/host"
	"github.com/sgwarden/sgwarden/deploy/local/bench/standin"
)

// patience ends the measurement of one process that hangs.
const patience = time.Minute

// sample is what was measured of a life.
type sample struct {
	ready, first       time.Duration // from the start to the first request for work, and to the first answer
	readyCPU, firstCPU time.Duration // used from the start to the first request for work, and to the second
	warmCPU            time.Duration // used for a warm event
	peak               int64         // resident memory, bytes
	startToRevoked     time.Duration
	cold, hot          revert
}

// revert is what one event took.
type revert struct {
	revoked     time.Duration // from handing the event over to the answer of the revoke
	waves       int           // sequential round trips up to the revoke
	calls       int
	connections int // opened meanwhile
}

// environment is a function's own, as the template sets it, and what Lambda adds.
func environment(cloud *standin.Cloud) []string {
	return append(cloud.Environment(),
		"ALERT_TOPIC_ARN=arn:aws:sns:us-east-1:111122223333:sgwarden-alerts", "BASELINE_PREFIX=/sg-baseline", "EVENTS=off", "GRACE_MINUTES=10",
		"LOG_LEVEL=info", "METRIC_NAMESPACE=sgwarden/bench", "MODE=enforce", "MAIL_SUBSCRIBER=off",
		"OWN_ROLE_ARNS=arn:aws:iam::111122223333:role/remediator,arn:aws:iam::111122223333:role/sweeper",
		"AWS_LAMBDA_FUNCTION_NAME=bench", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand", "AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023", "PATH=/usr/bin:/bin", "LANG=en_US.UTF-8", "TZ=:UTC")
}

// life is what a process goes through: its start, a first event, and warm ones.
type life struct {
	name    string
	command []string
	cloud   *standin.Cloud
	event   []byte
	warm    int
}

// measure lets a process live once.
func measure(ctx context.Context, l life) (s sample, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l.cloud.Forget()
	h, err := host.Start(l.command, environment(l.cloud))
	if err != nil {
		return s, err
	}
	defer func() {
		if err = errors.Join(err, h.Stop()); err != nil {
			err = fmt.Errorf("measure %s: %w", l.name, err)
		}
	}()
	ready, err := h.Ready(ctx)
	if err != nil {
		return s, err
	}
	s.ready, s.readyCPU = ready.At.Sub(h.Started), ready.CPU
	first, cold, err := l.invoke(ctx, h)
	if err != nil {
		return s, err
	}
	s.first, s.firstCPU, s.cold = first.Answered.At.Sub(h.Started), first.Idle.CPU, cold
	s.startToRevoked = first.Handed.At.Sub(h.Started) + cold.revoked
	if s.hot, s.warmCPU, err = l.invokeWarm(ctx, h); err != nil {
		return s, err
	}
	memory, err := h.Memory()
	s.peak = memory.Peak
	return s, err
}

// invokeWarm hands a process events one after the other. It returns what the last took, and the mean of the processor
// time. That leaves out a first fifth of the events: pools and buffers grow meanwhile.
func (l life) invokeWarm(ctx context.Context, h *host.Host) (last revert, cpu time.Duration, err error) {
	var from, to time.Duration
	for n := range l.warm/5 + l.warm {
		invocation, took, err := l.invoke(ctx, h)
		if err != nil {
			return revert{}, 0, err
		}
		if n <= l.warm/5 {
			from = invocation.Handed.CPU
		}
		to, last = invocation.Idle.CPU, took
	}
	return last, (to - from) / time.Duration(l.warm), nil
}

// invoke hands over one event. It fails if nothing was revoked, but for the empty function.
func (l life) invoke(ctx context.Context, h *host.Host) (host.Invocation, revert, error) {
	l.cloud.Forget()
	invocation, err := h.Invoke(ctx, l.event)
	record, recordErr := l.cloud.Record()
	if err = errors.Join(err, recordErr); err != nil || l.name == empty {
		return invocation, revert{}, err
	}
	call, revoked := record.First("RevokeSecurityGroupIngress")
	if !revoked {
		return invocation, revert{}, fmt.Errorf("the function revoked nothing, and answered %s", invocation.Answer)
	}
	// The answer left the stand-in then, and is half a round trip under way.
	after := call.Answered.Sub(invocation.Handed.At) + l.cloud.Distance()/2
	return invocation, revert{revoked: after, waves: call.Wave, calls: len(record.Calls), connections: record.Connections}, nil
}
