package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Statuses of one target, as exit statuses of the command.
const (
	statusPassed   = 0
	statusFailed   = 1
	statusFindings = 2
)

// DefaultParallel is how many targets run at a time where nothing else is said.
const DefaultParallel = 8

// One does the work for one target. It writes to out and errs alone, and asks
// nobody. An error is a failure, whatever the status.
type One func(ctx context.Context, t Target, out, errs io.Writer) (status int, err error)

// Progress is one line on a terminal.
type Progress interface {
	// Show replaces the line.
	Show(text string)
	// Clear removes the line, before something else is written.
	Clear()
}

// Options are how targets are run.
type Options struct {
	Parallel  int // how many at a time; 0 means DefaultParallel
	JSON      bool
	Out, Errs io.Writer
	Progress  Progress // nil: the progress is not shown
}

// Run does the work for all targets, some of them at a time. A target that fails
// stops no other. The end of ctx stops those that run, and no other is begun.
//
// Out gets each target's output as a whole, in the order of targets: as text under a
// heading such as "== production us-east-1 ==", or as one JSON document
// {"targets": [{"account", "name", "region", "status", "result", "error"}]}. Errs
// gets what targets write there, and their errors, each line behind the label of the
// target. Output that has to wait for an earlier target stays in memory up to 64 KiB
// a target and stream. The rest waits in a temporary file.
//
// The error is one of writing. It ends the work like the end of ctx.
func Run(ctx context.Context, targets []Target, how Options, one One) (Summary, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make([]*result, len(targets))
	writer := &writer{how: how, targets: targets}
	err := writer.begin()
	if err != nil {
		return Summary{}, err
	}
	reported := progress{how.Progress, Summary{Targets: len(targets)}}
	reported.show()
	for r := range work(ctx, targets, how.Parallel, one) {
		results[r.index] = r
		reported.count(targets[r.index], r)
		if err == nil {
			reported.clear()
			if err = writer.write(results); err != nil {
				cancel()
			}
		}
		reported.show()
	}
	reported.clear()
	for _, r := range results {
		err = errors.Join(err, r.close())
	}
	if err == nil {
		err = writer.end()
	}
	reported.Summary.order(targets, results)
	return reported.Summary, err
}

// work does the work for all targets, and returns a channel of what became of each.
func work(ctx context.Context, targets []Target, parallel int, one One) <-chan *result {
	if parallel <= 0 {
		parallel = DefaultParallel
	}
	indexes, results := make(chan int), make(chan *result)
	var workers sync.WaitGroup
	for range min(parallel, len(targets)) {
		workers.Go(func() {
			for i := range indexes {
				results <- do(ctx, i, targets[i], one)
			}
		})
	}
	go func() {
		for i := range targets {
			indexes <- i
		}
		close(indexes)
		workers.Wait()
		close(results)
	}()
	return results
}

// do does the work for one target, unless ctx has ended.
func do(ctx context.Context, index int, t Target, one One) *result {
	r := &result{index: index}
	if ctx.Err() != nil {
		r.fate, r.err = notRun, errors.New("not run: interrupted")
		return r
	}
	r.status, r.err = one(ctx, t, &r.out, &r.errs)
	if err := errors.Join(r.out.err, r.errs.err); err != nil {
		r.err = errors.Join(r.err, fmt.Errorf("keep the output: %w", err))
	}
	switch {
	case r.err != nil && ctx.Err() != nil && errors.Is(r.err, context.Canceled):
		r.fate, r.status = interrupted, statusFailed
	case r.err != nil || r.status != statusPassed && r.status != statusFindings:
		r.fate, r.status = failed, statusFailed
	case r.status == statusFindings:
		r.fate = findings
	}
	return r
}

// progress says how far the work got.
type progress struct {
	Progress
	Summary Summary
}

func (p *progress) count(t Target, r *result) { p.Summary.add(t, r.fate) }

func (p *progress) show() {
	if p.Progress != nil {
		p.Show(p.Summary.soFar())
	}
}

func (p *progress) clear() {
	if p.Progress != nil {
		p.Clear()
	}
}
