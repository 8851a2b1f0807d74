package simulation

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
)

var (
	histories = flag.Int("histories", defaultHistories, "how many histories to live through")
	from      = flag.Uint64("from", 1, "seed of the first history")
	seed      = flag.Uint64("seed", 0, "live through the history of this seed only, and print its trace")
)

// mostFailures is enough to see what is wrong.
const mostFailures = 10

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // histories are short-lived and small
	os.Exit(m.Run())
}

// skipUnderRace is for what finds no race that a few histories don't, and takes
// several times as long with the race detector.
func skipUnderRace(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("runs without the race detector")
	}
}

func TestTheThreePromises(t *testing.T) {
	t.Parallel()
	if *seed != 0 {
		w := history(t, *seed, variant{}, true)
		t.Logf("the history of seed %d:\n%v", *seed, w.trace)
		w.report(t, *seed)
		return
	}
	shards := runtime.GOMAXPROCS(0)
	tallies := make([]tally, shards)
	var failed atomic.Int32
	t.Run("histories", func(t *testing.T) {
		for shard := range shards {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				for n := shard; n < *histories && failed.Load() < mostFailures; n += shards {
					w := history(t, *from+uint64(n), variant{}, false)
					tallies[shard].add(w.tally)
					if len(w.breaches) > 0 {
						if failed.Add(1) == 1 {
							w = history(t, *from+uint64(n), variant{}, true)
							t.Logf("the history of seed %d:\n%v", *from+uint64(n), w.trace)
						}
						w.report(t, *from+uint64(n))
					}
				}
			})
		}
	})
	var sum tally
	for _, x := range tallies {
		sum.add(x)
	}
	t.Logf("%v", sum)
	if *histories < 1000 || t.Failed() {
		return // rare faults may well be missing
	}
	for f := fine + 1; f < kindsOfFault; f++ {
		if sum.faults[f] == 0 {
			t.Errorf("no history held this fault: %v", f)
		}
	}
}

// report fails the test for each promise that was broken, and says how to see the
// history again.
func (w *world) report(t *testing.T, seed uint64) {
	t.Helper()
	for _, b := range w.breaches {
		t.Errorf("seed %d: %s: %s\nreplay: go test ./functions/simulation -run TestTheThreePromises -seed=%d -v", seed, b.promise, b.what, seed)
	}
}
