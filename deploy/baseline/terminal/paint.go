package terminal

import "strings"

// Change colours a line that begins with +, - or ~.
func (p Paint) Change(line string) string {
	switch {
	case strings.HasPrefix(line, "+ "):
		return p(Green, line)
	case strings.HasPrefix(line, "- "):
		return p(Red, line)
	case strings.HasPrefix(line, "~ "):
		return p(Yellow, line)
	}
	return line
}
