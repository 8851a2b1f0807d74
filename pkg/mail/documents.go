package mail

import (
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// writeDocuments says which documents the block is about, what the alerts say of
// them, and what they permit more and less.
func (b *block) writeDocuments(s *strings.Builder, v *view) {
	written := map[string]bool{}
	say := func(text string) {
		if text != "" && !written[text] {
			written[text] = true
			fmt.Fprintln(s, text)
		}
	}
	for _, a := range b.alerts {
		if d := b.newest(a.Baseline); d.Parameter != "" {
			say(documentLine(d))
		}
		if note := v.note(a); note != "" {
			say("Note: " + truncate(printable(note), 2_000))
		}
		if r := v.documentReminder(a); r.Notified > 0 {
			say("Reminder: " + remind(r, "this stays so"))
		}
		more, less := changeTitles(a)
		writeList(s, more, a.PermitsMore)
		writeList(s, less, a.PermitsLess)
	}
}

// newest is the highest version of a document that the block's alerts name.
func (b *block) newest(d alert.Baseline) alert.Baseline {
	for _, a := range b.alerts {
		if a.Baseline.Parameter == d.Parameter && a.Baseline.Version > d.Version {
			d = a.Baseline
		}
	}
	return d
}

// documentLine is "Baseline: /sg-baseline/groups/sg-…, version 7".
func documentLine(d alert.Baseline) string {
	text := capital(string(kindOf(d.Parameter))) + ": " + truncate(printable(d.Parameter), 1_011)
	if d.Version > 0 {
		text += fmt.Sprintf(", version %d", d.Version)
	}
	return text
}

// note is an alert's reason, without a command that the mail prints as one.
func (v *view) note(a alert.Alert) string {
	if a.Reason == "updated" || a.Reason == "created" {
		return "" // the first line says so
	}
	for _, command := range []string{"; to go on: aws ", "; if that was meant, delete it too: aws ", "; if that was meant, delete the document too: aws "} {
		if before, _, found := strings.Cut(a.Reason, command); found && len(a.Actions) > 0 {
			return before
		}
	}
	return a.Reason
}

// changeTitles are the titles of what a document permits more and less.
func changeTitles(a alert.Alert) (more, less string) {
	switch kindOf(a.Baseline.Parameter) {
	case guardrailDocument: // its entries forbid
		return "No longer in force:", "Now in force:"
	case trustDocument:
		return "Now in force:", "No longer in force:"
	}
	return "It permits more than before:", "It permits less than before:"
}

func writeList(s *strings.Builder, title string, items []string) {
	for i, item := range items {
		if i == 0 {
			fmt.Fprintln(s, title)
		}
		if i == mostRules {
			fmt.Fprintf(s, "  and %d more. The JSON of the alert has all of them.\n", len(items)-i)
			return
		}
		fmt.Fprintf(s, "  %s\n", line(item, 400))
	}
}

// writeClosed lists what is over.
func (b *block) writeClosed(s *strings.Builder) {
	n := 0
	for _, a := range b.alerts {
		for _, c := range a.Closed {
			if n++; n <= mostRules {
				fmt.Fprintf(s, "  %-14s %s\n", "closed", closedRule(c, a))
				fmt.Fprintf(s, "  %-14s %s\n", "", line(closedLine(c, a), 400))
			}
		}
	}
	if n > mostRules {
		fmt.Fprintf(s, "  and %d more that are over. The JSON of the alert has all of them.\n", n-mostRules)
	}
}

func closedRule(c alert.Closed, a alert.Alert) string {
	if c.Rule == "" {
		return truncate(printable(a.Baseline.Parameter), 1_011)
	}
	return truncate(printable(c.Rule), 400)
}

// closedLine is "closed since 2026-11-30 07:10 UTC: not live any more (open since …)".
func closedLine(c alert.Closed, a alert.Alert) string {
	text := name(closedHow(c))
	if !a.MadeAt.IsZero() {
		text = "closed since " + clock(a.MadeAt) + ": " + text
	}
	if !c.Since.IsZero() {
		text += fmt.Sprintf(" (%s since %s)", either(c.Verdict == alert.Missing, "missing", either(c.Rule == "", "told", "open")), clock(c.Since))
	}
	return text
}

func closedHow(c alert.Closed) string {
	if c.How == "" {
		return "over"
	}
	return c.How
}
