package terminal

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Bar is one line on a terminal that says how many bytes are done, what was found in them, and how long the rest takes. It
// is not for concurrent use.
type Bar struct {
	out          io.Writer // nil where nobody would see the line
	what         string
	now          func() time.Time
	began, shown time.Time
}

// StartBar begins a line; end the line with Clear. Where out is no terminal, nothing is written.
func StartBar(out io.Writer, what string, now func() time.Time) *Bar {
	b := &Bar{what: what, now: now}
	if Is(out) {
		b.out, b.began = out, now()
	}
	return b
}

const (
	barEvery = 200 * time.Millisecond // a faster line is not read
	barWidth = 20
	// foretold is the time after which what is done says how long the rest takes.
	foretold = 2 * time.Second
)

// Show says how far something got, at most five times a second. A total of 0, or one that is smaller than what is done, is
// not known. beside is what else there is to say, such as "12 calls".
func (b *Bar) Show(done, total int64, beside string) {
	if b.out == nil {
		return
	}
	now := b.now()
	if !b.shown.IsZero() && now.Sub(b.shown) < barEvery {
		return
	}
	b.shown = now
	fmt.Fprintf(b.out, "\r%s: %s\x1b[K", b.what, barText(done, total, beside, now.Sub(b.began)))
}

// Clear removes the line.
func (b *Bar) Clear() {
	if b.out != nil {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

// barText is the line after some time.
func barText(done, total int64, beside string, passed time.Duration) string {
	if total <= 0 || total < done {
		return fmt.Sprintf("%s, %s, %s", words.Bytes(done), beside, words.Length(passed))
	}
	full := int(float64(done) / float64(total) * barWidth)
	return fmt.Sprintf("[%s%s] %s of %s, %s%s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
		words.Bytes(done), words.Bytes(total), beside, left(done, total, passed))
}

// left says how long the rest takes if it goes on as fast; empty where nobody can know yet.
func left(done, total int64, passed time.Duration) string {
	if done == 0 || passed < foretold {
		return ""
	}
	rest := float64(passed) / float64(done) * float64(total-done)
	if rest > float64(time.Minute) {
		return fmt.Sprintf(", about %.0f min left", rest/float64(time.Minute))
	}
	return fmt.Sprintf(", about %.0f s left", rest/float64(time.Second))
}
