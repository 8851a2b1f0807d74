package targets

import (
	"fmt"
	"strings"
)

// problem is one thing that is wrong with a file of targets.
type problem struct {
	line, column int    // counted from 1
	path         string // such as targets[0].account; empty for the whole
	message      string
}

// fileError holds all that is wrong with a file of targets.
type fileError struct {
	file     string
	problems []problem
}

// maxErrors is how many problems the error lists.
const maxErrors = 20

// Error has a line for each problem, with file, line and column.
func (e *fileError) Error() string {
	var lines []string
	for _, p := range e.problems[:min(len(e.problems), maxErrors)] {
		line := fmt.Sprintf("%s:%d:%d: ", e.file, p.line, p.column)
		if p.path != "" {
			line += p.path + ": "
		}
		lines = append(lines, line+p.message)
	}
	if more := len(e.problems) - maxErrors; more > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more", e.file, more))
	}
	return strings.Join(lines, "\n")
}
