package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
)

// HasFindings reports whether a rule is a violation, or may be one.
func (x Explanation) HasFindings() bool {
	return slices.ContainsFunc(x.Rules, func(j JudgedRule) bool { return j.Verdict == VerdictViolation || j.Verdict == verdictUnclear })
}

// Text writes an explanation for people.
func (x Explanation) Text(paint terminal.Paint) string {
	var text strings.Builder
	for _, line := range []struct{ name, value string }{
		{"event", strings.TrimSpace(x.EventName + " " + x.EventID)}, {"group", x.GroupID}, {"judged by", x.judgedBy()}, {"nothing to do", x.NothingToDo},
	} {
		if line.value != "" {
			fmt.Fprintf(&text, "%s: %s\n", line.name, line.value)
		}
	}
	for _, j := range x.Rules {
		colour := map[string]string{verdictPermitted: terminal.Green, VerdictViolation: terminal.Red, verdictRemoved: terminal.Yellow, verdictUnclear: terminal.Yellow}[j.Verdict]
		fmt.Fprintf(&text, "%s: %s\n  %s\n  enforcement: %s\n", paint(colour, j.Verdict), strings.TrimSpace(j.Rule+" "+j.RuleID), j.Reason, j.Would)
	}
	for _, line := range x.NotCanonical {
		fmt.Fprintf(&text, "can't be judged: %s\n", line)
	}
	for _, line := range x.Notes {
		fmt.Fprintf(&text, "note: %s\n", line)
	}
	return text.String()
}

func (x Explanation) judgedBy() string {
	if x.Version == 0 {
		return x.JudgedBy
	}
	return fmt.Sprintf("%s, version %d", x.JudgedBy, x.Version)
}
