package page

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed frame/*.html
var files embed.FS

//go:embed frame/page.css
var pageCSS string

//go:embed frame/page.js
var pageJS string

// pristine is never executed: html/template copies no template that has been.
var pristine = template.Must(template.New("").Funcs(template.FuncMap{"visible": Visible, "breaks": noteBreaks}).ParseFS(files, "frame/*.html"))

var shared = template.Must(pristine.Clone())

// Templates returns a copy of the shared templates, for a package to parse its own on top. A template of theirs
// shows a part by {{template "table" .Table}}, and text of strangers by {{visible .Name}}.
func Templates() *template.Template { return template.Must(pristine.Clone()) }

// Execute runs a template of Templates and returns its markup, which html/template has escaped.
func Execute(t *template.Template, name string, data any) (template.HTML, error) {
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("write the part %q of the page: %w", name, err)
	}
	return template.HTML(b.String()), nil // html/template wrote it
}

// Part is a piece of a page that this package can show.
type Part interface{ template() string }

// Compose returns the markup of the parts, one after the other.
func Compose(parts ...Part) (template.HTML, error) {
	var all template.HTML
	for _, p := range parts {
		markup, err := Execute(shared, p.template(), p)
		if err != nil {
			return "", err
		}
		all += markup
	}
	return all, nil
}
