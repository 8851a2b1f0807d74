package picture

import (
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
)

// look is how a kind of node looks. Text on the fill has a contrast of 7 to 1 at least.
type look struct{ fill, line, style string }

var nodeLooks = map[Kind]look{
	Internet:   {"#dbeafe", "#1d4ed8", "filled"},
	Addresses:  {"#f1f5f9", "#475569", "filled"},
	PrefixList: {"#f1f5f9", "#475569", "filled"},
	Grouped:    {"#ffffff", "#334155", "filled,rounded"},
	Other:      {"#ffffff", "#64748b", "filled,rounded,dashed"},
	Box:        {"#f8fafc", "#334155", "filled,rounded,bold"},
}

const ink = "#0f172a"

func (l look) dot() string {
	return fmt.Sprintf("fillcolor=%q, color=%q, fontcolor=%q, style=%q", l.fill, l.line, ink, l.style)
}

// edgeLook is how the edges of a state look: never by the colour alone. style is
// Graphviz's, dash is the same in SVG and Mermaid. Text in the colour has a contrast of
// 4.5 to 1 at least on white.
type edgeLook struct {
	colour, style string
	width         float64
	dash          string
	about         string
}

var edgeLooks = map[State]edgeLook{
	Permitted: {"#334155", "solid", 1.4, "", "permitted for good"},
	Unguarded: {"#64748b", "solid", 0.9, "", "live, and no baseline guards it"},
	Ending:    {"#b45309", "dotted", 2.4, "2 4", "permitted until a time"},
	Violating: {"#b91c1c", "solid", 3.2, "", "live and not permitted"},
	Missing:   {"#475569", "dashed", 1.4, "7 4", "approved and not live"},
}

func (l edgeLook) dot(e Edge) string {
	head := "normal"
	if e.OneSide != "" {
		head = "onormal"
	}
	return fmt.Sprintf("color=%q, fontcolor=%q, style=%q, penwidth=%g, arrowhead=%s", l.colour, l.colour, l.style, l.width, head)
}

// printable is text in which nothing hides or breaks a line.
func printable(s string) string { return basefile.Printable(s) }
