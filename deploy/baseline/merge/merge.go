package merge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Result is what joining comes to.
type Result struct {
	// Doc says what Parameter Store says, with the file's own changes. It is nil where
	// there are collisions.
	Doc *baseline.Document
	// Collisions name the rules and settings that both sides changed, each in another way.
	Collisions []string
}

// Three joins the changes from base to ours and from base to theirs. Each rule is one
// thing, with all the terms that a document has for the rule, and so is each setting.
func Three(base, ours, theirs *baseline.Document) (Result, error) {
	b, o, t := ContentOf(base), ContentOf(ours), ContentOf(theirs)
	var result Result
	joined := Content{Settings: map[Setting]string{}, Items: map[Item]bool{}}
	for _, s := range allSettings {
		value, fits := pick(b.Settings[s], o.Settings[s], t.Settings[s])
		if !fits {
			result.Collisions = append(result.Collisions, fmt.Sprintf("%s: was %s, is %s in the file and %s in Parameter Store", s, words.OrNone(b.Settings[s]), words.OrNone(o.Settings[s]), words.OrNone(t.Settings[s])))
		}
		joined.Settings[s] = value
	}
	was, mine, theirsOf := b.byRule(), o.byRule(), t.byRule()
	for _, r := range rulesOf(b, o, t) {
		key, fits := pick(textOf(was[r]), textOf(mine[r]), textOf(theirsOf[r]))
		if !fits {
			result.Collisions = append(result.Collisions, collisionText(r, was[r], mine[r], theirsOf[r]))
		}
		from := theirsOf
		if key == textOf(mine[r]) {
			from = mine
		}
		for _, terms := range from[r] {
			joined.Items[Item{r, terms}] = true
		}
	}
	result.Collisions = append(result.Collisions, joined.homeless()...)
	if len(result.Collisions) > 0 {
		return result, nil
	}
	var err error
	if result.Doc, err = joined.Document(ours.GroupID); err != nil {
		err = fmt.Errorf("join the changes of the file with those of Parameter Store: %w", err)
	}
	return result, err
}

// pick chooses between three values of one thing. fits is false where both sides changed
// it, each in another way.
func pick(base, ours, theirs string) (value string, fits bool) {
	switch {
	case ours == base:
		return theirs, true
	case theirs == base, ours == theirs:
		return ours, true
	}
	return theirs, false
}

// homeless names rules of directions for which the joined document has no list: one side
// added a rule, and the other one took the list away.
func (c Content) homeless() []string {
	var texts []string
	for _, i := range c.Sorted() {
		if c.Settings[Setting(i.Rule.Direction.String())] != Guarded {
			texts = append(texts, fmt.Sprintf("%s: one side changed the rule, and the other one removed the %s list", i.Rule, i.Rule.Direction))
		}
	}
	return texts
}

// byRule returns the terms of each rule, sorted.
func (c Content) byRule() map[rule.Rule][]Terms {
	terms := map[rule.Rule][]Terms{}
	for _, i := range c.Sorted() {
		terms[i.Rule] = append(terms[i.Rule], i.Terms)
	}
	return terms
}

// rulesOf returns the rules of all contents, each once.
func rulesOf(all ...Content) []rule.Rule {
	var rules []rule.Rule
	seen := map[rule.Rule]bool{}
	for _, c := range all {
		for _, i := range c.Sorted() {
			if !seen[i.Rule] {
				rules, seen[i.Rule] = append(rules, i.Rule), true
			}
		}
	}
	return rules
}

// textOf writes terms so that the same terms are the same text; empty for none.
func textOf(terms []Terms) string {
	texts := make([]string, len(terms))
	for i, t := range terms {
		texts[i] = fmt.Sprintf("%q", []string{t.Expires, t.Reason, t.ApprovedBy, t.Description})
	}
	slices.Sort(texts)
	return strings.Join(texts, ";")
}

func collisionText(r rule.Rule, was, ours, theirs []Terms) string {
	return fmt.Sprintf("%s: was %s, is %s in the file and %s in Parameter Store", r, termsText(was), termsText(ours), termsText(theirs))
}

// termsText writes for people how a rule is permitted.
func termsText(all []Terms) string {
	var texts []string
	for _, t := range all {
		text := "permitted for good"
		if t.Expires != "" {
			text = "permitted until " + t.Expires
		}
		for _, about := range [][2]string{{"reason", t.Reason}, {"approved by", t.ApprovedBy}, {"description", t.Description}} {
			if about[1] != "" {
				text += fmt.Sprintf(", %s %q", about[0], about[1])
			}
		}
		texts = append(texts, text)
	}
	if len(texts) == 0 {
		return "not permitted"
	}
	return strings.Join(texts, " and ")
}
