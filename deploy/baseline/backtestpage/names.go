package backtestpage

import (
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

// shortActor returns of an ARN what people call the actor: the name of the role or user, and the person behind a
// role. Any other text stays: arn:aws:iam::111122223333:role/ci/deploy (ana) is deploy (ana).
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
	if hasPerson {
		name += " (" + person
	}
	return name
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
