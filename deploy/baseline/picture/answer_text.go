package picture

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Text returns the answer for people.
func (a Answer) Text() string {
	var b strings.Builder
	b.WriteString(a.summary() + "\n")
	for i, path := range a.Paths {
		if path.Perhaps && (i == 0 || !a.Paths[i-1].Perhaps) {
			b.WriteString("\nPerhaps, as far as the rules go:\n")
		}
		a.writePath(&b, i+1, path)
	}
	if len(a.Paths) > 0 {
		b.WriteString("\nA path is a way that an intruder could go, from one group to the next. Each step may be on another port than the step\nbefore: what runs in a group can open connections of its own.\n")
	}
	for _, remark := range a.Remarks {
		b.WriteString("! " + printable(remark) + "\n")
	}
	return b.String()
}

// summary says in one line how many paths there are.
func (a Answer) summary() string {
	ends := fmt.Sprintf("from %s to %s", a.From, a.To)
	switch {
	case a.More && len(a.Paths) == 0:
		return "no path was found " + ends + " before the search ended: there are too many ways to try; show fewer groups"
	case a.More:
		return fmt.Sprintf("more than %s %s; these are the shortest", words.Count(len(a.Paths), "path"), ends)
	case len(a.Paths) == 0:
		return "no path " + ends
	}
	return words.Count(len(a.Paths), "path") + " " + ends
}

func (a Answer) writePath(b *strings.Builder, number int, path Path) {
	ends := []string{short(a.From)}
	for _, s := range path.Steps {
		ends = append(ends, short(s.To))
	}
	fmt.Fprintf(b, "\n%d. %s\n", number, strings.Join(ends, " -> "))
	for _, s := range path.Steps {
		fmt.Fprintf(b, "   %s -> %s: %s\n", short(s.From), short(s.To), s.Ports)
		for _, l := range s.Rules {
			fmt.Fprintf(b, "     %s: %s%s\n", short(a.owner(s, l)), l.Rule, a.stateOf(l))
		}
		if s.If != "" {
			b.WriteString("     " + printable(s.If) + "\n")
		}
	}
}

// owner is the end whose rule a line is.
func (a Answer) owner(s Step, l Line) End {
	if l.GroupID == s.To.ID {
		return s.To
	}
	return s.From
}

func (a Answer) stateOf(l Line) string {
	text := Edge{State: l.State, Until: l.Until}.stateText(a.now)
	if text != "" {
		return "  # " + text
	}
	return ""
}

// short is the name of an end, or else its id.
func short(p End) string { return printable(cmp.Or(p.Name, p.ID)) }
