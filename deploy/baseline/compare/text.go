package compare

import (
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// RemarksText writes remarks for people, and an empty line behind them.
func RemarksText(remarks []string) string {
	if len(remarks) == 0 {
		return ""
	}
	return "! " + strings.Join(remarks, "\n! ") + "\n\n"
}

// Text writes groups for people, an empty line behind each.
func Text(paint terminal.Paint, groups []Group) string {
	var b strings.Builder
	for _, g := range groups {
		b.WriteString(paint(terminal.Bold, strings.TrimSpace(g.Name()+" "+g.ID())))
		if g.File != "" {
			b.WriteString("  " + g.File)
		}
		b.WriteString("\n")
		for _, remark := range g.Remarks {
			b.WriteString("  ! " + remark + "\n")
		}
		width := widest(g.Changes)
		for _, c := range g.Changes {
			b.WriteString("  " + c.Text(paint, width) + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// widest is how far rules that have something said of them reach, within reason.
func widest(changes []Difference) int {
	width := 0
	for _, c := range changes {
		if c.Says != "" {
			width = max(width, min(len(c.Rule), 60))
		}
	}
	return width
}

func (c Difference) Text(paint terminal.Paint, width int) string {
	says := ""
	if c.Says != "" {
		says = strings.Repeat(" ", max(0, width-len(c.Rule))) + "  # " + c.Says
	}
	switch c.Kind {
	case ruleAdded:
		return paint(terminal.Green, "+ "+c.Rule) + says
	case ruleRemoved:
		return paint(terminal.Red, "- "+c.Rule) + says
	case SettingChanged:
		return paint(terminal.Yellow, fmt.Sprintf("~ %s: %s -> %s", c.Setting, words.OrNone(c.From), words.OrNone(c.To)))
	case descriptionChanged:
		return paint(terminal.Yellow, fmt.Sprintf("~ %s: description %q -> %q", c.Rule, c.From, c.To))
	}
	return paint(terminal.Yellow, "? "+c.Rule) + says
}
