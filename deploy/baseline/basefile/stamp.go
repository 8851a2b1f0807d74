package basefile

import (
	"regexp"
	"slices"
	"strconv"
)

var (
	// stamp is the line that earlier versions of this command wrote into files, among the
	// comments that a file begins with.
	stamp = regexp.MustCompile(`\A\x{FEFF}?(?:#[^\n]*\n)*?(# version: (\d+)\r?(?:\n|\z))`)
	// shown is what baseline show prints above a document, in all its versions.
	shown = regexp.MustCompile(`\A\x{FEFF}?(# parameter: [^\n]*\n(?:# version: \d+\r?\n)?(?:# written: [^\n]*\n)?(?:# (?:in|e)gress is not guarded: [^\n]*\n)*)`)
)

// stampOf returns the version of a file's stamp, 0 where there is none.
func stampOf(data []byte) int64 {
	match := stamp.FindSubmatch(data)
	if match == nil {
		return 0
	}
	version, err := strconv.ParseInt(string(match[2]), 10, 64)
	if err != nil { // more digits than any version has
		return 0
	}
	return version
}

// WithoutStamp returns a file without the line with the stamp.
func WithoutStamp(data []byte) []byte { return without(stamp, data) }

// WithoutHead returns a file without the stamp, and without what baseline show printed
// above the document. Both name one version, and the file is to say another.
func WithoutHead(data []byte) []byte { return without(stamp, without(shown, data)) }

// without removes the first group of an expression.
func without(expression *regexp.Regexp, data []byte) []byte {
	at := expression.FindSubmatchIndex(data)
	if at == nil {
		return data
	}
	return slices.Concat(data[:at[2]], data[at[3]:])
}
