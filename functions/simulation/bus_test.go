package simulation

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

// event is a message on the bus, and what the judge has to know of it.
type event struct {
	number int
	id     string // CloudTrail's, of a call to EC2
	at     time.Time
	name   string
	group  string
	// parameter is the name of the one that changed.
	parameter string
	principal string // who made the call to EC2
	message   json.RawMessage
	rules     []owned // rules that the event says were opened; the id may be empty
	opened    []owned // rules that its own Authorize call opened
	sweeps    bool    // it starts the sweeper
	// reportOnly says that its run judges no group.
	reportOnly   bool
	withoutGroup bool // it doesn't say which group it is about
	// modified says that the event leaves the direction of its rules open.
	modified bool
	dead     bool // in the dead-letter queue
}

// maxDelay is the longest that the bus keeps an event.
const maxDelay = 60 * time.Second

// publish puts an event on the bus, which may lose it, double it, and let others
// overtake it.
func (w *world) publish(e *event) {
	w.events++
	e.number, e.at = w.events, time.Now()
	t := w.dice.throw(e.at, e.name, e.number)
	if !w.calm && t.chance(w.weather.dropped) {
		w.tally.faults[eventDropped]++
		w.note("bus", "event %d (%s of %s) LOST", e.number, e.name, e.group)
		return
	}
	w.deliver(e, t)
	if !w.calm && t.chance(w.weather.doubled) {
		w.tally.faults[eventDoubled]++
		w.deliver(e, t)
	}
}

func (w *world) deliver(e *event, t throw) {
	most := pick(t, []time.Duration{2 * time.Second, 20 * time.Second, maxDelay})
	if w.limits != nil {
		most = burst
	}
	delay := t.between(100*time.Millisecond, most)
	w.note("bus", "event %d (%s of %s) will come in %s", e.number, e.name, e.group, delay)
	time.AfterFunc(delay, func() {
		w.locked(func() {
			if e.at.Before(w.newest) {
				w.tally.faults[eventReordered]++
			} else {
				w.newest = e.at
			}
			if e.sweeps {
				w.sweep()
				return
			}
			w.invoke(&delivery{event: e})
		})
	})
}

// parameterEvent is the event of Parameter Store for a write, if a rule of the
// template wants it: that for the remediator, or that for the sweeper.
func (w *world) parameterEvent(name, operation string) {
	group, isGroup := strings.CutPrefix(name, groupsPath) // the whole name where it is no group's
	starts := name == sweepRequest && operation == "Create"
	approved, isApproval := strings.CutPrefix(name, approvalsPath)
	if isApproval {
		group, _, _ = strings.Cut(approved, "/")
	}
	if !isGroup && !isApproval && name != guardrailName && name != pauseName && name != trustName && !starts {
		return
	}
	message, err := cloudtrail.ParameterChange(cloudtrail.Parameter{
		Operation: operation, Name: name, Type: "String", Time: time.Now(), Account: account, Region: region,
		EnvelopeID: fmt.Sprintf("envelope-%d", w.events),
	})
	if err != nil {
		panic(err)
	}
	w.publish(&event{
		name: "Parameter" + operation, group: group, parameter: name, message: message, sweeps: starts,
		reportOnly: !isApproval && (!isGroup || operation == "Delete"),
	})
}
