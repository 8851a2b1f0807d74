package traillog

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Read reads all sources and calls each for every event about security groups, oldest first, each event id once.
func Read(ctx context.Context, sources Sources, o Options, each func(Event) error) (Tally, error) {
	tally := Tally{Accounts: map[string]int64{}, Regions: map[string]int64{}}
	var events []Event
	for source, err := range sources {
		if ctx.Err() != nil {
			return tally, fmt.Errorf("read the history: %w", ctx.Err())
		}
		if err == nil {
			events, err = readSource(ctx, source, o, events, &tally)
		}
		if err != nil {
			tally.Skipped = append(tally.Skipped, Skipped{File: source.Name, Reason: err.Error()})
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(a.Trigger.Time.Compare(b.Trigger.Time), cmp.Compare(a.Source, b.Source))
	})
	seen := map[string]bool{}
	for _, e := range events {
		if id := e.Trigger.EventID; id != "" && seen[id] {
			tally.Doubled++
			continue
		}
		seen[e.Trigger.EventID] = true
		tally.Events++
		tally.Accounts[e.Trigger.Account]++
		tally.Regions[e.Trigger.Region]++
		if tally.First.IsZero() {
			tally.First = e.Trigger.Time
		}
		tally.Last = e.Trigger.Time
		if err := each(e); err != nil {
			return tally, err
		}
	}
	return tally, nil
}

func readSource(ctx context.Context, source Source, o Options, events []Event, tally *Tally) ([]Event, error) {
	packed, err := source.Open(ctx)
	if err != nil {
		return events, err
	}
	defer packed.Close()
	buffered := bufio.NewReader(packed)
	plain := io.Reader(buffered)
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if plain, err = gzip.NewReader(buffered); err != nil {
			return events, fmt.Errorf("unpack: %w", err)
		}
	}
	decoder := json.NewDecoder(plain)
	for {
		var document struct {
			Records []json.RawMessage
			Detail  json.RawMessage `json:"detail"`
		}
		var whole json.RawMessage
		if err := decoder.Decode(&whole); errors.Is(err, io.EOF) {
			tally.Bytes += decoder.InputOffset()
			tally.Sources++
			return events, nil
		} else if err != nil {
			return events, fmt.Errorf("read: %w", err)
		}
		if err := json.Unmarshal(whole, &document); err != nil {
			return events, fmt.Errorf("read: %w", err)
		}
		switch {
		case document.Records != nil:
		case document.Detail != nil:
			document.Records = []json.RawMessage{document.Detail}
		default:
			document.Records = []json.RawMessage{whole}
		}
		for _, record := range document.Records {
			tally.Records++
			trigger, nothing := trail.ParseRecord(record)
			if !trail.Knows(trigger.EventName) || nothing != nil && nothing.Cause == trail.NotJSON {
				continue
			}
			if trigger.Time.Before(o.From) || !o.To.IsZero() && !trigger.Time.Before(o.To) {
				continue
			}
			events = append(events, Event{Trigger: trigger, Nothing: nothing, Record: record, Source: source.Name})
		}
	}
}
