package review

import (
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
)

func (w writer) reverted() (page.Section, error) {
	if why := w.Reverts.NotRead; why != "" {
		return w.section("reverted", "", page.Notice{Status: page.Medium, Label: w.T("not-read"), Text: w.remarkText(why)})
	}
	t := page.Table{
		Caption: w.T("reverted-caption"), Empty: w.T("reverted-none"),
		Columns: []page.Column{{Name: w.T("time")}, {Name: w.T("group")}, {Name: w.T("what")}, {Name: w.T("who")}},
	}
	if w.Reverts.BySweeps > 0 {
		t.Empty = ""
	}
	for _, e := range w.Reverts.Events {
		t.Rows = append(t.Rows, w.revertedRows(e)...)
	}
	parts := []page.Part{t}
	if n := w.Reverts.BySweeps; n > 0 {
		parts = append(parts, page.Notice{Status: page.Low, Label: w.T("remark"), Text: w.N("by-sweeps", n)})
	}
	for _, line := range w.Reverts.Skipped {
		parts = append(parts, page.Notice{Status: page.Medium, Label: w.T("remark"), Text: w.T("skipped", line)})
	}
	s, err := w.section("reverted", w.count(w.Reverts.Count()), parts...)
	s.Lead = w.T("reverted-lead", w.Time(w.Since), w.Time(w.MadeAt), w.Reverts.From)
	return s, err
}

// revertedRows has one row a rule, so that searching and sorting find each.
func (w writer) revertedRows(e reverts.Revert) []page.Row {
	who := page.Cell{Text: w.T("by-nobody")}
	if e.Actor != "" {
		who.Text = w.principal(e.Actor)
	}
	who.Note = strings.TrimSpace(e.EventName + " " + e.EventID)
	row := func(what page.Cell) page.Row {
		return page.Row{w.timeCell(e.Time), nameCell(e.GroupName, e.GroupID), what, who}
	}
	var rows []page.Row
	for _, one := range e.Rules {
		did := w.T("revoked")
		if one.Restored {
			did = w.T("restored")
		}
		rows = append(rows, row(ruleCell(one.Text, did)))
	}
	if e.More > 0 {
		rows = append(rows, row(page.Text(w.N("and-more", e.More))))
	}
	return rows
}

func (w writer) unguarded() (page.Section, error) {
	t := page.Table{
		Caption: w.T("unguarded-caption"), Empty: w.T("unguarded-none"),
		Columns: []page.Column{{Name: w.T("group")}, {Name: "VPC"}, {Name: w.T("live-rules"), Number: true}, {Name: w.T("guardrail")}},
	}
	for _, g := range w.Groups {
		if g.Status != overview.NoBaseline {
			continue
		}
		guardrail := page.Cell{Text: w.T("breaks-none"), Status: page.Plain}
		if n := g.Drift.Violating; n > 0 {
			guardrail = page.Cell{Text: w.N("breaks", n), Status: page.High, Link: "drift"}
		}
		t.Rows = append(t.Rows, page.Row{nameCell(g.Name(), g.ID()), page.Code(g.VpcID), page.Text(w.Number(g.Live)), guardrail})
	}
	s, err := w.section("unguarded", w.count(len(t.Rows)), t)
	if len(t.Rows) == 0 {
		s.Lead = ""
	}
	return s, err
}

func (w writer) picture() (page.Section, error) {
	if w.drawing == (Drawing{}) {
		return page.Section{}, nil
	}
	var parts []page.Part
	if w.drawing.Note != "" {
		parts = append(parts, page.Notice{Status: page.Low, Label: w.T("remark"), Text: w.remarkText(w.drawing.Note)})
	}
	if w.drawing.SVG != "" {
		svg, err := page.Execute(templates, "picture", map[string]any{"SVG": inline(w.drawing.SVG), "Label": w.T("picture-wide")})
		if err != nil {
			return page.Section{}, err
		}
		parts = append(parts, page.Raw(svg))
	}
	words, err := page.Execute(templates, "words", w.drawing.Text)
	if err != nil {
		return page.Section{}, err
	}
	parts = append(parts, page.Details{Title: w.T("picture-text"), Body: words, Open: w.drawing.SVG == ""})
	return w.section("reach", "", parts...)
}
