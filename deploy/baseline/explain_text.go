package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
)

func (a *app) printExplanation(x explanation) error {
	var err error
	if a.output == "json" {
		err = a.printJSON(x)
	} else {
		_, err = io.WriteString(a.out, a.explanationText(x))
	}
	if err == nil && slices.ContainsFunc(x.Rules, func(j judgedRule) bool { return j.Verdict == verdictViolation || j.Verdict == verdictUnclear }) {
		err = errFindings
	}
	return err
}

func (a *app) explanationText(x explanation) string {
	var text strings.Builder
	paint := a.painter()
	for _, line := range []struct{ name, value string }{
		{"event", strings.TrimSpace(x.EventName + " " + x.EventID)}, {"group", x.GroupID}, {"judged by", x.judgedBy()}, {"nothing to do", x.NothingToDo},
	} {
		if line.value != "" {
			fmt.Fprintf(&text, "%s: %s\n", line.name, line.value)
		}
	}
	for _, j := range x.Rules {
		colour := map[string]string{verdictPermitted: terminal.Green, verdictViolation: terminal.Red, verdictRemoved: terminal.Yellow, verdictUnclear: terminal.Yellow}[j.Verdict]
		fmt.Fprintf(&text, "%s: %s\n  %s\n  enforcement: %s\n", paint(colour, j.Verdict), strings.TrimSpace(j.Rule+" "+j.RuleID), j.Reason, j.Would)
	}
	for _, line := range x.Unreadable {
		fmt.Fprintf(&text, "can't be judged: %s\n", line)
	}
	for _, line := range x.Notes {
		fmt.Fprintf(&text, "note: %s\n", line)
	}
	return text.String()
}

func (x explanation) judgedBy() string {
	if x.Version == 0 {
		return x.JudgedBy
	}
	return fmt.Sprintf("%s, version %d", x.JudgedBy, x.Version)
}
