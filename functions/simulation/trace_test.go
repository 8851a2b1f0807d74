package simulation

import (
	"fmt"
	"strings"
	"time"
)

// trace is what happened in a history, in the order of virtual time. It is kept
// only where somebody will read it.
type trace struct {
	start time.Time
	lines []string
}

// note writes a line: who is an invocation (nil for people), or a name. The world
// is locked.
func (w *world) note(who any, format string, args ...any) {
	if w.trace == nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	if most := 400; len(text) > most {
		text = text[:most] + " ..."
	}
	w.trace.lines = append(w.trace.lines, fmt.Sprintf("%12.6fs %-30v %s", time.Since(w.trace.start).Seconds(), who, text))
}

func (t *trace) String() string { return strings.Join(t.lines, "\n") }
