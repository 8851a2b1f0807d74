// Package words holds the small turns of phrase that all verbs share.
package words

import (
	"fmt"
	"strings"
	"time"
)

// Count writes how many things there are, such as "1 rule", "3 rules" or "2 entries".
// what is in the singular and makes its plural with an s, or with ies for a y behind a consonant.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %s", n, Plural(what))
}

// Plural makes the plural of what stands in the singular: rules, entries.
func Plural(what string) string {
	if stem, found := strings.CutSuffix(what, "y"); found && !strings.HasSuffix(stem, "a") && !strings.HasSuffix(stem, "e") && !strings.HasSuffix(stem, "o") {
		return stem + "ies"
	}
	return what + "s"
}

// Lines puts each text on a line of its own.
func Lines(texts []string) string { return strings.Join(texts, "\n") }

// OrNone returns the text, or "(none)" for an empty one.
func OrNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// Clock writes a time in UTC for people: with the date where that is not today's.
func Clock(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04 UTC")
	}
	return at.Format("2006-01-02 15:04 UTC")
}

// Length writes how long something lasts, to the second, such as 2h, 1h30m or 45s.
func Length(d time.Duration) string {
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
