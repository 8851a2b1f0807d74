package simulation

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sgwarden/sgwarden/pkg/settings"
)

const (
	prefix         = "/sg-baseline"
	groupsPath     = prefix + "/groups/"
	guardrailName  = prefix + "/guardrail"
	unreportedPath = prefix + "/unreported/"
	// sweepRequest makes the sweeper start as soon as it is created.
	sweepRequest = prefix + "/sweep-request"
)

// world is AWS, the people who use it, and the functions, in one history.
type world struct {
	mu       sync.Mutex
	dice     dice
	weather  weather
	variant  variant
	settings settings.Settings
	log      *slog.Logger
	trace    *trace
	calm     bool    // no more faults
	limits   *limits // of the account; nil for none

	sweepTime time.Duration // that Lambda gives the sweeper

	ec2    ec2
	ssm    ssm
	papers papers
	post   post

	events      int
	newest      time.Time // event that was delivered
	invocations int
	runs        []*invocation
	warm        []*instance
	alerts      []delivered
	revoked     []revoked

	breaches []breach
	tally    tally
}

// breach is a promise that was not kept.
type breach struct {
	at            time.Time
	promise, what string
}

func (w *world) broken(promise, format string, args ...any) {
	b := breach{time.Now(), promise, fmt.Sprintf(format, args...)}
	w.breaches = append(w.breaches, b)
	w.note("judge", "PROMISE BROKEN: %s: %s", b.promise, b.what)
}

func (w *world) locked(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

// How a history ends: without faults, long enough for the last event's last
// retry, a sweep, as long again, and another sweep.
const (
	sweepEvery = 15 * time.Minute
	settling   = 20 * time.Minute
	lastRun    = 5 * time.Minute
)

// lastSweeps is how many sweeps end a history. One with little time may get no
// further than one group.
func (w *world) lastSweeps() int {
	if w.sweepTime < sweeperTime {
		return 2 + len(w.ec2.living())
	}
	return 2
}

// history lives through one history, which is all in its seed.
func history(t *testing.T, seed uint64, v variant, traced bool) *world {
	w := &world{
		dice: dice(seed), variant: v, log: slog.New(slog.DiscardHandler),
		sweepTime: sweeperTime,
		settings:  settings.Settings{BaselinePrefix: prefix, AlertTopicARN: topicARN, Enforce: true, OwnRoles: []string{roleARN + "sgwarden"}},
		ec2:       ec2{lastID: 0x100, quota: usualQuota},
		ssm:       ssm{parameters: map[string][]version{}},
		papers:    newPapers(),
	}
	synctest.Test(t, func(*testing.T) {
		if traced {
			w.trace = &trace{start: time.Now()}
		}
		w.live()
	})
	return w
}

func (w *world) live() {
	start := time.Now()
	t := w.dice.throw(start, "history", 0)
	span := pick(t, []time.Duration{2 * time.Minute, 8 * time.Minute, 25 * time.Minute})
	w.weather = newWeather(t, start, span)
	w.locked(func() { w.begin(t) })
	w.schedulePeople(t, span)
	w.locked(func() { w.openPost(span) })
	for at := t.between(0, sweepEvery); at < span; at += sweepEvery {
		time.AfterFunc(at, func() { w.locked(w.sweep) })
	}
	time.Sleep(span)
	w.locked(func() {
		w.calm = true
		w.note("weather", "no more faults")
	})
	if len(w.papers.trusts) > 0 { // what waits for approval is reverted in the end
		time.Sleep(time.Hour)
	}
	for range w.lastSweeps() {
		time.Sleep(settling)
		w.locked(w.sweep)
	}
	time.Sleep(lastRun)
	w.drain()
	w.locked(w.judgeHistory)
}
