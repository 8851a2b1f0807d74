package review

import (
	"html/template"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

// figure is one count of the review beside that of the last.
type figure struct {
	key       string // of its words
	now, last int
	known     bool // now is known
	lastKnown bool
}

// all are the figures in the order of the table.
func (f Figures) all(last *Figures) []figure {
	was := Figures{}
	if last != nil {
		was = *last
	}
	var list []figure
	add := func(key string, now, before int) {
		list = append(list, figure{key, now, before, true, last != nil})
	}
	add("groups", f.Groups, was.Groups)
	add("guarded", f.Guarded, was.Guarded)
	add("without-baseline", f.WithoutBaseline, was.WithoutBaseline)
	add("prefix-lists", f.PrefixLists, was.PrefixLists)
	add("broken", f.Broken, was.Broken)
	add("orphaned", f.LeftOver, was.LeftOver)
	add("rules", f.Rules, was.Rules)
	add("drifting", f.Drifting, was.Drifting)
	add("violating", f.Violating, was.Violating)
	add("in-grace", f.InGrace, was.InGrace)
	add("missing", f.Missing, was.Missing)
	add("unreadable", f.NotCanonical, was.NotCanonical)
	add("active", f.Active, was.Active)
	add("ending-soon", f.EndingSoon, was.EndingSoon)
	add("ended", f.Ended, was.Ended)
	list = append(list, revertedFigure(f.Reverted, was.Reverted))
	add("advice-count", f.Advice, was.Advice)
	add("covered-count", f.Covered, was.Covered)
	return list
}

func revertedFigure(now, last *int) figure {
	one := figure{key: "reverted", known: now != nil, lastKnown: last != nil}
	if now != nil {
		one.now = *now
	}
	if last != nil {
		one.last = *last
	}
	return one
}

func (w writer) lastFigures() *Figures {
	if w.Last == nil {
		return nil
	}
	return &w.Last.Figures
}

// tiles are the figures that a reader should see first, and where each is explained.
var tiles = []struct {
	key, link string
	status    page.Status // where the count is not 0
}{
	{"groups", "approved", page.Plain},
	{"without-baseline", "unguarded", page.Medium},
	{"drifting", "drift", page.High},
	{"violating", "drift", page.High},
	{"active", "approvals", page.Plain},
	{"reverted", "reverted", page.Plain},
}

func (w writer) summary() (template.HTML, error) {
	all := w.Figures.all(w.lastFigures())
	var shown page.Figures
	for _, tile := range tiles {
		for _, f := range all {
			if f.key == tile.key {
				shown = append(shown, w.tile(f, tile.link, tile.status))
			}
		}
	}
	parts := []page.Part{shown}
	parts = append(parts, w.notices()...)
	trend, err := page.Compose(w.trend(all))
	if err != nil {
		return "", err
	}
	parts = append(parts, page.Details{Title: w.T("all-figures"), Body: trend})
	body, err := page.Compose(parts...)
	if err != nil {
		return "", err
	}
	saved, err := page.Execute(templates, "saved", w.Saved())
	return body + saved, err
}

func (w writer) tile(f figure, link string, status page.Status) page.Figure {
	one := page.Figure{Value: w.T("not-known"), Label: w.countedText(f.key, f.now), Link: link}
	if f.known {
		one.Value = w.Number(f.now)
		if f.now > 0 {
			one.Status = status
		} else if status == page.High && w.Figures.Guarded+w.Figures.PrefixLists > 0 {
			one.Status = page.Good
		}
	}
	switch {
	case f.key == "active" && w.Figures.EndingSoon > 0:
		one.Note = w.N("soon-of", w.Figures.EndingSoon)
	case !f.known || !f.lastKnown:
	case f.now == f.last:
		one.Note = w.T("no-change")
	default:
		one.Note = w.T("was", w.Number(f.last))
	}
	return one
}

// countedText is what is counted, in the singular for one.
func (w writer) countedText(key string, n int) string {
	if one := texts[key].One; n == 1 && one != "" && w.Lang == page.English {
		return one
	}
	return w.T(key)
}

// notices are the sentences that must not be overlooked.
func (w writer) notices() []page.Part {
	var parts []page.Part
	if n := w.Figures.Drifting; n > 0 {
		parts = append(parts, page.Notice{Status: page.High, Label: w.T("remark"), Text: w.N("drift-summary", n)})
	} else if w.Figures.Guarded+w.Figures.PrefixLists == 0 {
		parts = append(parts, page.Notice{Status: page.Medium, Label: w.T("remark"), Text: w.T("nothing-guarded")})
	} else {
		parts = append(parts, page.Notice{Status: page.Good, Label: "", Text: w.T("all-approved")})
	}
	if w.PausedUntil != nil {
		parts = append(parts, page.Notice{Status: page.High, Label: w.T("remark"), Text: w.T("paused", w.Time(*w.PausedUntil), w.pauseReason())})
	}
	for _, remark := range w.Remarks {
		if !w.isAboutPause(remark) { // which was written just above
			parts = append(parts, page.Notice{Status: page.Medium, Label: w.T("remark"), Text: w.remarkText(remark)})
		}
	}
	if w.Reverts.NotRead != "" {
		parts = append(parts, page.Notice{Status: page.Medium, Label: w.T("not-read"), Text: w.T("not-read-reverts")})
	}
	if w.Last == nil {
		parts = append(parts, page.Paragraph{Text: w.T("first")})
	}
	if w.Lang == page.Japanese {
		parts = append(parts, page.Paragraph{Text: w.T("quoted")})
	}
	return parts
}

// isAboutPause reports whether a remark says that sgwarden is paused, as account.PausedText writes it.
func (w writer) isAboutPause(remark string) bool {
	return w.PausedUntil != nil && strings.HasPrefix(remark, "sgwarden is paused until "+w.PausedUntil.Format(time.RFC3339))
}

// pauseReason is the reason of the pause with a space before it, in parentheses; empty where no remark has it.
func (w writer) pauseReason() string {
	for _, remark := range w.Remarks {
		if at, end := strings.Index(remark, " ("), strings.LastIndex(remark, ")"); w.isAboutPause(remark) && at >= 0 && end > at {
			return remark[at : end+1]
		}
	}
	return ""
}

// trend is the table of all figures.
func (w writer) trend(all []figure) page.Table {
	t := page.Table{Caption: w.T("figures"), Columns: []page.Column{{Name: w.T("figure")}, {Name: w.T("now"), Number: true}}}
	if w.Last != nil {
		t.Caption = w.T("trend", w.Time(w.Last.MadeAt))
		t.Columns = append(t.Columns, page.Column{Name: w.T("last"), Number: true}, page.Column{Name: w.T("change"), Number: true})
	}
	for _, f := range all {
		now, last, change := w.T("not-known"), w.T("not-known"), "–"
		if f.known {
			now = w.Number(f.now)
		}
		if f.lastKnown {
			last = w.Number(f.last)
		}
		if f.known && f.lastKnown {
			change = w.signed(f.now - f.last)
		}
		row := page.Row{page.Text(w.T(f.key)), page.Text(now)}
		if w.Last != nil {
			row = append(row, page.Text(last), page.Text(change))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// signed writes a change with its sign; the minus is that of mathematics.
func (w writer) signed(n int) string {
	switch {
	case n > 0:
		return "+" + w.Number(n)
	case n < 0:
		return "−" + w.Number(-n)
	}
	return "±0"
}
