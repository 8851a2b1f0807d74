package yamlfile

import (
	"bytes"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// parserTab is what the YAML parser says of a tab where it wants spaces. The line is at
// times the one before.
var parserTab = regexp.MustCompile(`^yaml: line (\d+): found (?:character that cannot start any token|a tab character)`)

// notYAML returns what is wrong with data that the YAML parser refuses. The parser's
// words for a tab are a riddle, so a tab where YAML wants spaces is named.
func notYAML(data []byte, err error) error {
	if match := parserTab.FindStringSubmatch(err.Error()); match != nil {
		near, _ := strconv.Atoi(match[1]) // digits; where too many of them, 0
		lines := bytes.SplitN(data, []byte("\n"), near+2)
		for number := max(near-1, 1); number <= min(near+1, len(lines)); number++ {
			line := lines[number-1]
			if at := tabIn(line); at >= 0 {
				return baseline.Refuse(number, 1+utf8.RuneCount(line[:at]), "YAML wants spaces here, and this is a tab")
			}
		}
	}
	return baseline.Refuse(0, 0, "not YAML: "+err.Error())
}

// tabIn returns where a line has a tab among the spaces and dashes that it begins with,
// -1 for none.
func tabIn(line []byte) int {
	for at, c := range line {
		switch c {
		case '\t':
			return at
		case ' ', '-':
		default:
			return -1
		}
	}
	return -1
}
