package consequence

import (
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// wording has the words for rules and for entries.
type wording struct{ thing, removed, first, firstSays, missing string }

var (
	ofRules   = wording{"rule", "revoked", "authorised first", "live only within a rule that will be revoked", "permitted, and not live"}
	ofEntries = wording{"entry", "removed", "added instead", "live only within an entry that will be removed", "approved, and not live"}
)

// line is one thing that happens to a live rule or entry, or to an approval.
type line struct{ colour, what, subject, says string }

// Text writes what becomes of live rules for people, a line for each, indented. It is
// empty where there is nothing to report.
func (l Live) Text(paint terminal.Paint, now time.Time) string {
	lines := l.lines(now)
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  live %s:\n", words.Plural(l.words.thing))
	for _, one := range lines {
		fmt.Fprintf(&b, "    %s  %s", paint(one.colour, fmt.Sprintf("%-20s", one.what)), one.subject)
		if one.says != "" {
			b.WriteString("  # " + one.says)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (l Live) lines(now time.Time) []line {
	var lines []line
	for _, r := range l.RevokedAtOnce {
		lines = append(lines, line{terminal.Red, l.words.removed + " at once", r, l.reasons[r]})
	}
	for _, r := range l.RevokedAt {
		lines = append(lines, line{terminal.Red, l.words.removed + " at " + words.Clock(r.At, now), r.Rule, l.delayText(r)})
	}
	for _, r := range l.Reported {
		lines = append(lines, line{terminal.Yellow, "only reported", r, l.reported + ": " + l.reasons[r]})
	}
	for _, kind := range []struct {
		what, says string
		subjects   []string
	}{
		{l.words.first, l.words.firstSays, l.AuthorisedFirst},
		{"restored", "", l.Restored},
		{"missing", l.words.missing, l.Missing},
		{"not judged", "only reported, never revoked", l.NotJudged},
		{"unused approval", "it permits no live rule", l.UnusedApprovals},
	} {
		for _, subject := range kind.subjects {
			lines = append(lines, line{terminal.Yellow, kind.what, subject, kind.says})
		}
	}
	return lines
}

// delayText says why a rule is not revoked at once.
func (l Live) delayText(r Later) string {
	switch {
	case r.At.After(r.graceEnd):
		return "when the pause ends (" + l.pause.Reason + ")"
	case r.Version > 0:
		return fmt.Sprintf("when the grace ends: version %d permits the %s until then", r.Version, l.words.thing)
	case l.reasons[r.Rule] != "":
		return "when the grace ends: earlier versions of the baseline can't be read"
	}
	return "when the grace ends: earlier versions together permit the " + l.words.thing + " until then"
}

// Next says in one line which rules go when, such as "1 live rule revoked at once, 2
// live rules revoked at 15:04 UTC"; it is empty where none is revoked.
func (l Live) Next(now time.Time) string {
	var parts []string
	if n := len(l.RevokedAtOnce); n > 0 {
		parts = append(parts, words.Count(n, "live "+l.words.thing)+" "+l.words.removed+" at once")
	}
	var last time.Time
	for _, r := range l.RevokedAt {
		if r.At.After(last) {
			last = r.At
		}
	}
	if n := len(l.RevokedAt); n > 0 {
		parts = append(parts, fmt.Sprintf("%s %s at %s", words.Count(n, "live "+l.words.thing), l.words.removed, words.Clock(last, now)))
	}
	return strings.Join(parts, ", ")
}
