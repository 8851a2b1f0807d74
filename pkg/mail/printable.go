package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable keeps what an attacker may choose, such as a name, a description, or the
// user agent, from forging lines of a mail: every character that is not printed, such
// as a newline or a right-to-left mark, becomes a question mark.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return '?'
	}, s)
}

// ascii is printable text in printable ASCII, as the subject of an e-mail asks for.
func ascii(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s)
}

// truncate shortens a text to a number of bytes. A text that was shortened ends in
// "...".
func truncate(s string, most int) string {
	if len(s) <= most {
		return s
	}
	most = max(0, most)
	end := max(0, most-len("..."))
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return (s[:end] + "...")[:min(most, end+3)]
}

// line is a printable text of at most so many bytes that stands on a line of its own.
// One that would read as one of the four lines that lead the mail is quoted.
func line(s string, most int) string {
	s = truncate(printable(s), most)
	if isForged(s) {
		return "> " + s
	}
	return s
}

// name is a printable name of at most 128 bytes: a longer one hides what stands
// behind it.
func name(s string) string { return truncate(printable(s), 128) }
