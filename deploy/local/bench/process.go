package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/bench/host"
	"github.com/sgwarden/sgwarden/deploy/local/bench/standin"
)

// roundTrip is the distance of the services where they are far away.
const roundTrip = 20 * time.Millisecond

// patience ends the measurement of one process that hangs.
const patience = time.Minute

// sample is one process's life: its start, a first event, and warm ones.
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

// measure lets a process live once. distance is the cloud's.
func measure(ctx context.Context, name string, command []string, cloud *standin.Cloud, distance time.Duration, events int, event []byte) (s sample, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cloud.Forget()
	h, err := host.Start(command, environment(cloud))
	if err != nil {
		return s, err
	}
	defer func() {
		if err = errors.Join(err, h.Stop()); err != nil {
			err = fmt.Errorf("measure %s: %w", name, err)
		}
	}()
	ready, err := h.Ready(ctx)
	if err != nil {
		return s, err
	}
	s.ready, s.readyCPU = ready.At.Sub(h.Started), ready.CPU
	first, cold, err := invoke(ctx, h, cloud, distance, event, name != empty)
	if err != nil {
		return s, err
	}
	s.first, s.firstCPU, s.cold = first.Answered.At.Sub(h.Started), first.Idle.CPU, cold
	s.startToRevoked = first.Handed.At.Sub(h.Started) + cold.revoked
	if err := s.warm(ctx, h, cloud, distance, events, event, name != empty); err != nil {
		return s, err
	}
	memory, err := h.Memory()
	s.peak = memory.Peak
	return s, err
}

// warm hands a process events one after the other. The first fifth isn't counted: pools and buffers grow meanwhile.
func (s *sample) warm(ctx context.Context, h *host.Host, cloud *standin.Cloud, distance time.Duration, events int, event []byte, reverts bool) error {
	var from, to time.Duration
	for n := range events/5 + events {
		invocation, hot, err := invoke(ctx, h, cloud, distance, event, reverts)
		if err != nil {
			return err
		}
		if n <= events/5 {
			from = invocation.Handed.CPU
		}
		to, s.hot = invocation.Idle.CPU, hot
	}
	s.warmCPU = (to - from) / time.Duration(events)
	return nil
}

// invoke hands over one event. Where the function should revert, it fails if nothing was revoked.
func invoke(ctx context.Context, h *host.Host, cloud *standin.Cloud, distance time.Duration, event []byte, reverts bool) (host.Invocation, revert, error) {
	cloud.Forget()
	invocation, err := h.Invoke(ctx, event)
	record, recordErr := cloud.Record()
	if err = errors.Join(err, recordErr); err != nil || !reverts {
		return invocation, revert{}, err
	}
	call, revoked := record.First("RevokeSecurityGroupIngress")
	if !revoked {
		return invocation, revert{}, fmt.Errorf("the function revoked nothing, and answered %s", invocation.Answer)
	}
	// The answer left the stand-in then, and is half a round trip under way.
	after := call.Answered.Sub(invocation.Handed.At) + distance/2
	return invocation, revert{revoked: after, waves: call.Wave, calls: len(record.Calls), connections: record.Connections}, nil
}
