package main

import (
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// toll is how many live rules of groups will be revoked, and how many live entries of
// prefix lists will be removed.
type toll struct{ rules, entries int }

func (t toll) total() int { return t.rules + t.entries }

// things are such as "1 live rule and 2 live entries".
func (t toll) things() string {
	var parts []string
	if t.rules > 0 || t.entries == 0 {
		parts = append(parts, words.Count(t.rules, "live rule"))
	}
	if t.entries > 0 {
		parts = append(parts, words.Count(t.entries, "live entry"))
	}
	return strings.Join(parts, " and ")
}

// participle says what becomes of the things.
func (t toll) participle() string {
	if t.rules == 0 && t.entries > 0 {
		return "removed"
	}
	return "revoked"
}

// String says how many go, such as "2 live rules will be revoked".
func (t toll) String() string {
	if t.total() == 0 {
		return "no live rule will be revoked"
	}
	return t.things() + " will be " + t.participle()
}
