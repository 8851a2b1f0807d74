package basefile

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Printable returns text in which nothing moves a terminal's cursor or hides: control
// characters, half characters and those that change the direction of writing are
// escaped as in Go.
func Printable(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, rest := splitRune(text)
		one := text[:len(text)-len(rest)]
		if !isPrintable(r, one) {
			quoted := strconv.Quote(one)
			one = quoted[1 : len(quoted)-1]
		}
		b.WriteString(one)
		text = rest
	}
	return b.String()
}

func splitRune(text string) (first rune, rest string) {
	for i, r := range text {
		if i > 0 {
			return first, text[i:]
		}
		first = r
	}
	return first, ""
}

func isPrintable(r rune, written string) bool {
	return unicode.IsPrint(r) && (r != unicode.ReplacementChar || len(written) > 1)
}

// CheckName refuses names that would do something to a terminal or a log when any
// verb prints them.
func CheckName(name string) error {
	if Printable(name) != name {
		return fmt.Errorf(`the name "%s" has characters that can't be printed: rename the file or directory`, Printable(name))
	}
	return nil
}
