package baseline

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Problem is one thing that is wrong with a document.
type Problem struct {
	Path         string // such as ingress[0].sources[1]; empty for the whole
	Line, Column int    // counted from 1; 0 where unknown
	Message      string
}

func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// Error holds what is wrong with a document: all of it, up to a hundred problems.
type Error struct {
	Problems []Problem
	More     int // problems beyond those that are kept
}

const (
	// maxKept bounds what a document that is wrong everywhere takes.
	maxKept = 100
	// maxReported bounds the text of an Error, which has to fit an alert.
	maxReported = 20
	// maxMessage bounds the text of a problem. A message says what is written,
	// which may be a megabyte.
	maxMessage = 600
	// maxWord bounds what is taken for a word, such as a CIDR or a name: the
	// longest is name: with the 255 characters of a group's name.
	maxWord = 300
	// maxKey bounds unknown fields in paths.
	maxKey = 80
)

func (e *Error) Error() string {
	var lines []string
	for _, p := range e.Problems[:min(len(e.Problems), maxReported)] {
		lines = append(lines, p.String())
	}
	if more := len(e.Problems) - len(lines) + e.More; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "; ")
}

// problem notes what is wrong. Only the first maxKept are kept, and the others
// counted.
func (d *decoder) problem(path string, at node, format string, args ...any) {
	if d.isFull() {
		d.more++
		return
	}
	d.problems = append(d.problems, Problem{path, int(at.line), int(at.column), shortened(fmt.Sprintf(format, args...), maxMessage)})
}

// isFull reports whether problems are only counted any more, so that their text is
// not worth making.
func (d *decoder) isFull() bool { return len(d.problems) == maxKept }

// err returns what is wrong with the document, nil for nothing.
func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	return &Error{d.problems, d.more}
}

// shortened truncates text that is longer than most bytes, and says how long it was.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes)", text[:end], len(text))
}
