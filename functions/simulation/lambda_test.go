package simulation

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/remediate"
)

// The functions' time-outs, in the template.
const (
	remediatorTime = 60 * time.Second
	sweeperTime    = 900 * time.Second // some histories leave less
)

// retryAfter is how long Lambda waits before it tries an event again (Lambda
// Developer Guide, "Asynchronous invocation"): then the event is dead.
var retryAfter = []time.Duration{time.Minute, 2 * time.Minute}

// delivery is one event on its way through Lambda's queue. A doubled event has
// two.
type delivery struct {
	event    *event // nil for a sweep
	attempts int
}

// invocation is one run of a function.
type invocation struct {
	number   int
	delivery *delivery
	started  time.Time
	cancel   context.CancelFunc
	deadline time.Time

	diesAt int // the call at which it is killed; 0 never
	diesBy fault
	calls  int
	faults int  // that it was dealt, but for stale reads
	full   bool // EC2 told it that a group's quota is used up
	stale  bool // EC2 showed it rules as they had been
	over   bool
	// cutShort says that it was killed or ran out of time.
	cutShort bool
	excuses  excuses
	err      error // what Lambda saw

	*look       // the last one
	looks       []*look
	inventoryID string // the SDK's of the call that began it
	// locked are the parameters whose key was denied to it, true where it asked for
	// them by their names; apart is the group whose documents it reads one by one
	// for this reason.
	locked map[string]bool
	apart  string
}

// people are who calls AWS without being a function.
var people *invocation

func (i *invocation) String() string {
	if i == people {
		return "people"
	}
	if i.delivery.event == nil {
		return fmt.Sprintf("sweep#%d", i.number)
	}
	return fmt.Sprintf("run#%d(event %d, attempt %d)", i.number, i.delivery.event.number, i.delivery.attempts)
}

// instance is a warm function. The next event may find it again.
type instance struct{ remediator *remediate.Remediator }

func (w *world) newInvocation(d *delivery, limit time.Duration) (*invocation, context.Context) {
	w.tally.counts[countInvocations]++
	w.invocations++
	i := &invocation{
		number: w.invocations, delivery: d, started: time.Now(), deadline: time.Now().Add(limit),
		look: newLook(), locked: map[string]bool{},
	}
	i.looks = []*look{i.look}
	if t := w.dice.throw(i.started, "death", i.number); !w.calm && t.chance(w.weather.kills) {
		most := 8
		if d.event == nil {
			most = 20
		}
		i.diesAt, i.diesBy = 1+t.IntN(most), pick(t, []fault{killedBefore, killedAfter})
	}
	w.runs = append(w.runs, i)
	ctx, cancel := context.WithDeadline(withInvocation(i), i.deadline)
	i.cancel = cancel
	return i, ctx
}

// invoke gives an event to a warm instance that is free, or to a new one. The
// world is locked.
func (w *world) invoke(d *delivery) {
	if !w.limits.begin(d) {
		return
	}
	d.attempts++
	if d.attempts > 1 {
		w.tally.counts[countRetries]++
	}
	i, ctx := w.newInvocation(d, remediatorTime)
	var on *instance
	if last := len(w.warm) - 1; last >= 0 {
		on, w.warm = w.warm[last], w.warm[:last]
	} else {
		on = &instance{wiring.Remediator(w.settings, w.config(), w.log)}
		w.variant.remediator(on.remediator)
	}
	w.note(i, "begins: %s of %s", d.event.name, d.event.group)
	go w.run(i, on, func() error {
		_, err := on.remediator.Handle(ctx, w.variant.message(d.event))
		return w.variant.result(err)
	})
}

// sweep runs the sweeper. Lambda doesn't try it again.
func (w *world) sweep() {
	if w.variant.noSweep {
		return
	}
	if w.sweepTime < sweeperTime {
		w.tally.faults[sweepShort]++
	}
	i, ctx := w.newInvocation(&delivery{}, w.sweepTime)
	sweeper := wiring.Sweeper(w.settings, w.config(), w.log)
	w.variant.sweeper(sweeper)
	w.note(i, "begins")
	go w.run(i, nil, func() error {
		_, err := sweeper.Run(ctx, account, region)
		return w.variant.result(err)
	})
}

// run takes a function to its end, and its instance back.
func (w *world) run(i *invocation, on *instance, handle func() error) {
	defer i.cancel()
	err := func() (err error) {
		defer func() {
			if panicked := recover(); panicked != nil {
				w.locked(func() { w.broken("no panic", "%v panicked: %v\n%s", i, panicked, debug.Stack()) })
				err = errors.New("it panicked")
			}
		}()
		return handle()
	}()
	w.locked(func() {
		switch {
		case i.over: // killed: nobody hears what it returned
			return
		case !time.Now().Before(i.deadline):
			w.tally.faults[ranOutOfTime]++
			i.cutShort = true
			i.failed()
			err = errors.New("task timed out")
		case on != nil:
			w.warm = append(w.warm, on)
		}
		w.over(i, err)
	})
}

// over is the end of an invocation as Lambda sees it.
func (w *world) over(i *invocation, err error) {
	i.over, i.err = true, err
	i.cancel()
	w.note(i, "ends: %v", err)
	w.judgeRun(i)
	d := i.delivery
	switch {
	case err == nil:
	case d.event == nil:
		w.tally.counts[countDeadSweeps]++
	case d.attempts > len(retryAfter):
		w.tally.counts[countDeadLetters]++
		d.event.dead = true
		w.note(i, "DEAD LETTER: event %d", d.event.number)
	default:
		jitter := w.dice.throw(time.Now(), "retry", i.number).between(0, time.Second)
		time.AfterFunc(retryAfter[d.attempts-1]+jitter, func() { w.locked(func() { w.invoke(d) }) })
	}
	if d.event == nil {
		return
	}
	if next := w.limits.end(); next != nil {
		w.invoke(next)
	}
}
