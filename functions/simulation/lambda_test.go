package simulation

import (
	"errors"
	"runtime/debug"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/functions/wiring"
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
		on = &instance{remediator: wiring.Remediator(w.settings, w.config(), w.log)}
		w.variant.remediator(on.remediator)
	}
	i.crowded = strings.HasPrefix(d.event.name, "Authorize") && on.crowded(i.started)
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
			i.interrupted = true
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
	if i.desk != nil {
		w.notified(i)
		return
	}
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
