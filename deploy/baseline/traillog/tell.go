package traillog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// teller calls each for the events, each event id once.
type teller struct {
	tally *Tally
	each  func(Event) error
	// seen are the event ids of the second that is being told. Copies of a record have its time, so that no other second
	// needs to be remembered.
	seen   map[string]bool
	second int64
	broken map[string]int64 // records that are no JSON, by source
}

func newTeller(tally *Tally, each func(Event) error) *teller {
	return &teller{tally: tally, each: each, seen: map[string]bool{}, broken: map[string]int64{}}
}

func (t *teller) tell(ctx context.Context, entries stream) error {
	defer t.nameBroken()
	for {
		e, err := entries.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("put the history in order: %w", err)
		case ctx.Err() != nil:
			return fmt.Errorf("read the history: %w", ctx.Err())
		}
		event := e.event()
		if t.isNew(e, event) {
			if err := t.one(e.time, event); err != nil {
				return err
			}
		}
	}
}

// event is where a record is decoded.
func (e *entry) event() Event {
	event := Event{Record: json.RawMessage(e.record.of(e.message)), Source: e.source}
	if len(event.Record) == len(e.message) {
		event.Trigger, event.Nothing = trail.ParseRecord(event.Record)
	} else {
		event.Trigger, event.Nothing = trail.Parse(e.message)
	}
	return event
}

// isNew counts what is not to be told: what is no JSON after all, messages of EventBridge that hold no call, and copies.
func (t *teller) isNew(e *entry, event Event) bool {
	if event.Nothing != nil && event.Nothing.Cause == trail.NotJSON {
		t.broken[e.source]++
		return false
	}
	if event.Trigger.EventName == "" {
		return false
	}
	if second := e.time.Unix(); second != t.second {
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

func (t *teller) one(at time.Time, event Event) error {
	t.tally.Events++
	t.tally.Accounts[event.Trigger.Account]++
	t.tally.Regions[event.Trigger.Region]++
	if t.tally.First.IsZero() {
		t.tally.First = at
	}
	t.tally.Last = at
	return t.each(event)
}

func (t *teller) nameBroken() {
	for source, n := range t.broken {
		t.tally.Skipped = append(t.tally.Skipped, Skipped{File: source, Reason: plural(n, "record") + " whose JSON is damaged"})
	}
}
