package picture

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// How much of a text a picture shows. EC2 lets a name have 255 characters.
const (
	mostName  = 36
	mostNote  = 44
	mostPorts = 40
	mostNotes = 3

	mostNoteLine = 72
)

// label is the name of a node for people, or else its key.
func (n Node) label() string { return cmp.Or(n.Name, n.Key) }

// hasID reports whether a node has a name and an id beside the name.
func (n Node) hasID() bool {
	return n.Name != "" && n.Kind != Internet && n.Kind != Box && n.Key != "name:"+n.Name
}

// lines are what a picture writes into a node, the name first.
func (n Node) lines() []string {
	lines := []string{clipped(basefile.Printable(n.label()), mostName)}
	if n.hasID() {
		lines = append(lines, clipped(basefile.Printable(n.Key), mostName))
	}
	for _, note := range n.Notes[:min(len(n.Notes), mostNotes)] {
		lines = append(lines, clipped(basefile.Printable(note), mostNote))
	}
	for _, aside := range n.asides {
		lines = append(lines, clipped(aside, mostNote))
	}
	return lines
}

// String is a node in one line of text.
func (n Node) String() string {
	text := basefile.Printable(n.label())
	if n.hasID() {
		text += " (" + basefile.Printable(n.Key) + ")"
	}
	return text
}

// stateText says in words what the line of an edge says, empty for the usual state.
func (e Edge) stateText(now time.Time) string {
	switch e.State {
	case Ending:
		return "until " + words.Clock(*e.Until, now)
	case Violating, Missing:
		return string(e.State)
	case Unguarded:
		return "not guarded"
	}
	return ""
}

// lines are what a picture writes beside an edge.
func (e Edge) lines(now time.Time) []string {
	lines := []string{clippedPorts(e.Ports, mostPorts)}
	if text := e.stateText(now); text != "" {
		lines = append(lines, text)
	}
	if e.OneSide != "" {
		lines = append(lines, e.OneSide)
	}
	return lines
}

// node finds a node by its key.
func (p Picture) node(key string) Node { return *p.at(key) }

func (p Picture) at(key string) *Node {
	at := slices.IndexFunc(p.Nodes, func(n Node) bool { return n.Key == key })
	return &p.Nodes[at] // each edge has both its nodes
}

// title says what the picture shows.
func (p Picture) title() string {
	groups := 0
	for _, g := range p.groups {
		if !g.isList() {
			groups++
		}
	}
	return "Who may reach whom: " + words.Count(groups, "security group")
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// wrapped breaks text between words into lines of some characters.
func wrapped(s string, most int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(s) {
		last := &lines[len(lines)-1]
		if *last != "" && len(*last)+1+len(word) > most {
			lines = append(lines, word)
			continue
		}
		*last = strings.TrimSpace(*last + " " + word)
	}
	return lines
}
