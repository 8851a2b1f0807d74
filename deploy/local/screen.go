package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode/utf8"
)

// screen writes for a person: on a terminal in colour, elsewhere plain.
type screen struct {
	mu     sync.Mutex
	out    io.Writer
	colour bool
}

// coloured says whether a file is a terminal that wants colour (https://no-color.org).
func coloured(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// The styles of Select Graphic Rendition (ECMA-48).
const (
	bold  = "1"
	dim   = "2"
	red   = "31;1"
	green = "32;1"
)

func (s *screen) style(style, text string) string {
	if !s.colour || style == "" || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func (s *screen) printf(format string, a ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, format, a...)
}

// Write writes text as it is.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *screen) title(text string) { s.printf("\n%s\n", s.style(bold, text)) }

// quote prints a text of several lines with a bar at its left.
func (s *screen) quote(text string) { s.printf("%s", s.quoted(text)) }

func (s *screen) quoted(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		line = strings.TrimRight("  "+s.style(dim, "|")+" "+strings.TrimRight(line, "\n"), " ")
		b.WriteString(line + "\n")
	}
	return b.String()
}

// letter prints a heading and a text of several lines with a bar at its left, in one piece.
func (s *screen) letter(heading, text string) {
	s.printf("  %s\n%s\n", heading, s.quoted(text))
}

// cell is one field of a table.
type cell struct{ text, style string }

// table prints rows in columns that are as wide as they have to be. The first row is the heading.
func (s *screen) table(rows [][]cell) {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		var line strings.Builder
		for i, c := range row {
			if n == 0 {
				c.style = bold
			}
			padding := widths[i] - utf8.RuneCountInString(c.text)
			if i == len(row)-1 {
				padding = 0
			}
			fmt.Fprintf(&line, "  %s%s", s.style(c.style, c.text), strings.Repeat(" ", padding))
		}
		b.WriteString(line.String() + "\n")
	}
	s.printf("%s", b.String())
}
