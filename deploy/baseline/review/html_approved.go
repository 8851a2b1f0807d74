package review

import (
	"strconv"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/advice"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

func (w writer) approved() (page.Section, error) {
	var parts []page.Part
	rules := 0
	for _, g := range w.Groups {
		if g.Status == overview.NoBaseline {
			continue
		}
		t := w.approvedTable(g)
		rules += len(t.Rows)
		parts = append(parts, page.Heading{Text: label(g)}, page.Paragraph{Text: w.about(g)}, t)
	}
	if len(parts) == 0 {
		parts = []page.Part{page.Paragraph{Text: w.T("approved-none")}}
	}
	return w.section("approved", w.count(rules), parts...)
}

// about says what holds for a whole baseline.
func (w writer) about(g Group) string {
	var said []string
	if g.Mode != "" {
		said = append(said, w.T("mode-"+g.Mode))
	}
	if len(g.Guards) > 0 {
		guards := make([]string, len(g.Guards))
		for i, direction := range g.Guards {
			guards[i] = w.T(direction)
		}
		said = append(said, w.T("guards", strings.Join(guards, ", ")))
	}
	if b := g.Baseline; b != nil {
		by := w.T("not-known")
		if b.ModifiedBy != "" {
			by = w.principal(b.ModifiedBy)
		}
		said = append(said, w.T("baseline-of", strconv.FormatInt(b.Version, 10), w.Time(b.ModifiedAt), by))
	}
	if g.File != "" {
		said = append(said, g.File)
	}
	return strings.Join(said, " · ")
}

func (w writer) approvedTable(g Group) page.Table {
	t := page.Table{
		Caption: w.T("approved-caption", label(g)), Empty: w.T("no-rules"),
		Columns: []page.Column{{Name: w.T("rule")}, {Name: w.T("status")}, {Name: w.T("approved-by")}, {Name: w.T("since")}},
	}
	if g.Status == overview.Broken {
		t.Empty = w.T("not-usable")
	}
	hasCommits := g.hasCommits()
	if hasCommits {
		t.Columns = append(t.Columns, page.Column{Name: w.T("commit")})
	}
	for _, one := range g.Rows {
		if !one.ForGood {
			continue
		}
		row := page.Row{
			ruleCell(one.Text, one.Description), {Text: w.T("status-" + string(one.Status)), Status: badness[one.Status]}, w.whoCell(one.Origin), w.sinceCell(one.Origin),
		}
		if hasCommits {
			row = append(row, w.commitCell(one))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (g Group) hasCommits() bool {
	for _, one := range g.Rows {
		if one.Commit != nil {
			return true
		}
	}
	return false
}

// whoCell says who approved a rule.
func (w writer) whoCell(o Origin) page.Cell {
	if o.By == "" {
		return page.Text(w.T("not-known"))
	}
	return page.Cell{Text: w.principal(o.By)}
}

func (w writer) sinceCell(o Origin) page.Cell {
	if !o.Known() {
		return page.Text(w.T("not-known"))
	}
	c := w.timeCell(o.At)
	c.Note = w.T("version", strconv.FormatInt(o.Version, 10))
	if o.OrEarlier {
		c.Note += ", " + w.T("or-earlier")
	}
	return c
}

func (w writer) commitCell(one Rule) page.Cell {
	if one.Commit == nil {
		return page.Text("–")
	}
	return page.Cell{Text: one.Commit.Short(), Code: true, Note: w.T("commit-by", one.Commit.Author, w.Day(one.Commit.At))}
}

func (w writer) advice() (page.Section, error) {
	return w.hints("advice", func(g Group) []advice.Hint { return g.Advice })
}

func (w writer) covered() (page.Section, error) {
	return w.hints("covered", func(g Group) []advice.Hint { return g.Covered })
}

func (w writer) hints(id string, of func(Group) []advice.Hint) (page.Section, error) {
	t := page.Table{
		Caption: w.T(id + "-caption"), Empty: w.T(id + "-none"),
		Columns: []page.Column{{Name: w.T("group")}, {Name: w.T("place")}, {Name: w.T("suggestion")}},
	}
	for _, g := range w.Groups {
		for _, h := range of(g) {
			position := page.Code(h.Path)
			if h.Path == "" {
				position = page.Text(w.T("whole"))
			}
			t.Rows = append(t.Rows, page.Row{nameCell(g.Name(), g.ID()), position, adviceCell(w.Language, h)})
		}
	}
	s, err := w.section(id, w.count(len(t.Rows)), t)
	if len(t.Rows) == 0 {
		s.Lead = ""
	}
	return s, err
}

func (w writer) sources() (page.Section, error) {
	reverts := w.T("source-none")
	switch {
	case w.Reverts.NotRead != "":
	case w.FromArchive:
		reverts = w.T("source-archive", w.Reverts.From)
	case w.Reverts.From != "":
		reverts = w.T("source-logs", w.Reverts.From)
	}
	git := "source-no-git"
	for _, g := range w.Groups {
		if g.hasCommits() {
			git = "source-git"
		}
	}
	return w.section("sources", "", page.List{Items: []string{
		w.T("source-live"), w.T("source-approved"), w.T("source-judgements"), w.T(git), w.T("source-reverts", reverts), w.T("source-approver"),
		w.T("asked-by") + ": " + words.OrNone(w.Where.ARN),
	}})
}
