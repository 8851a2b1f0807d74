package simulation

import (
	"fmt"
	"strings"
	"time"
)

// openPost begins the queue, and has faults that concern mails alone.
func (w *world) openPost(span time.Duration) {
	w.post.open = true
	for n := range w.post.pollers {
		w.post.pollers[n].number = n
	}
	start := time.Now()
	t := w.dice.throw(start, "post", 0)
	if w.weather.calls == 0 { // a calm history
		return
	}
	if t.chance(0.3) {
		refused := window{fault: pick(t, []fault{denied, topicDown, throttled}), prefix: "sns/" + publishMail, from: start.Add(t.between(0, span)), share: 1, lasts: t.chance(0.2)}
		w.weather.add(refused, t.between(10*time.Second, 20*time.Minute))
	}
	if t.chance(0.2) {
		time.AfterFunc(t.between(0, span), func() { w.locked(w.spoilMemory) })
	}
	for t.chance(0.2) {
		time.AfterFunc(t.between(0, span), func() { w.locked(w.queuePoison) })
	}
}

// spoilMemory writes what is no memory over parts of the notifier's.
func (w *world) spoilMemory() {
	t := w.dice.throw(time.Now(), "spoilt memory", 0)
	w.tally.faults[memorySpoilt]++
	w.post.spoilt = true
	for shard := range 16 {
		if t.chance(0.5) {
			w.write(fmt.Sprintf("%s/told/%x", prefix, shard), pick(t, []string{"x", "H4sIAAAAAAAA", "{}"}), false)
		}
	}
}

// forgot says whether a sweep may fail since the notifier's memory is spoilt. It has reported
// and reverted all the same.
func (w *world) forgot(i *invocation) bool {
	return w.post.spoilt && i.delivery.event == nil && strings.Contains(i.err.Error(), "what people were told of")
}

// queuePoison has somebody send a message that holds no alert.
func (w *world) queuePoison() {
	t := w.dice.throw(time.Now(), "poison message", len(w.post.letters))
	w.tally.faults[poisonMessage]++
	w.enqueue(nil, pick(t, []string{"", "{", "null", `{"Type":"Notification"}`, `{"Message":"{\"schema\":1}"}`, "\x00\xff"}))
}
