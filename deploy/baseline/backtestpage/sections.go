package backtestpage

import (
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
)

func (v view) timelineSection() (page.Section, error) {
	var shown []page.Part
	if v.total().Sum() > 0 {
		drawn, err := part("timeline", map[string]any{
			"Legend": v.legend(), "Charts": []chart{v.chart(wide), v.chart(narrow)}, "Caption": v.T("chart-caption"),
		})
		if err != nil {
			return page.Section{}, err
		}
		shown = append(shown, drawn)
	} else {
		shown = append(shown, page.Paragraph{Text: v.T("nothing-at-all")})
	}
	if table := v.daysTable(); len(table.Rows) > 0 {
		body, err := page.Compose(table)
		if err != nil {
			return page.Section{}, err
		}
		shown = append(shown, page.Details{Title: v.T("days-title"), Body: body})
	}
	return v.section("timeline", 0, shown...)
}

// legend explains the fills of the timeline that are there.
func (v view) legend() []legend {
	t, all := v.total(), []legend{}
	for _, l := range []struct {
		n    int64
		kind string
	}{{t.Reverted, "reverted"}, {t.Reported, "reported"}, {t.Pending, "pending"}} {
		if l.n > 0 {
			all = append(all, legend{l.kind, v.T("col-" + l.kind)})
		}
	}
	return all
}

// daysTable is the timeline as text: a line a day, or more days where there would be too many lines.
func (v view) daysTable() page.Table {
	t := page.Table{Caption: v.T("days-caption"), Columns: append([]page.Column{{Name: v.T("col-day")}, {Name: v.T("col-changes"), Number: true}}, v.tallyColumns()...)}
	for _, b := range bars(v.Result.ByDay, 400) {
		first := page.Cell{Text: v.days(b), Sort: b.First.Format("2006-01-02")}
		t.Rows = append(t.Rows, append(page.Row{first, v.number(b.Changes)}, v.tallyCells(b.Tally)...))
	}
	return t
}

// tallyColumns are the columns of a tally that have a count anywhere. Reverted has one always.
func (v view) tallyColumns() []page.Column {
	columns := []page.Column{{Name: v.T("col-reverted"), Number: true}}
	if t := v.total(); t.Reported > 0 {
		columns = append(columns, page.Column{Name: v.T("col-reported"), Number: true})
	}
	if t := v.total(); t.Pending > 0 {
		columns = append(columns, page.Column{Name: v.T("col-pending"), Number: true})
	}
	return columns
}

func (v view) tallyCells(t replay.Tally) []page.Cell {
	cells := []page.Cell{v.number(t.Reverted)}
	if v.total().Reported > 0 {
		cells = append(cells, v.number(t.Reported))
	}
	if v.total().Pending > 0 {
		cells = append(cells, v.number(t.Pending))
	}
	return cells
}

func (v view) actorsSection() (page.Section, error) {
	busy := v.busy()
	t := page.Table{
		Caption: v.T("actors-caption"), Columns: append(append([]page.Column{{Name: v.T("col-actor")}}, v.tallyColumns()...), page.Column{Name: v.T("col-changes"), Number: true}),
		More: v.more(len(busy), mostRows), Empty: v.T("nothing-at-all"),
	}
	for _, a := range busy[:min(len(busy), mostRows)] {
		t.Rows = append(t.Rows, append(append(page.Row{v.actorCell(a.Actor)}, v.tallyCells(a.Tally)...), v.number(a.Changes)))
	}
	parts := []page.Part{t}
	if calm := len(v.Result.ByActor) - len(busy); calm > 0 {
		parts = append(parts, page.Paragraph{Text: v.N("calm", calm)})
	}
	return v.section("actors", len(busy), parts...)
}

func (v view) groupsSection() (page.Section, error) {
	groups := v.Result.ByGroup
	t := page.Table{
		Caption: v.T("groups-caption"), Columns: append([]page.Column{{Name: v.T("col-group")}}, v.tallyColumns()...),
		More: v.more(len(groups), mostRows), Empty: v.T("nothing-at-all"),
	}
	t.Columns = append(t.Columns, page.Column{Name: v.T("col-judged-by")}, page.Column{Name: v.T("col-place")}, page.Column{Name: v.T("col-known")})
	for _, g := range groups[:min(len(groups), mostRows)] {
		row := append(page.Row{groupCell(g.GroupID, g.GroupName)}, v.tallyCells(g.Tally)...)
		t.Rows = append(t.Rows, append(row, page.Text(v.judgedBy(g.JudgedBy)), page.Cell{Text: g.Account, Note: g.Region}, page.Text(g.RulesKnown)))
	}
	return v.section("groups", len(groups), t)
}

func (v view) judgedBy(document string) string {
	switch document {
	case "baseline", "guardrail":
		return v.T(document)
	}
	return document
}

func (v view) rulesSection() (page.Section, error) {
	rules := v.Result.ByRule
	t := page.Table{
		Caption: v.T("rules-caption"), Columns: append([]page.Column{{Name: v.T("col-rule")}}, v.tallyColumns()...),
		More: v.more(len(rules), mostRows), Empty: v.T("nothing-at-all"),
	}
	for _, r := range rules[:min(len(rules), mostRows)] {
		t.Rows = append(t.Rows, append(page.Row{page.Code(r.Rule)}, v.tallyCells(r.Tally)...))
	}
	return v.section("rules", len(rules), t)
}

func (v view) contentionSection() (page.Section, error) {
	contentions := v.Result.Contentions
	t := page.Table{
		Caption: v.T("fights-caption"), More: v.more(len(contentions), mostRows), Empty: v.T("fights-none"),
		Columns: []page.Column{{Name: v.T("col-rule")}, {Name: v.T("col-group")}, {Name: v.T("col-times"), Number: true}, {Name: v.T("col-actor")}, {Name: v.T("col-first")}, {Name: v.T("col-last")}},
	}
	for _, f := range contentions[:min(len(contentions), mostRows)] {
		var who []times
		for _, a := range f.Actors {
			who = append(who, times{shortActor(a.Actor), fmt.Sprintf("× %s", v.Number(int(a.Times)))})
		}
		body, err := part("who", who)
		if err != nil {
			return page.Section{}, err
		}
		actors := page.Cell{Body: body.Markup()}
		t.Rows = append(t.Rows, page.Row{page.Code(f.Rule), groupCell(f.GroupID, f.GroupName), v.number(f.Times), actors, v.moment(f.First), v.moment(f.Last)})
	}
	return v.section("fights", len(contentions), t)
}
