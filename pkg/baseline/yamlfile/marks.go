package yamlfile

import (
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// MaxMarks is the most that a YAML file may have of what CountMarks counts. Nobody
// can count the values of YAML without parsing the YAML, and the parser takes up to
// 830 bytes for a mark. A rule has at most twenty marks, as an exception that is
// written like JSON. Files are read by the command alone; what the functions read
// is JSON.
const MaxMarks = 20 * baseline.MaxRules

// CountMarks counts the marks of YAML that begin something: an item, a field, a
// list, an object, a comment. Each begins at most three nodes, as "? " does: an
// object, a key and a value. Marks within strings count too, but not the colons of
// an address or a time, nor the hyphens of an id.
func CountMarks(data []byte) int {
	count := 0
	for i, c := range data {
		next, previous := byte('\n'), byte('\n')
		if i+1 < len(data) {
			next = data[i+1]
		}
		if i > 0 {
			previous = data[i-1]
		}
		switch c {
		case ',', '[', '{', '#':
			count++
		case '-', '?':
			if strings.IndexByte(" \t\r\n", next) >= 0 {
				count++
			}
		case ':':
			if !isWithinWord(previous, next) {
				count++
			}
		}
	}
	return count
}

// isWithinWord reports whether a colon between two bytes is part of a plain word,
// such as 2001:db8::/32 or 09:00:00Z.
func isWithinWord(previous, next byte) bool {
	const word = ":0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return strings.IndexByte(word, previous) >= 0 && (next == '/' || strings.IndexByte(word, next) >= 0)
}
