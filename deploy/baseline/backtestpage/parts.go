package backtestpage

import (
	"embed"
	"html/template"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

//go:embed frame/*.html
var files embed.FS

//go:embed frame/backtest.css
var css string

var templates = template.Must(page.Templates().ParseFS(files, "frame/timeline.html", "frame/parts.html"))

// part runs a template of this package.
func part(name string, data any) (page.Raw, error) {
	markup, err := page.Execute(templates, name, data)
	return page.Raw(markup), err
}

// step is one thing to do next.
type step struct{ Link, Label, Text string }

// times is somebody and how often.
type times struct{ Name, Times string }

// approval is a rule to decide on, with the commands that approve it.
type approval struct {
	Rule, Group, Times string
	Command            page.Command
	Entry              *page.Command // the line of a baseline's file; nil where the group has no baseline
}

// legend is what a fill of the timeline means.
type legend struct{ Kind, Text string }
