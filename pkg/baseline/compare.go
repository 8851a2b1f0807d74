package baseline

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Difference is what a new version of a document means.
type Difference struct {
	More, Less []string // in rule text; that of an exception ends in "until" and a time
	Settings   []string // such as "mode: alert, was enforce"
	// ForbidsLess says that a guardrail allows something that the one before forbade.
	ForbidsLess bool
}

// None reports whether both versions permit the same in the same way.
func (d Difference) None() bool { return len(d.More)+len(d.Less)+len(d.Settings) == 0 }

// Weakens reports whether the guard becomes weaker: a direction that is not guarded any
// more, alerts only, covered instead of exact, or a guardrail that forbids less.
func (d Difference) Weakens() bool {
	if d.ForbidsLess {
		return true
	}
	for _, s := range d.Settings {
		for _, weaker := range []string{"not guarded any more", "mode: alert", "match: covered"} {
			if strings.Contains(s, weaker+", was ") {
				return true
			}
		}
	}
	return false
}

// Setting notes a setting, if it has changed.
func (d *Difference) Setting(name, was, is string) {
	if was != is {
		d.Settings = append(d.Settings, fmt.Sprintf("%s: %s, was %s", name, is, was))
	}
}

// Compare returns what a baseline permits at a time that the one before it
// doesn't, and the other way round. before is nil where there was none: it
// permitted nothing, and had the same settings.
//
// That a direction is guarded, or not any more, is a setting, such as "egress:
// not guarded any more, was guarded". The rules of such a direction are neither
// more nor less: where it is not guarded, every rule is permitted.
func Compare(before, after *Document, now time.Time) Difference {
	if before == nil {
		before = after.without()
	}
	d := Difference{More: exceeding(after, before, now), Less: exceeding(before, after, now)}
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		switch was, is := before.Guards(direction), after.Guards(direction); {
		case was && !is:
			d.Setting(direction.String(), "guarded", "not guarded any more")
		case is && !was:
			d.Setting(direction.String(), "not guarded", "guarded")
		}
	}
	d.Setting("mode", mode(before), mode(after))
	d.Setting("match", match(before), match(after))
	d.Setting("restore", fmt.Sprint(before.Restore), fmt.Sprint(after.Restore))
	d.Setting("graceMinutes", graceText(before.GraceMinutes), graceText(after.GraceMinutes))
	return d
}

// without returns a document that guards the same directions in the same way, and
// permits nothing.
func (d *Document) without() *Document {
	none := &Document{Mode: d.Mode, Match: d.Match, Restore: d.Restore, GraceMinutes: d.GraceMinutes}
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		if d.Guards(direction) {
			*none.list(direction) = []Entry{}
		}
	}
	return none
}

// exceeding lists what one document permits and the other doesn't: rules that
// the other doesn't permit for good, and exceptions that it has not until then.
// Only directions that the other guards count.
func exceeding(a, b *Document, now time.Time) []string {
	var all []string
	permitted := rule.Compile(b.PermanentRules())
	for _, r := range a.PermanentRules() {
		if b.Guards(r.Direction) && !permitted.Permits(r, b.Matching()) {
			all = append(all, r.String())
		}
	}
	known := map[string]bool{}
	for text := range exceptionTexts(b, now) {
		known[text] = true
	}
	for text, r := range exceptionTexts(a, now) {
		if b.Guards(r.Direction) && !known[text] {
			all = append(all, text)
		}
	}
	return all
}

// exceptionTexts yields the text of each rule that an exception still permits,
// with its end, and the rule.
func exceptionTexts(d *Document, now time.Time) iter.Seq2[string, rule.Rule] {
	return func(yield func(string, rule.Rule) bool) {
		for _, e := range d.Exceptions {
			for _, r := range e.Rules() {
				if now.Before(e.Expires) && !yield(r.String()+" until "+e.Expires.UTC().Format(time.RFC3339), r) {
					return
				}
			}
		}
	}
}

func mode(d *Document) string {
	if d.Enforces() {
		return string(Enforce)
	}
	return string(Alert)
}

func graceText(minutes *int) string {
	if minutes == nil {
		return "not set"
	}
	return strconv.Itoa(*minutes)
}

func match(d *Document) string {
	if d.Matching() == rule.Exact {
		return "exact"
	}
	return "covered"
}
