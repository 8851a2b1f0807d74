package traillog

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// batchSize is about how many bytes of records are decoded at once.
const batchSize = 64 << 10

// decoded is an entry that was decoded.
type decoded struct {
	time  time.Time
	event Event
}

// batch is some entries in a row. Their messages stand one behind the other in bytes.
type batch struct {
	bytes   []byte
	entries []entry
	decoded []decoded
	done    chan struct{} // is closed when decoded is there
}

// ahead decodes entries before they are asked for, several batches at the same time, and keeps them in order.
type ahead struct {
	inOrder chan *batch
	failure error // why inOrder ended before the entries did
	cancel  context.CancelFunc
	work    sync.WaitGroup
	used    sync.Pool // batches that were reported
}

func decodeAhead(ctx context.Context, entries stream, workers int) *ahead {
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{inOrder: make(chan *batch, workers), cancel: cancel}
	todo := make(chan *batch)
	a.work.Go(func() {
		defer close(a.inOrder)
		defer close(todo)
		a.failure = a.deal(ctx, entries, todo)
	})
	for range workers {
		a.work.Go(func() {
			for b := range todo {
				b.decode()
			}
		})
	}
	return a
}

// deal puts the entries into batches and hands each to whoever decodes, and to whoever reports.
func (a *ahead) deal(ctx context.Context, entries stream, todo chan<- *batch) error {
	for {
		b, err := a.batch(entries)
		if len(b.entries) > 0 {
			for _, to := range []chan<- *batch{a.inOrder, todo} {
				select {
				case to <- b:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (a *ahead) batch(entries stream) (*batch, error) {
	b, _ := a.used.Get().(*batch)
	if b == nil {
		b = &batch{}
	}
	*b = batch{bytes: b.bytes[:0], entries: b.entries[:0], decoded: b.decoded[:0], done: make(chan struct{})}
	for len(b.bytes) < batchSize {
		e, err := entries.next()
		if err != nil {
			return b, err
		}
		from := len(b.bytes)
		b.bytes = append(b.bytes, e.message...)
		b.entries = append(b.entries, *e)
		b.entries[len(b.entries)-1].message = b.bytes[from:]
	}
	return b, nil
}

func (b *batch) decode() {
	for i := range b.entries {
		b.decoded = append(b.decoded, decoded{b.entries[i].time, b.entries[i].event()})
	}
	close(b.done)
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

// each calls report for the entries in order, until report fails or the context ends.
func (a *ahead) each(ctx context.Context, report func(*decoded) error) error {
	for b := range a.inOrder {
		select {
		case <-b.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		for i := range b.decoded {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := report(&b.decoded[i]); err != nil {
				return err
			}
		}
		if cap(b.bytes) <= 4*batchSize { // a buffer for the largest records is not kept
			a.used.Put(b)
		}
	}
	return a.failure
}

// stop ends the decoding. It must be called before what entries reads from is closed.
func (a *ahead) stop() {
	a.cancel()
	a.work.Wait()
}
