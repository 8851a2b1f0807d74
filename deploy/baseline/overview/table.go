package overview

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Text writes the overview for people: where it is, what holds for all groups, a table,
// and a summary.
func (o *Overview) Text(paint terminal.Paint, now time.Time) string {
	text := paint(terminal.Bold, o.Identity.String()) + "\n"
	for _, remark := range o.Remarks {
		text += "! " + remark + "\n"
	}
	if len(o.Groups) > 0 {
		text += "\n" + o.table(now) + "\n"
	}
	return text + o.summary() + "\n"
}

// table writes a line for each group, and the group's remarks below.
func (o *Overview) table(now time.Time) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	// A strings.Builder takes all that it is given, and so does a Writer over it.
	_, _ = fmt.Fprintln(w, "NAME\tID\tMODE\tGUARDS\tRULES\tDRIFT\tAPPROVALS\tLAST CHANGE")
	for _, r := range o.Groups {
		_, _ = fmt.Fprintln(w, strings.Join([]string{
			dash(r.Name()), r.ID(), dash(r.modeText()), r.guardsText(), r.rulesText(), r.driftText(), r.approvalsText(now), r.writtenText(now),
		}, "\t"))
	}
	_ = w.Flush()
	var table strings.Builder
	for i, line := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		table.WriteString(strings.TrimRight(line, " ") + "\n")
		if i > 0 { // below the heading
			for _, remark := range o.Groups[i-1].Remarks {
				table.WriteString("  ! " + strings.ReplaceAll(remark, "\n", "; ") + "\n")
			}
		}
	}
	return table.String()
}

// dash stands for nothing. A name that somebody wrote into a document may have anything in
// it; what is not printable would spoil the table.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

func (r Row) modeText() string {
	switch {
	case r.Status == NoBaseline && r.Mode != "":
		return r.Mode + " (guardrail)"
	case r.Status == NoBaseline:
		return "none"
	case r.Status == Broken:
		return "broken"
	}
	return r.Mode
}

func (r Row) guardsText() string {
	if r.Status == NoBaseline {
		return "no baseline"
	}
	return dash(strings.Join(r.Guards, ", "))
}

func (r Row) rulesText() string {
	if r.Status == NoBaseline || r.Status == Broken {
		return "-"
	}
	return fmt.Sprint(r.Rules)
}

func (r Row) driftText() string {
	switch r.Status {
	case NoGroup:
		return "no such group"
	case NoList:
		return "no such list"
	case Broken:
		return "not known"
	}
	return driftText(r.Drift)
}

func driftText(d compare.Drift) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{d.Violating, "violating"}, {d.InGrace, "in grace"}, {d.Missing, "missing"}, {d.NotCanonical, "unreadable"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return dash(strings.Join(parts, ", "))
}

func (r Row) approvalsText(now time.Time) string {
	if r.NextEnd == nil {
		return "-"
	}
	ends := words.Clock(*r.NextEnd, now)
	if r.Approvals == 1 {
		return "1, ends " + ends
	}
	return fmt.Sprintf("%d, next ends %s", r.Approvals, ends)
}

func (r Row) writtenText(now time.Time) string {
	if r.Baseline == nil {
		return "-"
	}
	by := "unknown"
	if r.Baseline.ModifiedBy != "" {
		by = r.Baseline.ModifiedBy[strings.LastIndexAny(r.Baseline.ModifiedBy, "/:")+1:]
	}
	return words.Clock(r.Baseline.ModifiedAt, now) + " by " + by
}

// summary counts the groups in one line.
func (o *Overview) summary() string {
	count := map[Status]int{}
	differ, lists := 0, 0
	for _, r := range o.Groups {
		if r.IsList() {
			lists++
		}
		count[r.Status]++
		if r.Differs() {
			differ++
		}
	}
	text := words.Count(len(o.Groups)-lists, "group")
	if lists > 0 {
		text += " and " + words.Count(lists, "prefix list")
	}
	for _, part := range []struct {
		n    int
		what string
	}{
		{count[Guarded], "guarded"},
		{count[NoBaseline], "without a baseline"},
		{count[NoGroup], "with a baseline and no such group"},
		{count[NoList], "with a baseline and no such prefix list"},
		{count[Broken], "with a baseline that can't be used"},
		{differ, "to look at (baseline diff says what differs)"},
	} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	return text
}
