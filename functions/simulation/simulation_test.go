package simulation

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"
)

var (
	histories = flag.Int("histories", 0, "how many fixed histories to live through (default 2000; 250 with -short; with -race 60 and 30)")
	from      = flag.Uint64("from", 1, "seed of the first history")
	seed      = flag.Uint64("seed", 0, "live through the history of this seed only, and print its trace")
	failures  = flag.Int("failures", 10, "stop after so many histories that broke a promise")
)

// numbers are how many histories to live through: fixed ones, and the day's own.
type numbers struct{ fixed, todays int }

// todaysHistories is how many histories of the day there are.
var todaysHistories int

func TestMain(m *testing.M) {
	flag.Parse()
	n := all
	if testing.Short() {
		n = short
	}
	if *histories == 0 {
		*histories = n.fixed
	}
	todaysHistories = n.todays
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

func TestTheFourPromises(t *testing.T) {
	t.Parallel()
	if *seed != 0 {
		w := history(t, *seed, variant{}, true)
		t.Logf("the history of seed %d:\n%v", *seed, w.trace)
		w.report(t, *seed)
		return
	}
	seeds := allSeeds(time.Now())
	t.Logf("%d histories from seed %d, and %d of today from seed %d", *histories, *from, todaysHistories, todaysSeed(time.Now()))
	shards := runtime.GOMAXPROCS(0)
	tallies := make([]tally, shards)
	var failed atomic.Int32
	t.Run("histories", func(t *testing.T) {
		for shard := range shards {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				for n := shard; n < len(seeds) && failed.Load() < int32(*failures); n += shards {
					w := history(t, seeds[n], variant{}, false)
					tallies[shard].add(w.tally)
					if len(w.breaches) > 0 {
						if failed.Add(1) == 1 {
							w = history(t, seeds[n], variant{}, true)
							t.Logf("the history of seed %d:\n%v", seeds[n], w.trace)
						}
						w.report(t, seeds[n])
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
	if len(seeds) < 500 || t.Failed() {
		return // rare faults may well be missing
	}
	for f := noFault + 1; f < kindsOfFault; f++ {
		if sum.faults[f] == 0 {
			t.Errorf("no history had this fault: %v", f)
		}
	}
}

// todaysSeed is the seed of the first history of a day, so that each day lives
// through histories that nobody has seen before: 20261125000 on 25 November 2026.
func todaysSeed(now time.Time) uint64 {
	year, month, day := now.UTC().Date()
	return uint64(year*10000+int(month)*100+day) * 1000
}

// allSeeds are the fixed histories' and the day's own.
func allSeeds(now time.Time) []uint64 {
	var seeds []uint64
	for n := range uint64(*histories) {
		seeds = append(seeds, *from+n)
	}
	for n := range uint64(todaysHistories) {
		seeds = append(seeds, todaysSeed(now)+n)
	}
	return seeds
}

func TestEachDayHasItsOwnSeeds(t *testing.T) {
	t.Parallel()
	night := time.Date(2026, time.November, 25, 23, 30, 0, 0, time.FixedZone("west", -3600)) // the 26th in UTC
	if got := todaysSeed(night); got != 20261126000 {
		t.Errorf("the seed is %d", got)
	}
	seeds := allSeeds(night)
	if len(seeds) != *histories+todaysHistories || seeds[0] != *from || seeds[len(seeds)-1] != 20261126000+uint64(todaysHistories)-1 {
		t.Errorf("%d seeds from %d to %d", len(seeds), seeds[0], seeds[len(seeds)-1])
	}
}

// report fails the test for each promise that was broken, and says how to see the
// history again.
func (w *world) report(t *testing.T, seed uint64) {
	t.Helper()
	for _, b := range w.breaches {
		t.Errorf("seed %d: %s: %s\nreplay: go test ./functions/simulation -run TestTheFourPromises -seed=%d -v", seed, b.promise, b.what, seed)
	}
}
