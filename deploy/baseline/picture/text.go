package picture

import (
	"fmt"
	"strings"
)

// Text returns the picture in words, for those who can't see it.
func (p Picture) Text() string {
	var b strings.Builder
	b.WriteString(p.title() + "\n")
	if p.Note != "" {
		b.WriteString(capital(p.Note) + ".\n")
	}
	for _, n := range p.Nodes {
		p.writeNode(&b, n)
	}
	return b.String()
}

// writeNode writes a node and what leads to it.
func (p Picture) writeNode(b *strings.Builder, n Node) {
	fmt.Fprintf(b, "\n%s%s\n", n, p.distanceText(n))
	for _, note := range n.Notes {
		fmt.Fprintf(b, "  %s\n", printable(note))
	}
	reached := false
	for _, e := range p.Edges {
		if e.To == n.Key {
			reached = true
			fmt.Fprintf(b, "  from %s: %s\n", p.node(e.From), p.about(e))
		}
	}
	if !reached && n.Kind == Grouped {
		b.WriteString("  from nowhere\n")
	}
}

// distanceText says how far a node is from the internet.
func (p Picture) distanceText(n Node) string {
	switch {
	case n.Kind == Internet || n.Distance == unreached:
		return ""
	case n.Distance == 1:
		return ", 1 step from the internet"
	}
	return fmt.Sprintf(", %d steps from the internet", n.Distance)
}

// about says what an edge permits, and how.
func (p Picture) about(e Edge) string {
	text := e.Ports
	for _, more := range []string{e.stateText(p.now), e.OneSide} {
		if more != "" {
			text += ", " + more
		}
	}
	return text
}

// sentence is an edge in one line.
func (p Picture) sentence(e Edge) string {
	return fmt.Sprintf("%s to %s: %s", p.node(e.From), p.node(e.To), p.about(e))
}
