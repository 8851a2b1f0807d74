package consequence

import (
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Text writes what becomes of live rules for people, a line for each, indented. It is
// empty where there is nothing to tell.
func (l Live) Text(paint terminal.Paint, now time.Time) string {
	var b strings.Builder
	line := func(colour, what, text, says string) {
		if says != "" {
			says = "  # " + says
		}
		fmt.Fprintf(&b, "    %s  %s%s\n", paint(colour, fmt.Sprintf("%-20s", what)), text, says)
	}
	for _, r := range l.RevokedAtOnce {
		line(terminal.Red, "revoked at once", r, l.reasons[r])
	}
	for _, r := range l.RevokedAt {
		line(terminal.Red, "revoked at "+words.Clock(r.At, now), r.Rule, l.delayText(r))
	}
	for _, r := range l.Reported {
		line(terminal.Yellow, "only reported", r, "mode alert: "+l.reasons[r])
	}
	for _, r := range l.AuthorisedFirst {
		line(terminal.Yellow, "authorised first", r, "live only within a rule that will be revoked")
	}
	for _, r := range l.Restored {
		line(terminal.Yellow, "restored", r, "")
	}
	for _, r := range l.Missing {
		line(terminal.Yellow, "missing", r, "permitted, and not live")
	}
	for _, r := range l.NotJudged {
		line(terminal.Yellow, "not judged", r, "only reported, never revoked")
	}
	for _, name := range l.UnusedApprovals {
		line(terminal.Yellow, "unused approval", name, "it permits no live rule")
	}
	if b.Len() == 0 {
		return ""
	}
	return "  live rules:\n" + b.String()
}

// delayText says why a rule is not revoked at once.
func (l Live) delayText(r Later) string {
	switch {
	case r.At.After(r.graceEnd):
		return "when the pause ends (" + l.pause.Reason + ")"
	case r.Version > 0:
		return fmt.Sprintf("when the grace ends: version %d permits the rule until then", r.Version)
	case l.reasons[r.Rule] != "":
		return "when the grace ends: earlier versions of the baseline can't be read"
	}
	return "when the grace ends: earlier versions together permit the rule until then"
}

// Next says in one line which rules go when, such as "1 live rule revoked at once, 2
// live rules revoked at 15:04 UTC"; it is empty where none goes.
func (l Live) Next(now time.Time) string {
	var parts []string
	if n := len(l.RevokedAtOnce); n > 0 {
		parts = append(parts, words.Count(n, "live rule")+" revoked at once")
	}
	var last time.Time
	for _, r := range l.RevokedAt {
		if r.At.After(last) {
			last = r.At
		}
	}
	if n := len(l.RevokedAt); n > 0 {
		parts = append(parts, fmt.Sprintf("%s revoked at %s", words.Count(n, "live rule"), words.Clock(last, now)))
	}
	return strings.Join(parts, ", ")
}
