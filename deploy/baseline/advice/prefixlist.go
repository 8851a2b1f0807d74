package advice

import (
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// OnList returns all advice on a prefix list's document in the order of the entries,
// without the file.
func (a Adviser) OnList(p *baseline.PrefixList) []Hint {
	s := newSubject(entries.AsBaseline(p), a.Now)
	var hints []Hint
	for i, e := range p.Entries {
		if !s.worldly[entries.RuleOf(e.Prefix())] {
			continue
		}
		line, column := e.Position()
		position := Position{Line: line, Column: column, Path: fmt.Sprintf("entries[%d]", i)}
		hints = append(hints, Hint{position, Advice{"world", entries.TextOf(e.Prefix()) + ": this is the whole world, or adds up to it: name the addresses that are meant"}})
	}
	return hints
}

// OnUnwatchedLists remarks on each prefix list that a baseline approves by id and whose
// entries nobody watches, once a list. The file is not in the remarks. watched are the
// ids of the lists whose approved entries are in a document.
func (a Adviser) OnUnwatchedLists(doc *baseline.Document, watched map[string]bool) []Hint {
	var remarks []Hint
	reported := map[string]bool{}
	for _, e := range newSubject(doc, a.Now).entries {
		for _, r := range e.Rules() {
			if id := r.Peer.ID; r.Peer.Kind == rule.PrefixList && !watched[id] && !reported[id] {
				reported[id] = true
				remarks = append(remarks, e.hint("prefix-list", unwatchedText(id)))
			}
		}
	}
	return remarks
}

func unwatchedText(id string) string {
	return fmt.Sprintf("the prefix list %s is approved by its id alone: whoever may edit the list can open the group to the world, and sgwarden does not look into the list. "+
		"To have its entries watched, run baseline capture %s --out DIR (needless for a list that AWS manages)", id, id)
}
