package traillog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// listedAhead is how many sources are listed before they are read, so that Progress knows the total early.
const listedAhead = 4096

// Read reads all sources and calls each for every event about security groups, oldest first, each event id once. Events
// of one second come in the order of the sources' names and as they stand there; what creates a group comes before them,
// what deletes one after them.
//
// A source that is damaged or no history is named in the Tally, and the rest goes on. Read fails where the context ends,
// where TempDir can't be written to, and with the error of each. The Tally then says what was done until then.
//
// Events that don't fit into some megabytes of memory wait in files below TempDir, which are removed at the end.
func Read(ctx context.Context, sources Sources, o Options, each func(Event) error) (tally Tally, err error) {
	sorter := newSorter(o.TempDir, chunkSize)
	return read(ctx, sources, o, sorter, each)
}

func read(ctx context.Context, sources Sources, o Options, s *sorter, each func(Event) error) (tally Tally, err error) {
	defer func() { err = errors.Join(err, s.close()) }()
	tally, err = collect(ctx, sources, o, s)
	if err != nil {
		return tally, fmt.Errorf("read the history: %w", err)
	}
	merged, err := s.sorted()
	if err != nil {
		return tally, fmt.Errorf("put the history in order: %w", err)
	}
	defer merged.close()
	err = newReporter(&tally, each).report(ctx, merged, workers(o))
	sortSkipped(tally.Skipped)
	return tally, err
}

// collect reads the sources, several at a time, into the sorter.
func collect(ctx context.Context, sources Sources, o Options, s *sorter) (Tally, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	progress := &progress{report: o.Report}
	listed := make(chan Source, listedAhead)
	var work sync.WaitGroup
	readers := make([]*reader, workers(o))
	for i := range readers {
		r := newReader(o, s, progress)
		readers[i] = r
		work.Go(func() {
			for source := range listed {
				if err := r.read(ctx, source); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	unlisted := list(ctx, sources, listed, progress)
	work.Wait()
	tally := sum(readers)
	tally.Skipped = append(tally.Skipped, unlisted...)
	sortSkipped(tally.Skipped)
	if ctx.Err() != nil {
		return tally, context.Cause(ctx)
	}
	return tally, nil
}

func workers(o Options) int { return cmp.Or(max(o.Workers, 0), runtime.GOMAXPROCS(0)) }

// list hands out the sources, and returns those that can't be listed.
func list(ctx context.Context, sources Sources, to chan<- Source, p *progress) []Skipped {
	defer close(to)
	var unlisted []Skipped
	for source, err := range sources {
		if err != nil {
			unlisted = append(unlisted, Skipped{File: source.Name, Reason: err.Error()})
			continue
		}
		p.listed(source)
		select {
		case to <- source:
		case <-ctx.Done():
			return unlisted
		}
	}
	return unlisted
}

func sum(readers []*reader) Tally {
	tally := Tally{Accounts: map[string]int64{}, Regions: map[string]int64{}, Skipped: []Skipped{}}
	for _, r := range readers {
		tally.Sources += r.tally.Sources
		tally.Records += r.tally.Records
		tally.Bytes += r.tally.Bytes
		tally.Outside += r.tally.Outside
		tally.Others += r.tally.Others
		tally.Skipped = append(tally.Skipped, r.tally.Skipped...)
	}
	return tally
}

func sortSkipped(all []Skipped) {
	slices.SortFunc(all, func(a, b Skipped) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Reason, b.Reason))
	})
}
