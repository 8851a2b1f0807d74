package reverts

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/metrics"
)

// logged is what is read of the line that a function logs at the end of an invocation, as
// package metrics writes it.
type logged struct {
	Time      time.Time `json:"time"`
	Message   string    `json:"msg"`
	Function  string    `json:"function"`
	EventID   string    `json:"eventId"`
	EventName string    `json:"eventName"`
	GroupID   string    `json:"groupId"`
	Actor     string    `json:"actor"`
	Kind      string    `json:"kind"`
	Severity  string    `json:"severity"`
	AlertID   string    `json:"alertId"`
	Findings  []string  `json:"findings"`
	Reverted  float64   `json:"Reverted"`
	Restored  float64   `json:"Restored"`
}

// remediator is how the function at events names itself in its log.
const remediator = "remediator"

// addLine takes up a line of the log. A line that is of no revert, or none that is JSON,
// is no error: the log has others.
func (c *collection) addLine(text string) {
	var l logged
	at := strings.IndexByte(text, '{')
	if at < 0 || json.Unmarshal([]byte(text[at:]), &l) != nil || l.Message != metrics.Message {
		return
	}
	count := int(l.Reverted + l.Restored)
	if l.Function != remediator {
		if !l.Time.Before(c.since) && !l.Time.After(c.until) {
			c.found.BySweeps += count
		}
		return
	}
	r := Revert{
		Time: l.Time.UTC(), AlertID: l.AlertID, GroupID: l.GroupID, Actor: l.Actor,
		EventID: l.EventID, EventName: l.EventName, Severity: l.Severity, Kind: l.Kind,
	}
	for _, text := range l.Findings {
		if found, is := ruleOf(text); is {
			r.Rules = append(r.Rules, found)
		}
	}
	r.More = max(0, count-len(r.Rules))
	c.add(r)
}

// ruleOf reads a finding as the log has it: action, rule text and rule id. A text that was
// truncated has no id.
func ruleOf(text string) (r Rule, is bool) {
	action, rest, _ := strings.Cut(text, " ")
	switch alert.Action(action) {
	case alert.ActionRestored:
		r.Restored = true
	case alert.ActionRevoked:
	default:
		return Rule{}, false
	}
	r.Text = strings.TrimSpace(rest)
	if at := strings.LastIndex(rest, " sgr-"); at >= 0 {
		r.Text, r.ID = rest[:at], rest[at+1:]
	}
	return r, true
}
