package page

import (
	"html/template"
	"strings"
	"unicode/utf8"
)

// Table is a table with a caption and headings. Where the script runs, a table of more than a few rows has a search
// box, and each column sorts. On a narrow screen a table of more than three columns shows a row as a card.
type Table struct {
	Caption string
	Columns []Column
	Rows    []Row
	More    string // a sentence below, such as how many rows are left out; none where empty
	Empty   string // the sentence instead of a table without rows
}

// Column is one column of a table.
type Column struct {
	Name   string
	Number bool // to the right, sorted by value
}

// Row is one row. The first cell is its heading.
type Row []Cell

// Cell is what stands in a row under a column.
type Cell struct {
	Text   string
	Note   string        // a second, smaller line
	Code   bool          // an id, a rule, a command: in letters of one width
	Status Status        // with a sign before the text
	Sort   string        // what sorting compares instead of the text, such as a time in RFC 3339
	Link   string        // the ID of an element of this page; none where empty
	Body   template.HTML // markup of Compose or Execute, instead of Text; none where empty
}

// fewRows need no search box.
const fewRows = 6

// Tools says whether the script adds the search box.
func (t Table) Tools() bool { return len(t.Rows) > fewRows }

// Cards says whether the table is too wide for a narrow screen.
func (t Table) Cards() bool { return len(t.Columns) > 3 }

// Line is a row with the columns' names beside the cells.
type Line []struct {
	Cell
	Column Column
	Head   bool
}

// Lines returns the rows for the template. A row that has fewer cells than the table has columns ends early.
func (t Table) Lines() []Line {
	lines := make([]Line, len(t.Rows))
	for i, row := range t.Rows {
		lines[i] = make(Line, min(len(row), len(t.Columns)))
		for j := range lines[i] {
			lines[i][j].Cell, lines[i][j].Column, lines[i][j].Head = row[j], t.Columns[j], j == 0
		}
	}
	return lines
}

// How many characters stay on one line: of an id or a time, and of any word. sg-0a1b2c3d4e5f60718 has 20 characters,
// and what nobody sees counts as it is written out.
const (
	neverWrapped = 21
	longWord     = 14
)

// Breaks returns the class that says where a text may break: an id that is short nowhere, a long word anywhere, so that
// it can't make a table wider than the page, and all else between words.
func (c Cell) Breaks() string {
	if (c.Code || c.Sort != "") && isShort(c.Text) {
		return "whole"
	}
	return breaks(c.Text)
}

// noteBreaks returns the class of a note, which is often an id.
func noteBreaks(text string) string {
	if !strings.Contains(text, " ") && isShort(text) {
		return "whole"
	}
	return breaks(text)
}

func isShort(text string) bool { return utf8.RuneCountInString(Visible(text)) <= neverWrapped }

func breaks(text string) string {
	for word := range strings.FieldsSeq(Visible(text)) {
		if utf8.RuneCountInString(word) > longWord {
			return "long"
		}
	}
	return ""
}

// Text returns a cell of plain text.
func Text(text string) Cell { return Cell{Text: text} }

// Code returns a cell whose text is an id, a rule or a command.
func Code(text string) Cell { return Cell{Text: text, Code: true} }
