package simulation

import (
	"slices"
	"strings"
	"time"
)

// sighting is what one invocation was told of a group before it judged it: the
// first whole answers that reached it.
type sighting struct {
	rules     []owned
	rulesAt   time.Time // when all pages had come; zero before
	documents answered
}

// answered are the texts of a group's baseline and of the guardrail, "" for none.
type answered struct {
	baseline, guardrail string
	at                  time.Time // zero before the answer
}

// complete says whether it could judge.
func (s *sighting) complete() bool { return !s.rulesAt.IsZero() && !s.documents.at.IsZero() }

// judgedAt is when the later of the answers came.
func (s *sighting) judgedAt() time.Time {
	if s.rulesAt.After(s.documents.at) {
		return s.rulesAt
	}
	return s.documents.at
}

func (i *invocation) sighting(group string) *sighting {
	if i.seen[group] == nil {
		i.seen[group] = &sighting{}
	}
	return i.seen[group]
}

// sawRules notes a page of rules, of one group or of all.
func (i *invocation) sawRules(only string, page map[string][]owned, last bool) {
	if only == "" {
		for group, rules := range page {
			i.inventory[group] = append(i.inventory[group], rules...)
		}
		return
	}
	s := i.sighting(only)
	if !s.rulesAt.IsZero() {
		return
	}
	s.rules = append(s.rules, page[only]...)
	if last {
		s.rulesAt = time.Now()
	}
}

// sawDocuments notes the answer about a group's baseline and the guardrail.
func (i *invocation) sawDocuments(asked []string, found []version) {
	at := slices.IndexFunc(asked, func(name string) bool { return strings.HasPrefix(name, groupsPath) })
	if at < 0 {
		return
	}
	s := i.sighting(strings.TrimPrefix(asked[at], groupsPath))
	if !s.documents.at.IsZero() {
		return
	}
	s.documents.at = time.Now()
	for _, p := range found {
		switch p.Name {
		case asked[at]:
			s.documents.baseline = p.Value
		case guardrailName:
			s.documents.guardrail = p.Value
		}
	}
}

// sawList notes a page of all baselines.
func (i *invocation) sawList(page []version) {
	for _, p := range page {
		if group, isGroup := strings.CutPrefix(p.Name, groupsPath); isGroup {
			i.listed[group] = answered{baseline: p.Value, at: time.Now()}
		}
	}
}
