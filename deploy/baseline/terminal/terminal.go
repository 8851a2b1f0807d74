// Package terminal talks with the person at a terminal: colours, one line of
// progress, and questions.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Is reports whether a person is at the other end of a stream. Streams that are no
// files may say so themselves, with a method IsTerminal.
func Is(stream any) bool {
	switch s := stream.(type) {
	case interface{ IsTerminal() bool }:
		return s.IsTerminal()
	case *os.File:
		return term.IsTerminal(int(s.Fd()))
	}
	return false
}

// The colours of Select Graphic Rendition (ECMA-48).
const (
	Bold   = "1"
	Red    = "31"
	Green  = "32"
	Yellow = "33"
)

// Paint returns text in a colour, or as it is.
type Paint func(colour, text string) string

// Painter returns what colours text: only for a terminal that wants it
// (https://no-color.org).
func Painter(out io.Writer, getenv func(string) string) Paint {
	if !Is(out) || getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return func(_, text string) string { return text }
	}
	return func(colour, text string) string { return "\x1b[" + colour + "m" + text + "\x1b[0m" }
}
