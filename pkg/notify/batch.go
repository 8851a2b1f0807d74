package notify

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/notified"
)

// batch is one batch of messages on its way to people.
type batch struct {
	*Notifier
	now    time.Time
	alerts []received // the different ones, without healthy canaries
	memory *notified.Memory
	report Report
	cards  [][]byte        // of the mails that were sent
	failed map[string]bool // ids of messages
}

// Lines that the template counts.
const (
	// NoAlert is logged for a message that holds no alert.
	NoAlert = "a message holds no alert"
	// MailNotSent is logged for a mail that could not be sent.
	MailNotSent = "a mail could not be sent"
	// TwoToolsFight is logged for a group about which two tools contend.
	TwoToolsFight = "two tools are fighting over a security group"
)

// read decodes the messages. Every alert is logged as a whole. A message that holds none
// has failed: it ends in the dead-letter queue.
func (b *batch) read(ctx context.Context, messages []Message) {
	var all []received
	for _, m := range messages {
		r, err := decode(m.Body)
		if err != nil {
			b.failed[m.ID] = true
			b.Log.ErrorContext(ctx, NoAlert, "message", m.ID, "reason", err.Error(), "bytes", len(m.Body))
			continue
		}
		b.Log.InfoContext(ctx, "alert", "message", m.ID, "alert", json.RawMessage(text(r.Alert)))
		r.Alert, r.messages, r.elsewhere = withoutOwnActor(r.Alert, b.OwnRoles), []string{m.ID}, b.Home.differsFrom(r.Alert)
		all = append(all, r)
	}
	all = distinct(all)
	b.report.Alerts = len(all)
	b.alerts = slices.DeleteFunc(all, func(a received) bool { return isHealthyCanary(a.Alert) })
}

// load reads the memory. Alerts count as news where the memory can't be read.
func (b *batch) load(ctx context.Context) {
	if len(b.alerts) == 0 {
		b.memory = notified.Empty()
		return
	}
	memory, err := b.Memory.Load(ctx)
	if err != nil {
		b.Log.ErrorContext(ctx, "what was told can't be read: something may be told twice", "reason", err.Error())
		b.report.MemoryFailed = true
	}
	if memory == nil {
		memory = notified.Empty()
	}
	b.memory = memory
	b.memory.Forget(b.now, b.now.Add(-contentionTime))
}

// undelivered are the alerts that were not delivered before.
func (b *batch) undelivered() []received {
	return slices.DeleteFunc(slices.Clone(b.alerts), func(a received) bool {
		return b.memory.Has(a.memoryKey(), alertFact(a.Alert), b.now.Add(-notified.Recently)) || b.knowsChange(a)
	})
}

// stories makes stories of what people do not know, the worst first. Where they have to
// be reminded of something, they are reminded of all that stays in its account and
// region.
func (b *batch) stories(merged []received) []story {
	var undelivered, old []received
	remind := map[Origin]bool{}
	for _, a := range merged {
		unknown, known := splitByNovelty(a, b.memory, b.now, remindAfter)
		undelivered = append(undelivered, unknown...)
		remind[a.origin()] = remind[a.origin()] || len(known) > 0
	}
	for _, a := range merged {
		if _, known := splitByNovelty(a, b.memory, b.now, remindWith); remind[a.origin()] {
			old = append(old, known...)
		}
	}
	stories := append(group(undelivered), reminders(old, b.memory)...)
	slices.SortFunc(stories, compareStories)
	return stories
}

// save writes the memory. Where the memory can't be written, people are notified twice of
// something, and that is all.
func (b *batch) save(ctx context.Context) {
	if len(b.alerts) == 0 {
		return
	}
	if err := b.Memory.Save(ctx, b.memory); err != nil {
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
