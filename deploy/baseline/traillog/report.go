package traillog

import (
	"context"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// reporter calls each for the events, each event id once.
type reporter struct {
	tally *Tally
	each  func(Event) error
	// seen are the event ids of the second that is being reported. Copies of a record have its time, so that no other second
	// needs to be remembered.
	seen   map[string]bool
	second int64
	broken map[string]int64 // records that are no JSON, by source
}

func newReporter(tally *Tally, each func(Event) error) *reporter {
	return &reporter{tally: tally, each: each, seen: map[string]bool{}, broken: map[string]int64{}}
}

// report calls each for the entries. It decodes them with so many workers.
func (t *reporter) report(ctx context.Context, entries stream, workers int) error {
	defer t.nameBroken()
	a := decodeAhead(ctx, entries, workers)
	defer a.stop()
	var failed error // of t.each, which is returned as it is
	err := a.each(ctx, func(d *decoded) error {
		if t.isNew(d) {
			failed = t.one(d)
		}
		return failed
	})
	if failed != nil || err == nil {
		return failed
	}
	return fmt.Errorf("put the history in order: %w", err)
}

// isNew counts the entries that are not reported: what is no JSON after all, messages of EventBridge that hold no call, and copies.
func (t *reporter) isNew(d *decoded) bool {
	event := &d.event
	if event.Nothing != nil && event.Nothing.Cause == trail.NotJSON {
		t.broken[event.Source]++
		return false
	}
	if event.Trigger.EventName == "" {
		return false
	}
	if second := d.time.Unix(); second != t.second {
		clear(t.seen)
		t.second = second
	}
	id := event.Trigger.EventID
	if t.seen[id] {
		t.tally.Doubled++
		return false
	}
	if id != "" {
		t.seen[id] = true
	}
	return true
}

func (t *reporter) one(d *decoded) error {
	at, event := d.time, d.event
	t.tally.Events++
	t.tally.Accounts[event.Trigger.Account]++
	t.tally.Regions[event.Trigger.Region]++
	if t.tally.First.IsZero() {
		t.tally.First = at
	}
	t.tally.Last = at
	return t.each(event)
}

func (t *reporter) nameBroken() {
	for source, n := range t.broken {
		t.tally.Skipped = append(t.tally.Skipped, Skipped{File: source, Reason: plural(n, "record") + " whose JSON is damaged"})
	}
}
