// Package compare lists how baselines and live rules differ, one group or prefix list at
// a time, and writes that for people. Package judge does all the judging.
package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Group is how one group differs, or one prefix list: either GroupID or PrefixListID is
// set. A group without changes and remarks doesn't.
type Group struct {
	GroupID        string       `json:"groupId,omitempty"`
	GroupName      string       `json:"groupName,omitempty"`
	PrefixListID   string       `json:"prefixListId,omitempty"`
	PrefixListName string       `json:"prefixListName,omitempty"`
	File           string       `json:"file,omitempty"`
	Changes        []Difference `json:"changes"`
	Remarks        []string     `json:"remarks,omitempty"` // on the group as a whole
}

// About returns a Group about the group or prefix list of an id.
func About(id, name string) Group {
	if rule.IsPrefixListID(id) {
		return Group{PrefixListID: id, PrefixListName: name}
	}
	return Group{GroupID: id, GroupName: name}
}

// ID returns the id of the group or prefix list.
func (g Group) ID() string { return cmp.Or(g.PrefixListID, g.GroupID) }

// Name returns the name of the group or prefix list.
func (g Group) Name() string { return cmp.Or(g.PrefixListName, g.GroupName) }

// IsList reports whether this is about a prefix list.
func (g Group) IsList() bool { return g.PrefixListID != "" }

func (g Group) Differs() bool { return len(g.Changes)+len(g.Remarks) > 0 }

// Difference is one rule or setting that differs.
type Difference struct {
	Kind    diffKind `json:"kind"`
	Rule    string   `json:"rule,omitempty"`
	Setting string   `json:"setting,omitempty"` // mode, match, restore, graceMinutes, groupName, or a direction: guarded or not
	From    string   `json:"from,omitempty"`    // of a setting or description that changed
	To      string   `json:"to,omitempty"`
	Says    string   `json:"says,omitempty"` // what it means, or what enforcement would do
	// Until is when the grace ends that alone permits a live rule.
	Until *time.Time `json:"until,omitempty"`

	order rule.Rule
}

// diffKind is what happened.
type diffKind string

const (
	ruleAdded          diffKind = "added"
	ruleRemoved        diffKind = "removed"
	SettingChanged     diffKind = "setting"
	descriptionChanged diffKind = "description"
	ruleNotCanonical   diffKind = "unreadable"
)

// Item is what a document permits once: a rule, for good or as an exception.
type Item struct {
	Rule      rule.Rule
	Exception string // what ExceptionText says; empty for good
	Entry     bool   // of a prefix list, instead of a rule
}

// Text is the text of the rule, or of the entry.
func (i Item) Text() string {
	if i.Entry {
		return entries.TextOf(i.Rule.Peer.Prefix)
	}
	return i.Rule.String()
}

// Documents lists what changes from one document to another; from is nil
// where there is none. How entries are grouped and ordered makes no difference,
// what they permit, describe and set does.
func Documents(from, to *baseline.Document) []Difference {
	isNew := from == nil
	if isNew {
		from = permittingNothing(to)
	}
	changes := settingChanges(from, to)
	before, after := Items(from), Items(to)
	was, is := permits(from, "while %s was not guarded"), permits(to, "since %s is not guarded")
	for i, description := range after {
		old, there := before[i]
		switch {
		case !there:
			changes = append(changes, i.change(ruleAdded, "permitted already", was))
		case old != description:
			changes = append(changes, Difference{Kind: descriptionChanged, Rule: i.Text(), From: old, To: description, order: i.Rule})
		}
	}
	for i := range before {
		if _, there := after[i]; !there {
			changes = append(changes, i.change(ruleRemoved, "still permitted", is))
		}
	}
	return inOrder(changes)
}

// permittingNothing returns what was there before a new document: nothing is
// permitted in the directions that the new one guards, and all settings are its.
func permittingNothing(d *baseline.Document) *baseline.Document {
	none := &baseline.Document{GroupID: d.GroupID, Mode: d.Mode, Match: d.Match, Restore: d.Restore, GraceMinutes: d.GraceMinutes, GroupName: d.GroupName}
	if d.Guards(rule.Ingress) {
		none.Ingress = []baseline.Entry{}
	}
	if d.Guards(rule.Egress) {
		none.Egress = []baseline.Entry{}
	}
	return none
}

// permits returns what says by which rules, or why else, a document permits a rule
// for good, such as "by ingress all all 10.0.0.0/8". It says nothing of others.
// unguarded is the reason for a rule of a direction that is not guarded.
func permits(doc *baseline.Document, unguarded string) func(rule.Rule) string {
	permanent := rule.Compile(doc.PermanentRules())
	return func(r rule.Rule) string {
		switch {
		case !doc.Guards(r.Direction):
			return fmt.Sprintf(unguarded, r.Direction)
		case permanent.Permits(r, doc.Matching()):
			reason := strings.TrimPrefix(permanent.Reason(r, doc.Matching()), "permitted ")
			if entries.Is(doc) {
				reason = entries.Text(reason)
			}
			return reason
		}
		return ""
	}
}

