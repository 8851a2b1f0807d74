package notify

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/told"
)

// batch is one batch of messages on its way to people.
type batch struct {
	*Notifier
	now    time.Time
	alerts []received // the different ones, without healthy canaries
	book   *told.Book
	report Report
	failed map[string]bool // ids of messages
}

// Lines that the template counts.
const (
	// Unreadable is logged for a message that holds no alert.
	Unreadable = "a message holds no alert"
	// Lost is logged for a mail that could not be sent.
	Lost = "a mail could not be sent"
	// Fighting is logged for a group over which two tools fight.
	Fighting = "two tools are fighting over a security group"
)

// read decodes the messages. Every alert is logged as a whole. A message that holds none
// has failed: it ends in the dead-letter queue.
func (b *batch) read(ctx context.Context, messages []Message) {
	var all []received
	for _, m := range messages {
		a, err := decode(m.Body)
		if err != nil {
			b.failed[m.ID] = true
			b.Log.ErrorContext(ctx, Unreadable, "message", m.ID, "reason", err.Error(), "bytes", len(m.Body))
			continue
		}
		b.Log.InfoContext(ctx, "alert", "message", m.ID, "alert", json.RawMessage(text(a)))
		all = append(all, received{Alert: disown(a, b.OwnRoles), messages: []string{m.ID}, alerts: []string{a.ID}})
	}
	all = distinct(all)
	b.report.Alerts = len(all)
	b.alerts = slices.DeleteFunc(all, func(a received) bool { return isHealthyCanary(a.Alert) })
}

// load reads the memory. What can't be read counts as not told.
func (b *batch) load(ctx context.Context) {
	if len(b.alerts) == 0 {
		b.book = told.Blank()
		return
	}
	book, err := b.Memory.Load(ctx)
	if err != nil {
		b.Log.ErrorContext(ctx, "what was told can't be read: something may be told twice", "reason", err.Error())
		b.report.MemoryFailed = true
	}
	if book == nil {
		book = told.Blank()
	}
	b.book = book
	b.book.Forget(b.now, b.now.Add(-fightTime))
}

// fresh are the alerts that were not delivered before.
func (b *batch) fresh() []received {
	return slices.DeleteFunc(slices.Clone(b.alerts), func(a received) bool {
		return b.book.Knows(a.GroupID, alertFact(a.Alert), b.now.Add(-told.Recently))
	})
}

// stories makes stories of what people do not know, the worst first.
func (b *batch) stories(merged []received) []story {
	var fresh, old []received
	for _, a := range merged {
		unknown, known := sift(a, b.book, b.now)
		fresh, old = append(fresh, unknown...), append(old, known...)
	}
	stories := append(group(fresh), remind(old, b.book)...)
	slices.SortFunc(stories, compareStories)
	return stories
}

// remember notes what was sent. An alert is known only once all of it was.
func (b *batch) remember(fresh []received, stories []story) {
	sent := map[toldOf]bool{}
	for _, s := range stories {
		if !s.sent {
			for _, id := range s.messages() {
				b.failed[id] = true
			}
			continue
		}
		for _, a := range s.alerts {
			b.keep(a.Alert)
			for _, f := range a.Findings {
				for _, id := range a.alerts {
					sent[toldOf{keyOf(a.Alert, f), id}] = true
				}
			}
		}
	}
	for _, a := range fresh {
		for _, f := range a.Findings {
			if sent[toldOf{keyOf(a.Alert, f), a.ID}] && !stays(f) {
				b.noteOver(a.Alert, f)
			}
		}
		if !slices.ContainsFunc(a.messages, func(id string) bool { return b.failed[id] }) {
			b.book.Note(a.GroupID, alertFact(a.Alert), b.now)
		}
	}
}

// toldOf is a rule that a mail told of, as an alert brought it.
type toldOf struct {
	key
	alertID string
}

func (b *batch) noteOver(a alert.Alert, f alert.Finding) {
	b.book.Note(a.GroupID, ruleFact(a, f), b.now)
	b.book.Note(a.GroupID, overFact(a, f, f.Action == alert.ActionAlreadyGone), b.now)
	if isAct(a, f) {
		b.book.Note(a.GroupID, actFact(a, f), b.now)
	}
}

// keep opens and closes the entries of the memory, as an alert was told.
func (b *batch) keep(a alert.Alert) {
	for _, c := range a.Closed {
		b.drop(closedRef(a, c))
		b.book.Note(a.GroupID, closedFact(closedRef(a, c), c.Since), b.now)
	}
	if isProblem(a) {
		b.keepOpen(a, told.Open{}, problemState(a), a.Actor != nil, false)
	}
	if isDocument(a.Kind) {
		return
	}
	for _, f := range a.Findings {
		if stays(f) {
			b.keepOpen(a, told.Open{Rule: f.Rule, Verdict: f.Verdict}, stateOf(a, f), f.OpenedByEvent, f.Action == alert.ActionPending)
		} else {
			b.drop(findingRef(a, f))
		}
	}
}

func (b *batch) drop(r told.Ref) {
	if e, open := b.book.Entry(r); open {
		b.book.Drop(r)
		b.book.Note(r.GroupID, closedFact(r, e.Since), b.now)
	}
}

func (b *batch) keepOpen(a alert.Alert, o told.Open, state string, opened, awaits bool) {
	o.GroupID, o.GroupName, o.Kind, o.Parameter, o.Since = a.GroupID, a.GroupName, a.Kind, a.Baseline.Parameter, b.now
	e := told.Entry{Open: o}
	if before, open := b.book.Entry(o.Ref()); open {
		e = before
	}
	e.GroupName, e.Kind, e.Parameter = o.GroupName, o.Kind, o.Parameter
	e.State, e.Awaits, e.Last, e.Told = state, awaits, b.now, e.Told+1
	if opened {
		e.Act = a.Event.ID
	}
	b.book.Keep(e)
}

// save writes the memory. That it can't be written costs only that something is told
// twice.
func (b *batch) save(ctx context.Context) {
	if len(b.alerts) == 0 {
		return
	}
	if err := b.Memory.Save(ctx, b.book); err != nil {
		b.Log.ErrorContext(ctx, "what was told can't be written: something may be told twice", "reason", err.Error())
		b.report.MemoryFailed = true
	}
}

func (b *batch) finish(messages []Message) Report {
	for _, m := range messages {
		if b.failed[m.ID] && !slices.Contains(b.report.Failed, m.ID) {
			b.report.Failed = append(b.report.Failed, m.ID)
		}
	}
	return b.report
}
