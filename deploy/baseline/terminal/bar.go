package terminal

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Bar is one line on a terminal that says how many bytes are done, what was found in them,
// and how long the rest takes. It is not for concurrent use.
type Bar struct {
	out     io.Writer // nil where nobody would see the line
	what    string
	now     func() time.Time
	started time.Time
	shown   time.Time
}

// StartBar begins a line; end the line with Clear. Where out is no terminal, nothing is
// written.
func StartBar(out io.Writer, what string, now func() time.Time) *Bar {
	b := &Bar{what: what, now: now}
	if Is(out) {
		b.out, b.started = out, now()
	}
	return b
}

// often is how often the line changes at most, so that writing costs nothing.
const often = 200 * time.Millisecond

// Show says how far something got. A total of 0 is not known. beside is what else there is
// to say, such as "12 calls".
func (b *Bar) Show(done, total int64, beside string) {
	if b.out == nil {
		return
	}
	now := b.now()
	if now.Sub(b.shown) < often {
		return
	}
	b.shown = now
	fmt.Fprint(b.out, "\r\x1b[K"+b.line(done, total, beside, now))
}

const barWidth = 20

func (b *Bar) line(done, total int64, beside string, now time.Time) string {
	if total <= 0 {
		return fmt.Sprintf("%s: %s, %s", b.what, Bytes(done), beside)
	}
	done = min(done, total)
	filled := int(done * barWidth / total)
	text := fmt.Sprintf("%s: [%s%s] %s of %s, %s", b.what, strings.Repeat("#", filled), strings.Repeat(".", barWidth-filled), Bytes(done), Bytes(total), beside)
	// Below a hundredth, any guess would be wild.
	if took := now.Sub(b.started); done < total && done*100 > total && took >= time.Second {
		left := time.Duration(float64(took) * float64(total-done) / float64(done))
		text += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	return text
}

// Clear removes the line.
func (b *Bar) Clear() {
	if b.out != nil {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

// Bytes writes a number of bytes for people, such as 512 B, 1.5 kB or 2.3 GB.
func Bytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/1000, 0
	units := []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	for value >= 999.95 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}
