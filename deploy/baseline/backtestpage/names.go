package backtestpage

import (
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

// shortActor returns of an ARN what people call the actor: the name of the role or user. A person behind a role comes
// first: arn:aws:iam::111122223333:role/ci/deploy (ana) is ana (deploy). Any other text stays.
func shortActor(actor string) string {
	arn, person, hasPerson := strings.Cut(actor, " (")
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return actor
	}
	name := parts[5][strings.LastIndex(parts[5], "/")+1:]
	if name == "" {
		return actor
	}
	person, isClosed := strings.CutSuffix(person, ")")
	switch {
	case !hasPerson || !isClosed:
		return name
	case strings.HasPrefix(person, "by "): // a service of AWS, on behalf of the role
		return name + " (" + person + ")"
	}
	return person + " (" + name + ")"
}

// actorCell names an actor, with the ARN below.
func (v view) actorCell(actor string) page.Cell {
	if actor == "" {
		return page.Cell{Text: v.T("nobody")}
	}
	c := page.Cell{Text: shortActor(actor)}
	if c.Text != actor {
		c.Note = actor
	}
	return c
}

// groupCell names a group, with its id below.
func groupCell(id, name string) page.Cell {
	if name == "" {
		return page.Code(id)
	}
	return page.Cell{Text: name, Note: id}
}

// clipped shortens a text to so many columns of a chart. A wide character, such as a Japanese one, takes two.
func clipped(text string, most int) string {
	columns := 0
	for i, r := range text {
		if columns++; r >= firstWide {
			columns++
		}
		if columns > most {
			return text[:i] + "…"
		}
	}
	return text
}

// firstWide is where Unicode's blocks of wide characters begin: Hangul, then the scripts of East Asia, then emoji.
const firstWide = 0x1100
