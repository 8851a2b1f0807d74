package alert

import "strings"

// These forms are checked by hand. Compiling regular expressions takes as long as a good
// part of a function's start.

// isRegion reports whether a text is written like a region's name, such as us-gov-east-1.
func isRegion(s string) bool {
	first, rest, found := strings.Cut(s, "-")
	if !found || len(first) < 2 || !isAll(first, isLower) {
		return false
	}
	for part := range strings.SplitSeq(rest, "-") {
		if part == "" || !isAll(part, isLowerOrDigit) {
			return false
		}
	}
	return true
}

// isRuleID reports whether a text is the id of a security group's rule, such as sgr-0a1b.
func isRuleID(s string) bool {
	id, found := strings.CutPrefix(s, "sgr-")
	return found && id != "" && isAll(id, isLowerOrDigit)
}

// isEventID reports whether a text is written like an event's id: letters, digits and
// hyphens, of which none is the first.
func isEventID(s string) bool {
	return s != "" && s[0] != '-' && isAll(s, func(c byte) bool { return isLetterOrDigit(c) || c == '-' })
}

// isParameterName reports whether a text is a parameter's full name (SSM API reference,
// PutParameter, Name).
func isParameterName(s string) bool {
	name, found := strings.CutPrefix(s, "/")
	return found && name != "" && isAll(name, func(c byte) bool { return isLetterOrDigit(c) || strings.IndexByte("_./-", c) >= 0 })
}

// isAll reports whether each byte of a text is so.
func isAll(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

func isLowerOrDigit(c byte) bool { return isLower(c) || c >= '0' && c <= '9' }

func isLetterOrDigit(c byte) bool { return isLowerOrDigit(c) || c >= 'A' && c <= 'Z' }
