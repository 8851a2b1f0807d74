package mail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// mostEvents is how many events a mail names.
const mostEvents = 5

// detailSection says when, where, and by which call it happened.
func (v *view) detailSection() section {
	var s strings.Builder
	s.WriteString("Details\n")
	row := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&s, "  %-10s %s\n", label, truncate(printable(text), 600))
		}
	}
	events := v.events()
	for _, e := range events[:min(len(events), mostEvents)] {
		row("Event", eventText(e))
	}
	if n := len(events) - mostEvents; n > 0 {
		row("", fmt.Sprintf("and %s", plural(n, "more event")))
	}
	if seconds, known := v.exposure(); known {
		row("Open for", span(seconds))
	}
	row("Account", v.worst.Account)
	row("Region", v.worst.Region)
	row("Severity", string(v.severity()))
	if a := v.actor(); a != nil {
		row("Identity", a.ARN)
		row("Program", truncate(a.UserAgent, 100))
	}
	return section{title: "the details", text: s.String()}
}

// severity is the worst of the alerts.
func (v *view) severity() alert.Severity {
	worst := v.worst.Severity
	for _, a := range v.story.Alerts {
		if severityRank(a.Severity) < severityRank(worst) {
			worst = a.Severity
		}
	}
	return worst
}

// severityRank is 0 for the worst severity, and the highest for an unknown one.
func severityRank(s alert.Severity) int {
	all := []alert.Severity{alert.Critical, alert.High, alert.Medium, alert.Low}
	if i := slices.Index(all, s); i >= 0 {
		return i
	}
	return len(all)
}

// events are the events of the alerts, each once.
func (v *view) events() (events []alert.Event) {
	known := map[string]bool{}
	for _, a := range v.story.Alerts {
		if key := a.Event.Name + " " + a.Event.ID; key != " " && !known[key] {
			known[key] = true
			events = append(events, a.Event)
		}
	}
	return events
}

func eventText(e alert.Event) string {
	parts := []string{name(e.Name)}
	if !e.Time.IsZero() {
		parts = append(parts, e.Time.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	if e.ID != "" {
		parts = append(parts, "id "+name(e.ID))
	}
	return strings.Join(parts, ", ")
}

// permitted is a rule that an approval permits, as people say it. Its text ends in
// "until" and a time.
func permitted(text string) string {
	rulePart, _, _ := strings.Cut(text, " until ")
	return closedPhrase(alert.Closed{Rule: rulePart, Verdict: alert.Missing}, nil)
}

// closedPhrase is a closed rule as people say it.
func closedPhrase(c alert.Closed, peers map[string]string) string {
	r, err := rule.Parse(c.Rule)
	if err != nil {
		r = rule.Rule{}
	}
	return phrase(c.Rule, r, c.Verdict, peers)
}
