package picture

import "strings"

// mostOutward is how many lines to the internet a picture has. Where there are more, each
// group says for itself what it may send there: such lines cross all layers.
const mostOutward = 2

// setAside moves edges that are as usual into the nodes that they begin at: those from a
// node to itself, and many to the internet.
func (p *Picture) setAside() {
	outward := 0
	for _, e := range p.Edges {
		if e.To == internet && e.isUsual() {
			outward++
		}
	}
	for i := range p.Edges {
		e := &p.Edges[i]
		text := ""
		switch {
		case !e.isUsual():
		case e.From == e.To && strings.HasPrefix(e.From, boxKey):
			text = "among these: "
		case e.From == e.To:
			text = "within itself: "
		case e.To == internet && outward > mostOutward:
			text = "to the internet: "
		}
		if e.aside = text != ""; e.aside {
			n := p.at(e.From)
			n.asides = append(n.asides, text+clippedPorts(e.Ports, mostPorts-len(text)/2))
		}
	}
}

// isUsual reports whether an edge is one that nobody has to look at.
func (e Edge) isUsual() bool {
	return (e.State == Permitted || e.State == Unguarded) && e.OneSide == ""
}
