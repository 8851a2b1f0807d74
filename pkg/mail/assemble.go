package mail

import (
	"fmt"
	"strings"
)

const (
	// maxBody is the most bytes of a mail's body. SNS takes 256 KB; people don't read
	// that much.
	maxBody = 60_000
	// noteBytes is kept for the note of what was left out.
	noteBytes = 1_000
)

// section is a part of a mail that is printed whole or not at all.
type section struct {
	title, text string
	joined      bool // to the section before it, without an empty line
}

// assemble joins the parts of a mail. Sections that do not fit are left out whole, and
// the end of the mail names them.
func assemble(top string, sections []section) string {
	var s strings.Builder
	s.WriteString(top)
	var left []string
	for _, part := range sections {
		switch {
		case part.text == "":
		case s.Len()+len(part.text)+1 > maxBody-noteBytes:
			left = append(left, part.title)
		default:
			s.WriteString(either(part.joined, "", "\n") + part.text)
		}
	}
	if len(left) > 0 {
		s.WriteString("\n" + leftOut(left))
	}
	return s.String()
}

func leftOut(titles []string) string {
	const mostListed = 3
	text := strings.Join(titles[:min(len(titles), mostListed)], "; ")
	if n := len(titles) - mostListed; n > 0 {
		text += fmt.Sprintf("; and %d more parts", n)
	}
	return "Left out, because the mail would be too long: " + truncate(printable(text), 600) + ".\nThe JSON of the alerts has all of it. It is on the alert topic, and in the log group of the notifier.\n"
}
