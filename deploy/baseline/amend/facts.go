package amend

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Facts are what a document says, piece by piece, such as a rule with its description
// or a setting with its value. A piece that the document doesn't have is not in it.
type Facts map[string]string

// Changes say which facts become what; nil takes a fact away.
type Changes map[string]*string

// difference returns the facts that differ.
func difference(a, b Facts) map[string]bool {
	differ := map[string]bool{}
	for key, value := range a {
		if other, there := b[key]; !there || other != value {
			differ[key] = true
		}
	}
	for key := range b {
		if _, there := a[key]; !there {
			differ[key] = true
		}
	}
	return differ
}

// lines writes changes for people: + is there, - is not.
func (c Changes) lines() []string {
	lines := make([]string, 0, len(c))
	for _, key := range slices.Sorted(maps.Keys(c)) {
		text := strings.TrimRight(strings.ReplaceAll(key, separator, ", "), ", ")
		switch value := c[key]; {
		case value == nil:
			lines = append(lines, "- "+text)
		case *value == "":
			lines = append(lines, "+ "+text)
		default:
			lines = append(lines, fmt.Sprintf("+ %s: %s", text, *value))
		}
	}
	return lines
}

// but returns the changes that make a difference to facts.
func (c Changes) but(now Facts) Changes {
	left := Changes{}
	for key, value := range c {
		if is, there := now[key]; there != (value != nil) || there && is != *value {
			left[key] = value
		}
	}
	return left
}
