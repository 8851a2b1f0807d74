package simulation

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/notify"
)

// What the template says of AlertQueue and of the way to the notifier.
const (
	mailWait       = 30 * time.Second
	visibilityTime = 720 * time.Second
	mostReceives   = 5
	mostPollers    = 2
)

// post is AlertQueue with its event source mapping, and the mails that people got.
type post struct {
	open    bool // the load has no post
	letters []*letter
	pollers [mostPollers]poller
	mails   []*mailed // in the order in which the topic took them first
	sentAt  []time.Time
	batches int
	spoilt  bool // the notifier's memory
}

// letter is a message of AlertQueue.
type letter struct {
	number   int
	body     string
	alert    *readAlert // nil where the message holds no alert
	sent     time.Time
	receives int
	looks    []time.Time // when a notifier got the message
	deleted  time.Time   // zero before
	dead     bool        // in the dead-letter queue
}

// published returns when the alert of an id was last published before a time, and the zero
// time where it was not.
func (p *post) published(id string, before time.Time) (at time.Time) {
	for _, l := range p.letters {
		if l.alert != nil && l.alert.ID == id && !l.sent.After(before) {
			at = l.sent
		}
	}
	return at
}

func (l *letter) id() string { return fmt.Sprint("message-", l.number) }

func (l *letter) message() notify.Message { return notify.Message{ID: l.id(), Body: l.body} }

// poller is one of the two that an event source mapping with MaximumConcurrency 2 has. It
// has one batch at a time in a notifier.
type poller struct {
	number  int
	waiting []*letter
	due     bool // the first of them has waited long enough
	busy    bool
	warm    *desk
}

// queue takes what the alert topic delivers. SNS delivers some messages twice, with an id
// each.
func (w *world) queue(alert *readAlert, text string) {
	if !w.post.open {
		return
	}
	envelope, err := json.Marshal(map[string]string{"Type": "Notification", "TopicArn": topicARN, "Message": text})
	if err != nil {
		panic(err) // strings always encode
	}
	for w.enqueue(alert, string(envelope)); !w.calm && w.letterThrow("doubled", len(w.post.letters)).chance(w.weather.doubled); {
		w.tally.faults[messageDoubled]++
		w.enqueue(alert, string(envelope))
	}
}

func (w *world) letterThrow(what string, number int) throw {
	return w.dice.throw(time.Now(), "message "+what, number)
}

func (w *world) enqueue(alert *readAlert, body string) {
	l := &letter{number: len(w.post.letters) + 1, body: body, alert: alert, sent: time.Now()}
	w.post.letters = append(w.post.letters, l)
	t := w.letterThrow("comes", l.number)
	delay := t.between(10*time.Millisecond, pick(t, []time.Duration{time.Second, time.Second, 20 * time.Second, maxDelay}))
	w.arrivesAfter(l, delay)
	if !w.calm && t.chance(w.weather.doubled) { // both pollers may receive one message
		w.tally.faults[messageDoubled]++
		w.arrivesAfter(l, t.between(10*time.Millisecond, maxDelay))
	}
}

func (w *world) arrivesAfter(l *letter, delay time.Duration) {
	time.AfterFunc(delay, func() { w.locked(func() { w.receive(l) }) })
}

// receive gives a message to a poller, which waits for more of them.
func (w *world) receive(l *letter) {
	if !l.deleted.IsZero() || l.dead {
		return
	}
	p := &w.post.pollers[w.letterThrow("received", l.number).IntN(mostPollers)]
	if slices.Contains(p.waiting, l) {
		return
	}
	p.waiting = append(p.waiting, l)
	if len(p.waiting) == 1 {
		time.AfterFunc(mailWait, func() {
			w.locked(func() {
				p.due = true
				w.notify(p)
			})
		})
	}
}

// failed makes a message visible again some time later, or dead.
func (w *world) failed(l *letter) {
	if l.receives < mostReceives {
		w.arrivesAfter(l, visibilityTime+w.letterThrow("again", l.number).between(0, time.Second))
		return
	}
	l.dead = true
	w.tally.counts[countDeadMessages]++
	w.note("queue", "DEAD LETTER: %s", l.id())
}

// drain waits until no message is left, or could be.
func (w *world) drain() {
	for range mostReceives + 1 {
		left := false
		w.locked(func() {
			left = slices.ContainsFunc(w.post.letters, func(l *letter) bool { return l.deleted.IsZero() && !l.dead })
		})
		if !left {
			return
		}
		time.Sleep(visibilityTime + maxDelay + 2*mailWait + notifierTime)
	}
}
