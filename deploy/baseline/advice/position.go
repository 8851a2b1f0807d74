package advice

import "fmt"

// Position is where something stands; Line and Column are 0 where that is unknown.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Path   string `json:"path,omitempty"` // in the document, such as ingress[0]
}

// String is file:line:column and the path, as far as they are known.
func (p Position) String() string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	if p.Path != "" {
		at += ": " + p.Path
	}
	return at
}

// Hint is advice on what is at a position.
type Hint struct {
	Position
	Advice
}
