package main

import (
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/bench/figures"
)

// goal is a row of the report: what was wanted, and what was measured.
type goal struct {
	what    string
	limit   float64
	atLeast bool   // the limit is the least that will do, not the most
	unit    string // after a figure, with a space before it where one belongs
	digits  int    // after the point
	figure  figures.Series
	before  figures.Series // of --against; nil without it
	worst   bool           // the highest value counts, not the median
}

// value is the figure that counts.
func (g goal) value(of figures.Series) float64 {
	if g.worst {
		return of.Worst()
	}
	return of.Median()
}

// met reports whether the goal is reached by the figure as it is printed.
func (g goal) met() bool {
	var printed float64
	_, _ = fmt.Sscan(fmt.Sprintf("%.*f", g.digits, g.value(g.figure)), &printed) // a printed number is one
	if g.atLeast {
		return printed >= g.limit
	}
	return printed <= g.limit
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

const (
	megabyte = 1e6
	mebibyte = 1 << 20
)

// goals are all rows, in the order of the report.
func (f found) goals() []goal {
	all := []goal{
		{what: "binary for Lambda (arm64), the largest: " + f.binary.name, limit: 8.5, unit: " MiB", digits: 1, figure: figures.Series{float64(f.binary.bytes) / mebibyte}},
		{what: "zip for Lambda (arm64), the largest: " + f.zip.name, limit: 3.3, unit: " MiB", digits: 1, figure: figures.Series{float64(f.zip.bytes) / mebibyte}},
		{what: "EC2 operations linked in that nothing calls", digits: 0, figure: figures.Series{float64(len(f.notCalled))}},
	}
	for _, g := range []struct {
		goal
		of func(name string) figures.Series
	}{
		{goal{what: "exec → first request for work, against the empty function", limit: 1.4, unit: " ×", digits: 2}, f.readyToEmpty},
		{goal{what: "peak resident memory, remediator", limit: 14, unit: " MiB", digits: 1}, f.peak},
		{goal{what: "warm CPU per reverted event, against the empty function", limit: 4.5, unit: " ×", digits: 1}, f.warmToEmpty},
		{goal{what: "CPU of init and first event over TLS, against the floor", limit: 1.6, unit: " ×", digits: 2}, f.firstToFloor},
		{goal{what: "event → revoked, cold, TLS, round trips of 20 ms", limit: milliseconds(2*roundTrip) + 5, unit: " ms", digits: 1}, f.coldRevoked},
		{goal{what: "sequential round trips from event to revoke, cold", limit: 2, worst: true}, f.coldWaves},
		{goal{what: "sequential round trips from event to revoke, warm", limit: 2, worst: true}, f.hotWaves},
		{goal{what: "init + first event, times as fast as boto3", limit: 60, atLeast: true, unit: " ×", digits: 1}, f.timesBoto3},
		{goal{what: "sweep: peak memory over the idle process", limit: 64, unit: " MB", digits: 1, worst: true}, f.sweepPeak},
		{goal{what: "sweep: CPU against the SDK's decoding alone", limit: 3, unit: " ×", digits: 2}, f.sweepToDecoding},
	} {
		g.figure, g.before = g.of(sgwarden), g.of(before)
		all = append(all, g.goal)
	}
	return all
}

func (f found) readyToEmpty(name string) figures.Series {
	ready := func(s sample) float64 { return float64(s.ready) }
	return f.rounds.series(plain, name, ready).Over(f.rounds.series(plain, empty, ready))
}

func (f found) peak(name string) figures.Series {
	return f.rounds.series(tls, name, func(s sample) float64 { return float64(s.peak) / mebibyte })
}

func (f found) warmToEmpty(name string) figures.Series {
	warm := func(s sample) float64 { return float64(s.warmCPU) }
	return f.rounds.series(plain, name, warm).Over(f.rounds.series(plain, empty, warm))
}

func (f found) firstToFloor(name string) figures.Series {
	first := func(s sample) float64 { return float64(s.firstCPU) }
	return f.rounds.series(tls, name, first).Over(f.rounds.series(tls, floor, first))
}

func (f found) coldRevoked(name string) figures.Series {
	return f.rounds.series(far, name, func(s sample) float64 { return milliseconds(s.cold.revoked) })
}

func (f found) coldWaves(name string) figures.Series {
	return f.rounds.series(slow, name, func(s sample) float64 { return float64(s.cold.waves) })
}

func (f found) hotWaves(name string) figures.Series {
	return f.rounds.series(slow, name, func(s sample) float64 { return float64(s.hot.waves) })
}

func (f found) timesBoto3(name string) figures.Series {
	first := func(s sample) float64 { return float64(s.first) }
	return f.rounds.series(plain, boto3, first).Over(f.rounds.series(plain, name, first))
}

func (f found) sweepPeak(name string) figures.Series {
	return sweepSeries(f.sweeps[name], func(s swept) float64 { return float64(s.peak) / megabyte })
}

func (f found) sweepToDecoding(name string) figures.Series {
	cpu := func(s swept) float64 { return float64(s.cpu) }
	return sweepSeries(f.sweeps[name], cpu).Over(sweepSeries(f.sweeps[decode], cpu))
}

func sweepSeries(all []swept, value func(swept) float64) figures.Series {
	var series figures.Series
	for _, s := range all {
		series = append(series, value(s))
	}
	return series
}
