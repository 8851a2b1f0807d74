package traillog

import (
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// concerning are the names of the calls that pkg/trail knows, with their rank among calls of the same second.
var concerning = func() map[string]rank {
	ranks := map[string]rank{}
	for _, name := range trail.Names() {
		ranks[name] = rankOf(name)
	}
	return ranks
}()

// rank orders calls of the same second, since CloudTrail's times are whole seconds: the console makes a group and opens
// the group's ports within one.
type rank uint8

const (
	first rank = iota // what creates a group or a VPC
	middle
	last // what deletes them
)

func rankOf(call string) rank {
	switch {
	case strings.HasPrefix(call, "Create"):
		return first
	case strings.HasPrefix(call, "Delete"):
		return last
	}
	return middle
}

// aspect is what a piece is.
type aspect uint8

const (
	foreign    aspect = iota // no record of CloudTrail's
	unrelated                // a record about something else
	concernsUs               // a record that pkg/trail knows
)

// judge says what a piece is. It looks at few bytes and allocates nothing, unless these bytes have escapes. An envelope
// of EventBridge is what its detail is; judge then returns the detail's position in p.raw and the detail's own members.
func (p piece) judge() (aspect, members, span) {
	m, at := p.members, span{0, len(p.raw)}
	if m[eventName] == (span{}) && m[detail] != (span{}) {
		at = m[detail]
		m = members{}
		if _, end := m.walk(p.raw[:at.to], at.from+1, false); end != complete || p.raw[at.from] != '{' {
			return foreign, m, at
		}
		if m[eventName] == (span{}) {
			return unrelated, m, at // another event of EventBridge's
		}
	}
	if m[eventName] == (span{}) && m[eventSource] == (span{}) {
		return foreign, m, at
	}
	source, ok := unquote(m[eventSource].of(p.raw))
	if !ok || string(source) != "ec2.amazonaws.com" {
		return unrelated, m, at
	}
	name, ok := unquote(m[eventName].of(p.raw))
	if _, known := concerning[string(name)]; !ok || !known {
		return unrelated, m, at
	}
	return concernsUs, m, at
}

// beginning is the month in which AWS announced CloudTrail (AWS News Blog, 2013-11-13). An earlier clock is wrong.
var beginning = time.Date(2013, time.November, 1, 0, 0, 0, 0, time.UTC)

// timeOf returns when a record's call was made, or the zero time where the record does not say when.
func timeOf(p piece, m members) time.Time {
	if text, ok := unquote(m[eventTime].of(p.raw)); ok {
		if at, err := time.Parse(time.RFC3339, string(text)); err == nil {
			return at.UTC()
		}
	}
	t, _ := trail.Parse(p.raw) // an envelope has a time of its own
	return t.Time
}
