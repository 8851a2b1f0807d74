package page

import (
	"fmt"
	"strings"
	"unicode"
)

// Visible returns the text with each character that nobody sees written out, such as ‹U+202E› for the one that makes
// text run backwards. Somebody could otherwise give a group a name that reads as another's. A space stays, and so
// do the joiners that emoji and some scripts need. A line break becomes a space.
func Visible(text string) string {
	if !strings.ContainsFunc(text, isInvisible) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case isInvisible(r):
			fmt.Fprintf(&b, "‹U+%04X›", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

const (
	zeroWidthNonJoiner = '\u200C'
	zeroWidthJoiner    = '\u200D'
	ideographicSpace   = '\u3000'
	noBreakSpace       = '\u00A0'
)

func isInvisible(r rune) bool {
	switch {
	case r == zeroWidthNonJoiner, r == zeroWidthJoiner, r == ideographicSpace, r == noBreakSpace:
		return false
	case unicode.Is(unicode.Variation_Selector, r): // they make an emoji of a sign
		return false
	}
	return !unicode.IsPrint(r)
}
