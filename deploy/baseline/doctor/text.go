package doctor

import (
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// colours are those of the states, where people want colours.
var colours = map[Status]string{OK: terminal.Green, Warn: terminal.Yellow, Fail: terminal.Red, Unknown: terminal.Yellow}

// Text writes a line for each check. A hint stands under its check. The last line counts.
func Text(checks []Check, paint terminal.Paint) string {
	width := 0
	for _, c := range checks {
		width = max(width, len(c.Name))
	}
	var text strings.Builder
	count := map[Status]int{}
	for _, c := range checks {
		count[c.Status]++
		fmt.Fprintf(&text, "%s  %-*s  %s\n", paint(colours[c.Status], fmt.Sprintf("%-4s", c.Status)), width, c.Name, basefile.Printable(c.Found))
		if c.Hint != "" {
			fmt.Fprintf(&text, "      %-*s  -> %s\n", width, "", basefile.Printable(c.Hint))
		}
	}
	fmt.Fprintf(&text, "%s: %d ok, %s, %s, %d could not be checked\n", words.Count(len(checks), "check"),
		count[OK], words.Count(count[Warn], "warning"), words.Count(count[Fail], "failure"), count[Unknown])
	return text.String()
}
