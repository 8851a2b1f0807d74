package picture

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// DOT returns the picture in Graphviz's language (https://graphviz.org/doc/info/lang.html),
// layered from the internet inwards.
func (p Picture) DOT() string {
	var b strings.Builder
	b.WriteString("digraph sgwarden {\n" +
		"  graph [rankdir=LR, nodesep=0.35, ranksep=0.9, bgcolor=\"#ffffff\", pad=0.3, fontname=\"Arial\", fontsize=12]\n" +
		"  node [shape=box, style=\"filled,rounded\", margin=\"0.2,0.09\", fontname=\"Arial\", fontsize=12, penwidth=1.2]\n" +
		"  edge [fontname=\"Arial\", fontsize=10.5, arrowsize=0.8]\n")
	if p.Note != "" {
		fmt.Fprintf(&b, "  label=%s\n", dotText(wrapped(p.Note, mostNoteLine)...))
	}
	keys := map[string]string{}
	for i, n := range p.Nodes {
		keys[n.Key] = fmt.Sprintf("n%d", i)
		fmt.Fprintf(&b, "  n%d [id=\"n%d\", label=%s, tooltip=%s, class=%q, %s]\n", i, i, dotText(n.lines()...), dotText(n.String()), string(n.Kind), nodeLooks[n.Kind].dot())
	}
	p.writeLayers(&b, keys)
	for i, e := range p.Edges {
		if e.aside {
			continue
		}
		fmt.Fprintf(&b, "  %s -> %s [id=\"e%d\", label=%s, tooltip=%s, class=%q, %s%s]\n", keys[e.From], keys[e.To], i,
			dotText(e.lines(p.now)...), dotText(p.sentence(e)), string(e.State), edgeLooks[e.State].dot(e), p.constraint(e))
	}
	b.WriteString("}\n")
	return b.String()
}

// writeLayers keeps nodes of one distance from the internet in one layer.
func (p Picture) writeLayers(b *strings.Builder, keys map[string]string) {
	layers := map[int][]string{}
	for _, n := range p.Nodes {
		if n.Distance != unreached && (n.Kind == Grouped || n.Kind == Box || n.Kind == Internet) {
			layers[n.Distance] = append(layers[n.Distance], keys[n.Key])
		}
	}
	for _, distance := range slices.Sorted(maps.Keys(layers)) {
		fmt.Fprintf(b, "  {rank=same; %s}\n", strings.Join(layers[distance], "; "))
	}
}

// constraint keeps an edge that does not lead inwards from moving the layers.
func (p Picture) constraint(e Edge) string {
	from, to := p.node(e.From).Distance, p.node(e.To).Distance
	if from != unreached && to != unreached && from >= to {
		return ", constraint=false"
	}
	return ""
}

// dotText quotes lines as one label. In DOT a backslash begins an escape, and & begins an
// HTML entity; nothing else has a meaning within quotes.
func dotText(lines ...string) string {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteString(`\n`)
		}
		b.WriteString(dotEscapes.Replace(printable(line)))
	}
	return `"` + b.String() + `"`
}

var dotEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;")
