package terminal

import (
	"fmt"
	"io"
)

// Progress is one line on a terminal that says how far something got.
type Progress struct {
	out         io.Writer // nil where nobody would see the line
	what        string
	done, total int
}

// Start begins a line; end the line with Clear. A total of 0 is not known. Where out
// is no terminal, nothing is written.
func Start(out io.Writer, what string, total int) *Progress {
	p := &Progress{what: what, total: total}
	if Is(out) {
		p.out = out
	}
	return p
}

// Step counts one thing that is done. The line changes with every tenth of them.
func (p *Progress) Step() {
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

// Clear removes the line.
func (p *Progress) Clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
