package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/bench/host"
	"github.com/sgwarden/sgwarden/deploy/local/bench/standin"
	"github.com/sgwarden/sgwarden/events"
)

// swept is what one sweep of the region took.
type swept struct {
	peak int64         // resident memory over that of the idle process, bytes
	cpu  time.Duration // from the event to the next request for work
	took time.Duration
}

// measureSweeps sweeps the region with each sweeper, and has the SDK alone read the same answers.
func measureSweeps(ctx context.Context, o options, b binaries, progress io.Writer) (all map[string][]swept, err error) {
	cloud, err := standin.Start(standin.Options{Answers: standin.Region{Groups: o.groups}.Answers()})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cloud.Close()) }()
	all = map[string][]swept{}
	for round := range o.sweeps {
		fmt.Fprintf(progress, "sweep %d of %d: %d groups, %d rules\n", round+1, o.sweeps, o.groups, o.groups*standin.RulesOfEach)
		for _, name := range []string{sgwarden, decode, before} {
			command := b.sweeping[name]
			if command == nil {
				continue
			}
			s, err := sweep(ctx, o, command, cloud)
			if err != nil {
				return nil, fmt.Errorf("sweep with %s: %w", name, err)
			}
			all[name] = append(all[name], s)
		}
	}
	return all, nil
}

// sweep has a new process do one sweep. It fails where that missed a group, or found drift where there is none.
func sweep(ctx context.Context, o options, command []string, cloud *standin.Cloud) (s swept, err error) {
	event, err := events.Read("scheduled-event")
	if err != nil {
		return s, err
	}
	cloud.Forget()
	h, err := host.Start(command, environment(cloud))
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, h.Stop()) }()
	ready, err := h.Ready(ctx)
	if err != nil {
		return s, err
	}
	idle, err := h.Memory()
	if err != nil {
		return s, err
	}
	invocation, err := h.Invoke(ctx, event)
	_, recordErr := cloud.Record()
	if err = errors.Join(err, recordErr); err != nil {
		return s, err
	}
	if err := whole(invocation.Answer, o.groups); err != nil {
		return s, err
	}
	after, err := h.Memory()
	took := invocation.Answered.At.Sub(invocation.Handed.At)
	return swept{peak: after.Peak - idle.Now, cpu: invocation.Idle.CPU - ready.CPU, took: took}, err
}

// whole checks a sweep's summary.
func whole(answer []byte, groups int) error {
	var summary struct{ Rules, Baselines, Drifting int }
	if err := json.Unmarshal(answer, &summary); err != nil {
		return fmt.Errorf("read the summary %s: %w", answer, err)
	}
	if summary.Rules != groups*standin.RulesOfEach || summary.Baselines != groups || summary.Drifting > 0 {
		return fmt.Errorf("the summary is %s: want %d rules and %d baselines, and no drift", answer, groups*standin.RulesOfEach, groups)
	}
	return nil
}
