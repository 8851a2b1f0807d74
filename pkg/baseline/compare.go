package baseline

import (
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Difference is what a new version of a document means.
type Difference struct {
	More, Less []string // in rule text; that of an exception ends in "until" and a time
	Settings   []string // such as "mode: alert, was enforce"
}

// None reports whether both versions permit the same in the same way.
func (d Difference) None() bool { return len(d.More)+len(d.Less)+len(d.Settings) == 0 }

// Setting notes a setting, if it has changed.
func (d *Difference) Setting(name, was, is string) {
	if was != is {
		d.Settings = append(d.Settings, fmt.Sprintf("%s: %s, was %s", name, is, was))
	}
}

// Compare says what a baseline permits at a time that the one before it doesn't,
// and the other way round. before is nil where there was none: it permitted
// nothing, and had the same settings.
func Compare(before, after *Document, now time.Time) Difference {
	if before == nil {
		before = &Document{Mode: after.Mode, Match: after.Match, Restore: after.Restore}
	}
	d := Difference{More: exceeding(after, before, now), Less: exceeding(before, after, now)}
	d.Setting("mode", mode(before), mode(after))
	d.Setting("match", match(before), match(after))
	d.Setting("restore", fmt.Sprint(before.Restore), fmt.Sprint(after.Restore))
	return d
}

// exceeding lists what one document permits and the other doesn't: rules that
// the other doesn't permit for good, and exceptions that it has not until then.
func exceeding(a, b *Document, now time.Time) []string {
	var all []string
	permitted := rule.Compile(b.Standing())
	for _, r := range a.Standing() {
		if !permitted.Permits(r, b.Matching()) {
			all = append(all, r.String())
		}
	}
	known := map[string]bool{}
	for _, text := range exceptionTexts(b, now) {
		known[text] = true
	}
	for _, text := range exceptionTexts(a, now) {
		if !known[text] {
			all = append(all, text)
		}
	}
	return all
}

func exceptionTexts(d *Document, now time.Time) []string {
	var all []string
	for _, e := range d.Exceptions {
		for _, r := range e.Rules() {
			if now.Before(e.Expires) {
				all = append(all, r.String()+" until "+e.Expires.UTC().Format(time.RFC3339))
			}
		}
	}
	return all
}

func mode(d *Document) string {
	if d.Enforces() {
		return string(Enforce)
	}
	return string(Alert)
}

func match(d *Document) string {
	if d.Matching() == rule.Exact {
		return "exact"
	}
	return "covered"
}