func (i Item) change(k diffKind, permitted string, by func(rule.Rule) string) Difference {
	c := Difference{Kind: k, Rule: i.Text(), Says: i.Exception, order: i.Rule}
	if how := by(i.Rule); how != "" {
		c.Says = strings.TrimPrefix(c.Says+"; "+permitted+" "+how, "; ")
	}
	return c
}

// Items returns descriptions by item. An item that is there twice has both.
func Items(doc *baseline.Document) map[Item]string {
	lists := map[Item][]string{}
	add := func(e baseline.Entry, exception string) {
		for _, r := range e.Rules() {
			i := Item{r, exception, entries.Is(doc)}
			if !slices.Contains(lists[i], e.Description) {
				lists[i] = append(lists[i], e.Description)
			}
		}
	}
	for _, list := range [][]baseline.Entry{doc.Ingress, doc.Egress} {
		for _, e := range list {
			add(e, "")
		}
	}
	for _, e := range doc.Exceptions {
		add(e.Entry, ExceptionText(e))
	}
	items := make(map[Item]string, len(lists))
	for i, descriptions := range lists {
		slices.Sort(descriptions)
		items[i] = strings.Join(descriptions, "; ")
	}
	return items
}

func ExceptionText(e baseline.Exception) string {
	about := []string{e.Reason}
	if e.ApprovedBy != "" {
		about = append(about, "approved by "+e.ApprovedBy)
	}
	text := strings.TrimPrefix(strings.Join(about, ", "), ", ")
	if text != "" {
		text = " (" + text + ")"
	}
	return "exception until " + e.Expires.UTC().Format(time.RFC3339) + text
}

func settingChanges(from, to *baseline.Document) []Difference {
	var changes []Difference
	is := Settings(to)
	for i, was := range Settings(from) {
		if was != is[i] {
			changes = append(changes, Difference{Kind: SettingChanged, Setting: was.Name, From: was.Value, To: is[i].Value})
		}
	}
	return changes
}

// Setting is what a document says beside its rules or entries, with the default written
// out.
type Setting struct{ Name, Value string }

// Settings returns all settings of a document. Every document has the same ones, in
// the same order.
func Settings(doc *baseline.Document) []Setting {
	name := "groupName"
	if entries.Is(doc) {
		name = "prefixListName"
	}
	return []Setting{
		{name, doc.GroupName},
		{"mode", string(cmp.Or(doc.Mode, baseline.Enforce))},
		{"match", cmp.Or(doc.Match, "covered")},
		{"restore", strconv.FormatBool(doc.Restore)},
		{"graceMinutes", graceMinutesText(doc)},
		{rule.Ingress.String(), guardedText(doc, rule.Ingress)},
		{rule.Egress.String(), guardedText(doc, rule.Egress)},
	}
}

// graceMinutesText is empty for a baseline that leaves the grace to GRACE_MINUTES.
func graceMinutesText(doc *baseline.Document) string {
	if doc.GraceMinutes == nil {
		return ""
	}
	return strconv.Itoa(*doc.GraceMinutes)
}

func guardedText(doc *baseline.Document, direction rule.Direction) string {
	if doc.Guards(direction) {
		return "guarded"
	}
	return "not guarded"
}

// Unguarded returns the directions that a document does not guard. No document
// has none.
func Unguarded(doc *baseline.Document) []rule.Direction {
	return slices.DeleteFunc([]rule.Direction{rule.Ingress, rule.Egress}, func(d rule.Direction) bool { return doc == nil || doc.Guards(d) })
}

// SettingsText writes the settings of a new baseline: its mode, and what else is
// not the default.
func SettingsText(doc *baseline.Document) string {
	text := "mode " + string(cmp.Or(doc.Mode, baseline.Enforce))
	if doc.Matching() == rule.Exact {
		text += ", match exact"
	}
	if doc.Restore {
		text += ", restore true"
	}
	if minutes := graceMinutesText(doc); minutes != "" {
		text += ", graceMinutes " + minutes
	}
	for _, direction := range Unguarded(doc) {
		text += fmt.Sprintf(", %s not guarded", direction)
	}
	return text
}

// inOrder sorts changes: settings, then rules, each with what is removed first.
// No changes are an empty list, for machines.
func inOrder(changes []Difference) []Difference {
	if changes == nil {
		return []Difference{}
	}
	slices.SortStableFunc(changes, func(a, b Difference) int {
		return cmp.Or(
			compareRules(a.order, b.order), -cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Says, b.Says),
		)
	})
	return changes
}

func compareRules(a, b rule.Rule) int {
	return cmp.Or(
		cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Ports.From, b.Ports.From), cmp.Compare(a.Ports.To, b.Ports.To),
		cmp.Compare(a.Peer.Kind, b.Peer.Kind), a.Peer.Prefix.Addr().Compare(b.Peer.Prefix.Addr()), cmp.Compare(a.Peer.Prefix.Bits(), b.Peer.Prefix.Bits()),
		cmp.Compare(a.Peer.ID, b.Peer.ID),
	)
}
