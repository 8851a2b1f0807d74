// Package compose makes the baseline of a group from the rules that the group has.
package compose

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// Source is what is known of a group.
type Source struct {
	Group  secgroup.Group
	Live   []secgroup.LiveRule
	Stored baseline.GroupDocument // zero where the group has no baseline
	// approvals are those that can be used, ended ones too.
	Approvals []*baseline.Approval
}

// Baseline makes the document of the live rules, with all that they don't say
// from the document before, which may be nil. The document guards both directions.
func Baseline(s Source, before *baseline.Document, now time.Time) (doc *baseline.Document, notes []string, err error) {
	if err := readable(s.Live); err != nil {
		return nil, nil, err
	}
	notes = NowGuarded(before)
	if before == nil {
		before = &baseline.Document{}
	}
	excepted := exceptedBy(before, s.Approvals, now)
	descriptions := descriptionsOf(before)
	var rules []baseline.Described
	for _, l := range s.Live {
		if l.Rule == alert.CanaryRule {
			notes = append(notes, fmt.Sprintf("%s is the canary's, to be reverted, and is left out", l.Rule))
			continue
		}
		if note := excepted(l.Rule); note != "" {
			notes = append(notes, fmt.Sprintf("%s %s", l.Rule, note))
			continue
		}
		if l.Description == "" {
			l.Description = descriptions[l.Rule]
		}
		rules = append(rules, baseline.Described{Rule: l.Rule, Description: l.Description})
	}
	doc = baseline.Compose(s.Group.ID, s.Group.Name, rules)
	KeepSettings(doc, before)
	return doc, notes, Expressible(doc)
}

// KeepSettings takes all that live rules and templates don't say from the document
// before.
func KeepSettings(doc, before *baseline.Document) {
	doc.Mode, doc.Match, doc.Restore, doc.GraceMinutes = before.Mode, before.Match, before.Restore, before.GraceMinutes
	doc.Exceptions = before.Exceptions
}

// NowGuarded notes the directions that a document, which may be nil, does not
// guard. A document that is written anew has both lists, and guards both directions.
func NowGuarded(before *baseline.Document) []string {
	var notes []string
	for _, direction := range compare.Unguarded(before) {
		notes = append(notes, fmt.Sprintf("%[1]s was not guarded, and is now: remove the %[1]s list to leave rules of that direction alone", direction))
	}
	return notes
}

// readable fails with all rules that have no canonical form.
func readable(live []secgroup.LiveRule) error {
	var errs []error
	for _, l := range live {
		if l.NotCanonical != nil {
			errs = append(errs, fmt.Errorf("rule %s (%s) can't be put into a baseline: %w", l.ID, strings.TrimSpace(l.Text), l.NotCanonical))
		}
	}
	return errors.Join(errs...)
}

// Expressible fails for what EC2 lets a rule be and a baseline doesn't, such as
// an IPv4-mapped IPv6 prefix.
func Expressible(doc *baseline.Document) error {
	data, err := yamlfile.Encode(doc)
	if err == nil {
		_, err = yamlfile.Decode(data, doc.GroupID)
	}
	if err != nil {
		err = fmt.Errorf("its rules can't be put into a baseline: %w", err)
	}
	return err
}

// exceptedBy returns what says why a live rule does not become permanent: only
// an exception or an approval permits it, or did. It says nothing of other rules.
func exceptedBy(doc *baseline.Document, approvals []*baseline.Approval, now time.Time) func(rule.Rule) string {
	match := doc.Matching()
	exceptions := temporaryRules(doc, now)
	permanent, temporary := rule.Compile(doc.PermanentRules()), rule.Compile(exceptions)
	approved := rule.Compile(slices.Concat(exceptions, activeRules(approvals, now)))
	return func(r rule.Rule) string {
		switch {
		case permanent.Permits(r, match):
			return ""
		case temporary.Permits(r, match):
			return "stays an exception and is not made permanent"
		case approved.Permits(r, match):
			return "is left out: only " + approvalsOf(r, approvals, now) + "; if the rule is to stay, add it to the file or allow it for good"
		}
		for _, e := range doc.Expired(now) {
			if rule.Compile(e.Rules()).Permits(r, match) {
				return fmt.Sprintf("is left out: its %s has expired; if the rule is to stay, add it to the file or allow it anew", compare.ExceptionText(e))
			}
		}
		for _, a := range approvals {
			if rule.Compile(a.Rules).Permits(r, match) {
				return fmt.Sprintf("is left out: the approval %s (%s) has ended; if the rule is to stay, add it to the file or allow it anew", a.Name, a.Reason)
			}
		}
		return ""
	}
}

// activeRules are those that approvals permit now.
func activeRules(approvals []*baseline.Approval, now time.Time) []rule.Rule {
	var rules []rule.Rule
	for _, a := range approvals {
		if a.Active(now) {
			rules = append(rules, a.Rules...)
		}
	}
	return rules
}

// approvalsOf names the approvals that have to do with a rule, such as "the approval
// oncall-1 permits it until 2026-11-26T05:40:00Z".
func approvalsOf(r rule.Rule, approvals []*baseline.Approval, now time.Time) string {
	var names []string
	for _, a := range approvals {
		if a.Active(now) && slices.ContainsFunc(a.Rules, func(approved rule.Rule) bool { return rule.Overlap(approved, r) }) {
			names = append(names, fmt.Sprintf("the approval %s permits it until %s", a.Name, a.Expires.Format(time.RFC3339)))
		}
	}
	return strings.Join(names, " and ")
}

// temporaryRules are those that exceptions permit now.
func temporaryRules(doc *baseline.Document, now time.Time) []rule.Rule {
	var rules []rule.Rule
	for _, e := range doc.Exceptions {
		if now.Before(e.Expires) {
			rules = append(rules, e.Rules()...)
		}
	}
	return rules
}

func descriptionsOf(doc *baseline.Document) map[rule.Rule]string {
	descriptions := map[rule.Rule]string{}
	for _, entries := range [][]baseline.Entry{doc.Egress, doc.Ingress} {
		for _, e := range entries {
			for _, r := range e.Rules() {
				descriptions[r] = e.Description
			}
		}
	}
	return descriptions
}
