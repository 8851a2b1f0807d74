package review

import (
	"bytes"
	_ "embed" // the templates and the style
	"fmt"
	"html/template"
	"io"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

// Drawing is the picture of the groups. The zero value is none.
type Drawing struct {
	SVG  template.HTML // as package picture makes it, which escapes names
	Text string        // the same in words
	Note string        // such as how groups were put together, or why there is no picture
}

//go:embed review.html
var ownTemplates string

//go:embed review.css
var ownStyle string

var templates = template.Must(page.Templates().Parse(ownTemplates))

// writer makes the page of one review in one language.
type writer struct {
	*Review
	page.Language
	drawing Drawing
}

// HTML writes the review as one page that needs nothing else. The page holds what the next
// review compares itself with.
func (r *Review) HTML(w io.Writer, lang page.Lang, drawing Drawing) error {
	made := writer{r, page.Words(lang, texts), drawing}
	document, err := made.document()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.Render(&b, document); err != nil {
		return err
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the page of the review: %w", err)
	}
	return nil
}

func (w writer) document() (page.Document, error) {
	summary, err := w.summary()
	if err != nil {
		return page.Document{}, err
	}
	d := page.Document{
		Lang: w.Lang, Title: w.T("title"), Lead: w.T("lead"), MadeBy: "sgwarden report", Generated: w.MadeAt,
		Facts: w.facts(), Summary: summary, CSS: template.CSS(ownStyle), // the file is ours
	}
	// In the order in which an auditor asks.
	for _, section := range []func() (page.Section, error){
		w.drift, w.approvals, w.reverted, w.unguarded, w.picture, w.approved, w.advice, w.covered, w.sources,
	} {
		s, err := section()
		if err != nil {
			return page.Document{}, err
		}
		if s.ID != "" {
			d.Sections = append(d.Sections, s)
		}
	}
	return d, nil
}

func (w writer) facts() []page.Fact {
	account := w.Where.Account
	if w.Where.Alias != "" {
		account += " (" + w.Where.Alias + ")"
	}
	return []page.Fact{
		{Name: w.T("account"), Value: account},
		{Name: w.T("region"), Value: w.Where.Region},
		{Name: w.T("made-at"), Value: w.Time(w.MadeAt)},
		{Name: w.T("period"), Value: w.T("from-to", w.Day(w.Since), w.Day(w.MadeAt))},
		{Name: w.T("prefix"), Value: w.Where.Prefix},
	}
}

// section composes a section of parts.
func (w writer) section(id, count string, parts ...page.Part) (page.Section, error) {
	body, err := page.Compose(parts...)
	s := page.Section{ID: id, Title: w.T(id + "-title"), Count: count, Body: body}
	if _, known := texts[id+"-lead"]; known && id != "reverted" {
		s.Lead = w.T(id + "-lead")
	}
	return s, err
}

// count is how much is in a section; empty for nothing.
func (w writer) count(n int) string {
	if n == 0 {
		return ""
	}
	return w.Number(n)
}
