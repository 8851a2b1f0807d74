package main

import (
	"fmt"
	"io"
	"os"
)

// isTerminal reports whether a person is at the other end of a stream. Streams
// that are no files may say so themselves.
func isTerminal(stream any) bool {
	switch s := stream.(type) {
	case interface{ IsTerminal() bool }:
		return s.IsTerminal()
	case *os.File:
		info, err := s.Stat()
		nowhere, _ := os.Stat(os.DevNull) // a character device too, and nobody is there
		return err == nil && info.Mode()&os.ModeCharDevice != 0 && !os.SameFile(info, nowhere)
	}
	return false
}

// The colours of Select Graphic Rendition (ECMA-48).
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// painter returns what colours text: only for terminals that want it
// (https://no-color.org).
func (a *app) painter() func(colour, text string) string {
	if !isTerminal(a.out) || a.getenv("NO_COLOR") != "" || a.getenv("TERM") == "dumb" {
		return func(_, text string) string { return text }
	}
	return func(colour, text string) string { return "\x1b[" + colour + "m" + text + "\x1b[0m" }
}

// progress is one line on a terminal that says how far something got.
type progress struct {
	out         io.Writer // nil where nobody would see it
	what        string
	done, total int
}

// progress begins a line; end it with clear. A total of 0 is not known.
func (a *app) progress(what string, total int) *progress {
	p := &progress{what: what, total: total}
	if isTerminal(a.errs) {
		p.out = a.errs
	}
	return p
}

// step is told of each thing that is done; people are told of some of them.
func (p *progress) step() {
	p.done++
	switch {
	case p.out == nil || p.done%every != 0 && p.done != p.total:
	case p.total == 0:
		fmt.Fprintf(p.out, "\r%s: %d", p.what, p.done)
	default:
		fmt.Fprintf(p.out, "\r%s: %d of %d", p.what, p.done, p.total)
	}
}

// every is how many steps make the line change.
const every = 10

// clear removes the line.
func (p *progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
