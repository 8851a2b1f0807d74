// Package nearest finds what somebody meant who mistyped a word.
package nearest

import (
	"slices"
	"strings"
)

// maxDistance is how many letters may be wrong.
const maxDistance = 2

// minPrefix is how many letters a word needs before words that begin with the word
// are near: one letter begins too many.
const minPrefix = 2

// To returns the candidate that is nearest to a word, and "" where no candidate is
// near: at most two letters wrong, missing or too many, or the word begins the
// candidate. Upper and lower case are the same. Of equals one with the same letters is
// nearest, as puhs is nearer to push than to pull, and else the first in the alphabet.
func To(word string, candidates []string) string {
	word = strings.ToLower(word)
	best, distance := "", maxDistance+1
	begun := ""
	for _, candidate := range slices.Sorted(slices.Values(candidates)) {
		lower := strings.ToLower(candidate)
		if begun == "" && len(word) >= minPrefix && strings.HasPrefix(lower, word) {
			begun = candidate
		}
		// A short word is near to every other short word.
		d := Distance(word, lower)
		isNearer := d < distance || d == distance && sameLetters(word, lower) && !sameLetters(word, strings.ToLower(best))
		if isNearer && d <= maxDistance && d < len(word) {
			best, distance = candidate, d
		}
	}
	if best != "" {
		return best
	}
	return begun
}

// sameLetters reports whether two words differ in the order of their letters only.
func sameLetters(a, b string) bool {
	return slices.Equal(slices.Sorted(slices.Values([]byte(a))), slices.Sorted(slices.Values([]byte(b))))
}

// Distance returns how many letters must be put in, taken out or replaced to make b of
// a (Levenshtein). It counts bytes, which for other alphabets is more than letters.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
