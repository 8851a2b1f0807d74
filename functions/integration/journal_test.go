package integration

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
)

// entry is what became of one event.
type entry struct {
	event    json.RawMessage
	function string // its name
	name     string // eventName, or operation of a changed parameter
	actor    string // ARN
	outcome  string
	reason   string
	attempts int
	failure  string
}

// journal keeps what became of every event.
type journal struct {
	mu      sync.Mutex
	entries []entry
}

func (j *journal) add(d bus.Delivery) {
	e := entry{event: d.Event, function: d.Function[strings.LastIndex(d.Function, ":")+1:], attempts: d.Attempts}
	var envelope struct {
		Detail struct {
			EventName, Operation string
			UserIdentity         struct{ ARN string }
		}
	}
	var answer struct{ Outcome, Reason string }
	_ = json.Unmarshal(d.Event, &envelope) // the tests look for what they put there, and miss it where it isn't JSON
	_ = json.Unmarshal(d.Result.Payload, &answer)
	e.name, e.actor = envelope.Detail.EventName+envelope.Detail.Operation, envelope.Detail.UserIdentity.ARN
	e.outcome, e.reason = answer.Outcome, answer.Reason
	if d.Result.Error != nil {
		e.failure = d.Result.Error.Error()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
}

func (j *journal) all() []entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

// about are the entries whose events name a group, by its id or otherwise.
func (j *journal) about(group string) []entry {
	return slices.DeleteFunc(j.all(), func(e entry) bool { return !strings.Contains(string(e.event), group) })
}

// own says whether a function's own call made the event.
func (e entry) own() bool {
	return strings.HasSuffix(e.actor, "/sgwarden-remediator") || strings.HasSuffix(e.actor, "/sgwarden-sweeper")
}

// idle waits until every event so far, and every event that these caused, has been dealt with.
func idle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	if err := local.WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
}
