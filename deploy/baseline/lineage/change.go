package lineage

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Change is one rule or setting that a document has and another has not, or has
// otherwise. Either Setting or Item is set.
type Change struct {
	Setting string
	Item    compare.Item
	// From and To are the values of a setting, or the descriptions of a rule. From is
	// nil for a rule that was added, To for one that was removed.
	From, To *string
}

// Changes lists what changes from one document to another, in order: settings first,
// then rules by their text. A nil document says nothing: no rules, and the default
// settings with no direction guarded.
func Changes(from, to *baseline.Document) []Change {
	var changes []Change
	was, is := statements(from), statements(to)
	for key, after := range is {
		if before, there := was[key]; !there {
			changes = append(changes, Change{key.Setting, key.Item, nil, &after})
		} else if before != after {
			changes = append(changes, Change{key.Setting, key.Item, &before, &after})
		}
	}
	for key, before := range was {
		if _, there := is[key]; !there {
			changes = append(changes, Change{key.Setting, key.Item, &before, nil})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(-cmp.Compare(a.Setting, b.Setting), cmp.Compare(a.text(), b.text()), cmp.Compare(a.Item.Exception, b.Item.Exception))
	})
	return changes
}

// subject is what a document makes a statement about.
type subject struct {
	Setting string
	Item    compare.Item
}

func statements(doc *baseline.Document) map[subject]string {
	if doc == nil {
		doc = &baseline.Document{}
	}
	all := map[subject]string{}
	for _, s := range compare.Settings(doc) {
		all[subject{Setting: s.Name}] = s.Value
	}
	for i, description := range compare.Items(doc) {
		all[subject{Item: i}] = description
	}
	return all
}

// text is the text of the rule; empty for a setting.
func (c Change) text() string {
	if c.Setting != "" {
		return ""
	}
	return c.Item.Text()
}

// String writes the change as diff does: + added, - removed, ~ changed.
func (c Change) String() string {
	exception := ""
	if c.Item.Exception != "" {
		exception = "  # " + c.Item.Exception
	}
	switch {
	case c.Setting != "":
		return fmt.Sprintf("~ %s: %s -> %s", c.Setting, words.OrNone(aws.ToString(c.From)), words.OrNone(aws.ToString(c.To)))
	case c.From == nil:
		return "+ " + c.text() + exception
	case c.To == nil:
		return "- " + c.text() + exception
	}
	return fmt.Sprintf("~ %s: description %q -> %q", c.text(), *c.From, *c.To)
}

// Undone lists which of the changes a document does not contain: it would undo them.
// A rule that was added is contained if the document has it or permits all its traffic
// for good. A rule that was removed is contained if the document has it not.
func Undone(changes []Change, doc *baseline.Document) []Change {
	has := statements(doc)
	inForce := rule.Compile(doc.PermanentRules())
	permits := func(r rule.Rule) bool { return !doc.Guards(r.Direction) || inForce.Permits(r, doc.Matching()) }
	var undone []Change
	for _, c := range changes {
		now, there := has[subject{c.Setting, c.Item}]
		switch {
		case c.To == nil:
			if there {
				undone = append(undone, c)
			}
		case there && (c.From == nil || now == *c.To):
		case c.Setting == "" && !there && c.From == nil && permits(c.Item.Rule):
		default:
			undone = append(undone, c)
		}
	}
	return undone
}
