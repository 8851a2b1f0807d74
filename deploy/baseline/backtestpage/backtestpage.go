// Package backtestpage writes the HTML page of a backtest: what sgwarden would have done about a history of calls,
// when, to whom, and what to do next. The page is bounded however long the history is: it says where the rest is.
package backtestpage

import (
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
)

// Backtest is what a page shows.
type Backtest struct {
	Lang      page.Lang
	Generated time.Time
	History   []string // where the history was read, as people named it: paths, s3://bucket/prefix
	Documents string   // where the baselines were read: a path, or Parameter Store
	Records   int64    // of CloudTrail that were read, whatever they are about
	Bytes     int64    // that these records have
	Skipped   []Skipped
	Result    replay.Result
	Reverts   *Reverts // to which the replay gave each revert
}

// Skipped is a file that was not read, and why.
type Skipped struct{ File, Reason string }

// How much a page lists.
const (
	mostReverts   = 2000
	mostRows      = 200
	mostApprovals = 100
	mostSkipped   = 500
)

// Write writes the page. An error means that the page could not be written.
func Write(w io.Writer, b Backtest) error {
	if b.Reverts == nil {
		b.Reverts = &Reverts{}
	}
	v := view{Backtest: b, Language: page.Words(b.Lang, texts)}
	summary, err := v.summary()
	if err != nil {
		return err
	}
	d := page.Document{
		Lang: v.Language.Lang, Title: v.T("title"), Lead: v.T("lead"), MadeBy: "sgwarden backtest", Generated: b.Generated,
		Facts: v.facts(), Summary: summary, CSS: template.CSS(css),
	}
	for _, make := range []func() (page.Section, error){
		v.timelineSection, v.actorsSection, v.groupsSection, v.rulesSection, v.contentionSection, v.approvalsSection,
		v.revertsSection, v.notJudgedSection, v.skippedSection, v.assumptionsSection,
	} {
		s, err := make()
		if err != nil {
			return err
		}
		if s.Body != "" {
			d.Sections = append(d.Sections, s)
		}
	}
	return page.Render(w, d)
}

// view is a backtest in a language.
type view struct {
	Backtest
	page.Language
}

// section makes a section of parts.
func (v view) section(id string, count int, parts ...page.Part) (page.Section, error) {
	body, err := page.Compose(parts...)
	if err != nil {
		return page.Section{}, fmt.Errorf("write the section %s: %w", id, err)
	}
	s := page.Section{ID: id, Title: v.T(id), Lead: v.T(id + "-lead"), Body: body}
	if count > 0 {
		s.Count = v.Number(count)
	}
	return s, nil
}

// more says how many rows are left out of a table.
func (v view) more(all, most int) string {
	if all <= most {
		return ""
	}
	return v.N("more", all-most)
}

// number is a cell with a count.
func (v view) number(n int64) page.Cell {
	return page.Cell{Text: v.Number(int(n)), Sort: fmt.Sprint(n)}
}

// moment is a cell with a time. The heading of its column says UTC.
func (v view) moment(at time.Time) page.Cell {
	return page.Cell{Text: v.Moment(at), Sort: at.UTC().Format(time.RFC3339)}
}
