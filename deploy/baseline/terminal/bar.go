package terminal

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Bar is one line on a terminal that says how much of a history was read: a bar, bytes, events, and the time left. Time is
// handed in. A nil Bar shows nothing.
type Bar struct {
	out          io.Writer
	began, shown time.Time
}

// Amount says how far something got.
type Amount struct {
	Done, Total int64 // bytes. A total of 0, or one below Done, is not known.
	Events      int64
}

// StartBar begins a line; end the line with Clear. Where out is no terminal, the bar is nil.
func StartBar(out io.Writer, now time.Time) *Bar {
	if !Is(out) {
		return nil
	}
	return &Bar{out: out, began: now}
}

const (
	barEvery = 200 * time.Millisecond // a faster line is not read
	barWidth = 20
	// foretold is the time after which what was read tells how fast the rest will be.
	foretold = 2 * time.Second
)

// Show changes the line, at most five times a second.
func (b *Bar) Show(now time.Time, at Amount) {
	if b == nil || !b.shown.IsZero() && now.Sub(b.shown) < barEvery {
		return
	}
	b.shown = now
	fmt.Fprint(b.out, "\r"+at.text(now.Sub(b.began))+"\x1b[K")
}

// Clear removes the line.
func (b *Bar) Clear() {
	if b != nil && !b.shown.IsZero() {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

// text is the line after some time.
func (a Amount) text(passed time.Duration) string {
	events := words.Count(int(a.Events), "event")
	if a.Total <= 0 || a.Total < a.Done {
		return fmt.Sprintf("%s, %s, %s", words.Bytes(a.Done), events, words.Length(passed))
	}
	full := int(float64(a.Done) / float64(a.Total) * barWidth)
	return fmt.Sprintf("[%s%s] %s of %s, %s%s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
		words.Bytes(a.Done), words.Bytes(a.Total), events, a.left(passed))
}

// left says how long the rest takes if it goes on as fast; empty where nobody can tell yet.
func (a Amount) left(passed time.Duration) string {
	if a.Done == 0 || passed < foretold {
		return ""
	}
	rest := time.Duration(float64(passed) / float64(a.Done) * float64(a.Total-a.Done))
	if rest > time.Minute {
		return fmt.Sprintf(", about %d min left", int((rest+30*time.Second)/time.Minute))
	}
	return fmt.Sprintf(", about %d s left", int((rest+time.Second-1)/time.Second))
}
