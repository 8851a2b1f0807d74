package simulation

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// delivered is an alert that the topic took.
type delivered struct {
	at    time.Time
	by    *invocation
	alert readAlert
}

// readAlert is what the judge reads of an alert.
type readAlert struct {
	ID, Kind, Outcome, Severity, GroupID, Reason string
	Event                                        struct{ ID string }
	Actor                                        *struct{ ARN string }
	Findings                                     []finding
	Closed                                       []struct {
		Rule, Verdict string
		Since         time.Time
	}
	Baseline struct {
		Parameter string
		Version   int64
	}
}

// finding is what the judge reads of a finding.
type finding struct {
	Rule, RuleID, Verdict, Action string
	OpenedByEvent                 bool
}

// String is an alert in a line.
func (t readAlert) String() string {
	line := fmt.Sprintf("%s, %s, %s of %s; %s", t.Kind, t.Outcome, t.Severity, t.GroupID, t.Reason)
	for _, f := range t.Findings {
		line += fmt.Sprintf(" [%s %s %s: %s]", f.Verdict, f.RuleID, f.Rule, f.Action)
	}
	return line
}

// mostOfMessage is how many bytes SNS takes at once (SNS API reference, Publish).
const mostOfMessage = 256 << 10

// alert reads the alert of a message, and returns its text too.
func (c *call) alert() (alert readAlert, text string, err error) {
	var body struct{ Default string }
	if err := json.Unmarshal([]byte(c.form.Get("Message")), &body); err != nil {
		return alert, "", apiErrorf(400, "InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse")
	}
	if err := json.Unmarshal([]byte(body.Default), &alert); err != nil {
		return alert, "", apiErrorf(400, "InvalidParameter", "the alert can't be read: %v", err)
	}
	return alert, body.Default, nil
}

const publishedAnswer = "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>"

// answerSNS takes a message. The topic's subscribers always get it.
func (w *world) answerSNS(c *call) (answer, error) {
	if len(c.form.Get("Message")) > mostOfMessage {
		return answer{}, apiErrorf(400, "InvalidParameter", "Invalid parameter: Message too long")
	}
	if c.form.Get("TopicArn") != topicARN {
		w.takeMail(c)
		return answer{status: http.StatusOK, body: publishedAnswer}, nil
	}
	alert, text, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	d := delivered{at: time.Now(), by: c.by, alert: alert}
	w.alerts = append(w.alerts, d)
	w.note(c.by, "  alert delivered: %v", d.alert)
	w.queue(&alert, text)
	return answer{status: http.StatusOK, body: publishedAnswer}, nil
}
