// Package page holds what all HTML pages of the command share: the frame, the style, the script, the parts that
// pages are built of, and the words in English and Japanese.
//
// A page is one file. The file opens from a disk, a mail or a web server, asks no network for anything, prints on
// A4, and says everything without JavaScript. The script only adds a search box and sorting to the tables.
//
// All markup comes from html/template: what people wrote, such as a group's name, is escaped there and nowhere
// else. A page's package makes its sections of Parts, or of templates of its own on top of Templates.
package page

import (
	"fmt"
	"html/template"
	"io"
	"time"
)

// Document is what a page says.
type Document struct {
	Lang      Lang
	Title     string
	Lead      string    // one sentence below the title; none where empty
	MadeBy    string    // for the footer: the command that made the page, such as "sgwarden backtest"
	Generated time.Time // for the footer
	Facts     []Fact    // what the document is about: the account, the time that it covers
	Summary   template.HTML
	Sections  []Section

	// CSS is the style of this page alone. The frame's style comes before it. Use the colours of frame/page.css,
	// whose contrast is tested, by their names: var(--ink).
	CSS template.CSS
}

// Section is one chapter of a document. It has a heading and a line in the contents.
type Section struct {
	ID    string // for links within the page: small letters, digits and hyphens; no two the same
	Title string
	Count string // how much is in there, for the contents; none where empty
	Lead  string // a sentence or two below the heading; none where empty
	Body  template.HTML
}

// Fact is a name and its value.
type Fact struct{ Name, Value string }

// Render writes the document as one HTML file. An error means that the file could not be written, or that two
// sections have the same ID.
func Render(w io.Writer, d Document) error {
	if err := checkSections(d.Sections); err != nil {
		return err
	}
	style := pageCSS + string(d.CSS)
	err := shared.ExecuteTemplate(w, "page", map[string]any{
		"Document": d,
		"Words":    Words(d.Lang, own),
		"Policy":   policy(style, pageJS),
		"Style":    template.CSS(style), // the two files are ours
		"Script":   template.JS(pageJS), // the file is ours
	})
	if err != nil {
		return fmt.Errorf("write the page %q: %w", d.Title, err)
	}
	return nil
}

func checkSections(sections []Section) error {
	seen := map[string]bool{"summary": true, "content": true}
	for _, s := range sections {
		if s.ID == "" || seen[s.ID] {
			return fmt.Errorf("the section %q has the ID %q, which is empty or taken: a link could not find the section", s.Title, s.ID)
		}
		seen[s.ID] = true
	}
	return nil
}
