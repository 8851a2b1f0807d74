package simulation

import (
	"slices"
	"strings"
	"time"
)

// sighting is what one invocation read about a group before it judged the group:
// the first whole answer about the rules, and the last answers about the documents
// before it wrote anything for the group.
type sighting struct {
	rules     []owned
	rulesAt   time.Time // when all pages had come; zero before
	documents answered
	written   bool // it has written: what it reads from now on, it doesn't judge by
}

// answered are the texts of a group's baseline and of the guardrail, "" for none.
type answered struct {
	baseline, guardrail, pause, trust string
	approvals                         []string
	// When the answers came; zero before.
	baselineAt, guardrailAt, approvalsAt time.Time
}

// at is when the last answer came. Expiry is judged at this time.
func (a answered) at() time.Time {
	last := a.baselineAt
	for _, at := range []time.Time{a.guardrailAt, a.approvalsAt} {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// complete says whether the invocation could judge. It needs the guardrail only
// where there is no baseline.
func (s *sighting) complete() bool {
	governed := s.documents.baseline != "" || !s.documents.guardrailAt.IsZero()
	return !s.rulesAt.IsZero() && !s.documents.baselineAt.IsZero() && !s.documents.approvalsAt.IsZero() && governed
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

// sawDocuments notes an answer about a group's baseline, or the guardrail, or
// both.
func (i *invocation) sawDocuments(asked []string, found []version) {
	values := map[string]string{}
	for _, v := range found {
		values[v.Name] = v.Value
	}
	group, asksGuardrail := groupAsked(asked), slices.Contains(asked, guardrailName)
	if group == "" {
		group = i.readOneByOne
	}
	if group == "" {
		if asksGuardrail {
			i.guardrails = append(i.guardrails, values[guardrailName])
		}
		return
	}
	s := i.sighting(group)
	if s.written {
		return
	}
	if groupAsked(asked) != "" {
		s.documents.baseline, s.documents.baselineAt = values[groupsPath+group], time.Now()
	}
	if asksGuardrail {
		s.documents.guardrail, s.documents.guardrailAt = values[guardrailName], time.Now()
	}
	if slices.Contains(asked, pauseName) {
		s.documents.pause = values[pauseName]
	}
	if slices.Contains(asked, trustName) {
		s.documents.trust = values[trustName]
	}
}

// noteReadOneByOne keeps track of the group whose documents are read one by one, since
// SSM refused them together.
func (i *invocation) noteReadOneByOne(c *call, a answer) {
	if c.action != "GetParameters" || len(c.ssm.Names) < 2 || !slices.Contains(c.ssm.Names, guardrailName) {
		return
	}
	i.readOneByOne = ""
	if a.code == "AccessDeniedException" {
		i.readOneByOne = groupAsked(c.ssm.Names) // "" where they are not of one group
	}
}

// groupAsked is the group whose baseline is among parameters.
func groupAsked(names []string) string {
	for _, name := range names {
		if group, isGroup := strings.CutPrefix(name, groupsPath); isGroup {
			return group
		}
	}
	return ""
}
