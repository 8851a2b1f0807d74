package page

import "html/template"

// Status is how good or bad something is. A page shows it as a word and a sign, and the colour only helps.
type Status string

// The statuses, the worst first. Plain has no sign.
const (
	Critical Status = "critical"
	High     Status = "high"
	Medium   Status = "medium"
	Low      Status = "low"
	Good     Status = "good"
	Plain    Status = ""
)

// Sign returns a character of its own for each status, so that nobody needs to see the colours.
func (s Status) Sign() string {
	return map[Status]string{Critical: "◆", High: "▲", Medium: "■", Low: "●", Good: "✓"}[s]
}

// Paragraph is a text of its own.
type Paragraph struct{ Text string }

// Heading divides a section.
type Heading struct{ Text string }

// Figures are the counts that a reader should see first.
type Figures []Figure

// Figure is one count.
type Figure struct {
	Value  string
	Label  string // what is counted
	Note   string // a second line, such as the change since the last report; none where empty
	Status Status
	Link   string // the ID of the section that says more; none where empty
}

// Notice is a sentence that must not be overlooked.
type Notice struct {
	Status Status
	Label  string // the word for the status, such as "Note"
	Text   string
}

// List is a list of sentences.
type List struct {
	Items   []string
	Ordered bool
}

// Command is a command to copy. It is shown as it is, and with a button where the script runs.
type Command struct {
	Label string // what the command does; none where empty
	Text  string
}

// Details is a long part that a reader opens. It is open on paper.
type Details struct {
	Title string
	Body  template.HTML
	Open  bool
}

// Raw is markup that a template of Templates made.
type Raw template.HTML

func (Paragraph) template() string { return "paragraph" }
func (Heading) template() string   { return "heading" }
func (Figures) template() string   { return "figures" }
func (Notice) template() string    { return "notice" }
func (List) template() string      { return "list" }
func (Command) template() string   { return "command" }
func (Details) template() string   { return "details" }
func (Raw) template() string       { return "raw" }
func (Table) template() string     { return "table" }

// Markup returns the markup as html/template takes it.
func (r Raw) Markup() template.HTML { return template.HTML(r) } // made by html/template
