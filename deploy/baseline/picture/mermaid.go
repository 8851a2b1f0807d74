package picture

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mermaid returns the picture as a Mermaid flowchart (https://mermaid.js.org), which
// GitHub draws in Markdown.
func (p Picture) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	keys := map[string]string{}
	for i, n := range p.Nodes {
		keys[n.Key] = fmt.Sprintf("n%d", i)
		opening, closing := mermaidShape(n.Kind)
		fmt.Fprintf(&b, "  n%d%s%s%s\n", i, opening, mermaidText(n.lines()...), closing)
	}
	for _, e := range p.Edges {
		if e.aside {
			continue
		}
		fmt.Fprintf(&b, "  %s %s|%s| %s\n", keys[e.From], mermaidArrow(e), mermaidText(e.lines(p.now)...), keys[e.To])
	}
	p.writeStyles(&b)
	if p.Note != "" {
		fmt.Fprintf(&b, "  note[%s]\n  style note fill:#ffffff,stroke:none,color:%s\n", mermaidText(wrapped(p.Note, mostNoteLine)...), ink)
	}
	return b.String()
}

func mermaidShape(k Kind) (opening, closing string) {
	switch k {
	case Internet:
		return "([", "])"
	case Addresses, PrefixList:
		return "[", "]"
	case Box:
		return "[[", "]]"
	}
	return "(", ")"
}

func mermaidArrow(e Edge) string {
	switch {
	case e.OneSide != "":
		return "--x"
	case e.State == Missing || e.State == Ending:
		return "-.->"
	case e.State == Violating:
		return "==>"
	}
	return "-->"
}

func (p Picture) writeStyles(b *strings.Builder) {
	of := map[Kind][]string{}
	for i, n := range p.Nodes {
		of[n.Kind] = append(of[n.Kind], fmt.Sprintf("n%d", i))
	}
	for _, kind := range slices.Sorted(maps.Keys(of)) {
		l, dash := nodeLooks[kind], ""
		if kind == Other {
			dash = ",stroke-dasharray:4 3"
		}
		fmt.Fprintf(b, "  classDef %s fill:%s,stroke:%s,color:%s%s\n  class %s %s\n", kind, l.fill, l.line, ink, dash, strings.Join(of[kind], ","), kind)
	}
	drawn := 0 // edges, by whose number Mermaid knows them
	for _, e := range p.Edges {
		if e.aside {
			continue
		}
		l, dash := edgeLooks[e.State], ""
		if l.dash != "" {
			dash = ",stroke-dasharray:" + l.dash
		}
		if e.State != Permitted {
			fmt.Fprintf(b, "  linkStyle %d stroke:%s,stroke-width:%gpx%s\n", drawn, l.colour, l.width, dash)
		}
		drawn++
	}
}

// mermaidText quotes lines as one label. Mermaid reads #NUMBER; as a character, also
// within quotes (https://mermaid.js.org/syntax/flowchart.html, "Entity codes to escape
// characters"). Everything but letters, digits and harmless punctuation is written so.
func mermaidText(lines ...string) string {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteString("<br>")
		}
		for _, r := range printable(line) {
			if isHarmless(r) {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "#%d;", r)
			}
		}
	}
	return `"` + b.String() + `"`
}

func isHarmless(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return letter || strings.ContainsRune(" .,:/-()", r)
}
