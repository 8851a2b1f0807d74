// Package merge joins what a file says of a group with what Parameter Store says, by
// what both come from: each rule and each setting by itself.
package merge

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Terms are under which a rule is permitted. An empty Expires says: for good.
type Terms struct {
	Expires, Reason, ApprovedBy, Description string
}

// Item is what a document permits once.
type Item struct {
	Rule  rule.Rule
	Terms Terms
}

// Setting names a setting of a document.
type Setting string

// The settings. Those of the directions say whether the document has a list.
const (
	GroupName    Setting = "groupName"
	Mode         Setting = "mode"
	Match        Setting = "match"
	Restore      Setting = "restore"
	GraceMinutes Setting = "graceMinutes"
	Ingress      Setting = "ingress"
	Egress       Setting = "egress"
)

var allSettings = []Setting{GroupName, Mode, Match, Restore, GraceMinutes, Ingress, Egress}

// Guarded is the value of a direction's setting; an empty value says: not guarded.
const Guarded = "guarded"

// Content is all that a document says, however the entries are grouped and ordered.
// Values of settings are as in a file, defaults included; an empty value is absent.
type Content struct {
	Settings map[Setting]string
	Items    map[Item]bool
}

// ContentOf returns what a document says.
func ContentOf(doc *baseline.Document) Content {
	c := Content{Settings: map[Setting]string{
		GroupName: doc.GroupName,
		Mode:      string(cmp.Or(doc.Mode, baseline.Enforce)),
		Match:     cmp.Or(doc.Match, "covered"),
		Restore:   strconv.FormatBool(doc.Restore),
		Ingress:   guarded(doc, rule.Ingress),
		Egress:    guarded(doc, rule.Egress),
	}, Items: map[Item]bool{}}
	if doc.GraceMinutes != nil {
		c.Settings[GraceMinutes] = strconv.Itoa(*doc.GraceMinutes)
	}
	for _, entries := range [][]baseline.Entry{doc.Ingress, doc.Egress} {
		for _, e := range entries {
			c.add(e, Terms{Description: e.Description})
		}
	}
	for _, e := range doc.Exceptions {
		c.add(e.Entry, TermsOf(e))
	}
	return c
}

// TermsOf returns the terms of an exception.
func TermsOf(e baseline.Exception) Terms {
	return Terms{Expires: e.Expires.UTC().Format(time.RFC3339Nano), Reason: e.Reason, ApprovedBy: e.ApprovedBy, Description: e.Description}
}

func (c Content) add(e baseline.Entry, terms Terms) {
	for _, r := range e.Rules() {
		c.Items[Item{r, terms}] = true
	}
}

func guarded(doc *baseline.Document, direction rule.Direction) string {
	if doc.Guards(direction) {
		return Guarded
	}
	return ""
}

// Same reports whether two contents say the same.
func (c Content) Same(other Content) bool {
	for _, s := range allSettings {
		if c.Settings[s] != other.Settings[s] {
			return false
		}
	}
	return len(c.Items) == len(other.Items) && !slices.ContainsFunc(c.Sorted(), func(i Item) bool { return !other.Items[i] })
}

// Sorted returns the items in a stable order: those of a direction, protocol, ports and
// terms stand side by side.
func (c Content) Sorted() []Item {
	all := make([]Item, 0, len(c.Items))
	for i := range c.Items {
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Rule.Direction, b.Rule.Direction), cmp.Compare(a.Terms.Expires, b.Terms.Expires),
			cmp.Compare(a.Rule.Protocol, b.Rule.Protocol), cmp.Compare(a.Rule.Ports.From, b.Rule.Ports.From), cmp.Compare(a.Rule.Ports.To, b.Rule.Ports.To),
			cmp.Compare(a.Terms.Reason, b.Terms.Reason), cmp.Compare(a.Terms.ApprovedBy, b.Terms.ApprovedBy), cmp.Compare(a.Terms.Description, b.Terms.Description), cmp.Compare(a.Rule.Peer.Kind, b.Rule.Peer.Kind),
			a.Rule.Peer.Prefix.Addr().Compare(b.Rule.Peer.Prefix.Addr()), cmp.Compare(a.Rule.Peer.Prefix.Bits(), b.Rule.Peer.Prefix.Bits()),
			cmp.Compare(a.Rule.Peer.ID, b.Rule.Peer.ID))
	})
	return all
}
