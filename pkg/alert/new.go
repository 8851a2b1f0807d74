package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// New completes an alert: schema, severity, and the commands to approve and undo.
// It truncates texts and lists that may be of any length, so that they fit a message.
func New(a Alert) Alert {
	a.Schema = SchemaVersion
	a.Reason = truncate(a.Reason)
	a.PermitsMore, a.PermitsLess = truncateList(a.PermitsMore), truncateList(a.PermitsLess)
	a.Severity = severity(a)
	if a.Findings == nil {
		a.Findings = []Finding{}
	}
	a.ID = id(a)
	a.Actions = actions(a)
	if isRegion(a.Region) {
		a.Approve = strings.Join(approveAndPutBack(a), " && ")
		a.Undo = strings.Join(slices.Concat(undo(a), undoEntries(a), restorePrevious(a), undoPending(a)), " && ")
	}
	return a
}

// Decode reads the JSON of an alert, with the canonical rules of its findings.
func Decode(text []byte) (Alert, error) {
	var a Alert
	if err := json.Unmarshal(text, &a); err != nil {
		return Alert{}, fmt.Errorf("read an alert: %w", err)
	}
	if a.Schema != SchemaVersion || a.Kind == "" {
		return Alert{}, fmt.Errorf("read an alert: schema %d and kind %q are not an alert's of schema %d", a.Schema, a.Kind, SchemaVersion)
	}
	for i := range a.Findings {
		f := &a.Findings[i]
		f.Canonical, _ = rule.Parse(f.Rule) // the text of a rule without a canonical form can't be parsed
	}
	return a, nil
}

// id is a digest of the facts that an alert reports. Fields that may differ between two
// deliveries of one event is not part of it: times, durations, and what else uses
// the group.
func id(a Alert) string {
	type fact struct {
		Rule, RuleID string
		Verdict      Verdict
		Action       Action
	}
	facts := make([]fact, len(a.Findings))
	for i, f := range a.Findings {
		facts[i] = fact{f.Rule, f.RuleID, f.Verdict, f.Action}
	}
	text := encoded([]any{a.Account, a.Region, a.Kind, a.Outcome, a.Subject(), a.Event.ID, a.Event.Name, a.Baseline, a.Reason, a.PermitsMore, a.PermitsLess, a.Closed, facts})
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

const (
	maxReason = 8_000
	maxList   = 1_000
)

func truncate(s string) string {
	if len(s) <= maxReason {
		return s
	}
	return strings.ToValidUTF8(s[:maxReason], "") + " ..."
}

func truncateList(items []string) []string {
	if len(items) <= maxList {
		return items
	}
	return append(items[:maxList:maxList], fmt.Sprintf("and %d more", len(items)-maxList))
}
