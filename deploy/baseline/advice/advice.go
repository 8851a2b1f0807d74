// Package advice says what would bring a baseline closer to least privilege.
package advice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Advice is one thing that would bring a baseline closer to least privilege.
type Advice struct {
	ID   string `json:"id"` // one of advices
	Text string `json:"text"`
}

// Adviser advises on documents; it knows the time, which exceptions need.
type Adviser struct{ Now time.Time }

// Where advice begins.
const (
	widePorts     = 100                 // ports of a range
	longException = 30 * 24 * time.Hour // from now
	fewV4, fewV6  = 28, 124             // prefix lengths: up to 16 addresses
)

// advices are the kinds of advice: what each id means, and what finds the rules
// of an entry that it is about. find is nil where that is no matter of rules.
var Kinds = []struct {
	Id, About string
	find      func(s *subject, e entry) (about []rule.Rule, text string)
}{
	{"world", "the whole world, on anything but tcp 80 and 443", adviseWorld},
	{"wide-ports", "a range of more than 100 tcp or udp ports", adviseWidePorts},
	{"all-protocols", "all protocols", adviseAllProtocols},
	{"database-from-address", "ingress to a database port from addresses, not groups", adviseDatabase},
	{"address-for-group", "up to 16 private addresses, where other rules on these ports name groups", adviseGroup},
	{"open-egress-data-tier", "egress to the whole world from a group that serves databases only", adviseDataTier},
	{"exception-reason", "an exception without reason or approvedBy", nil},
	{"exception-too-long", "an exception for more than 30 days from now", nil},
	{"redundant", "what other entries permit already", nil},
	{"not-guarded", "a direction without a list, whose rules are left alone", nil},
}

// entry is an entry or exception of a document with its path.
type entry struct {
	baseline.Entry
	path      string
	exception *baseline.Exception
}

// subject is a document that is being advised on.
type subject struct {
	doc      *baseline.Document
	entries  []entry
	rules    []rule.Rule        // of all entries that aren't expired
	worldly  map[rule.Rule]bool // those that open to the whole world, alone or together
	dataTier bool
}

func newSubject(doc *baseline.Document, now time.Time) *subject {
	s := &subject{doc: doc, rules: doc.Permitted(now), worldly: map[rule.Rule]bool{}}
	for i, e := range doc.Ingress {
		s.entries = append(s.entries, entry{Entry: e, path: fmt.Sprintf("ingress[%d]", i)})
	}
	for i, e := range doc.Egress {
		s.entries = append(s.entries, entry{Entry: e, path: fmt.Sprintf("egress[%d]", i)})
	}
	for i, e := range doc.Exceptions {
		if now.Before(e.Expires) { // an expired one permits nothing
			s.entries = append(s.entries, entry{e.Entry, fmt.Sprintf("exceptions[%d]", i), &doc.Exceptions[i]})
		}
	}
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		anything := rule.Forbidden{Direction: direction, Protocol: rule.All, Ports: rule.AllPorts, WidestV4: baseline.DefaultWidestV4, WidestV6: baseline.DefaultWidestV6}
		for i, breaks := range rule.BreakingTogether(s.rules, []rule.Forbidden{anything}) {
			if breaks != nil {
				s.worldly[s.rules[i]] = true
			}
		}
	}
	s.dataTier = servesDatabasesOnly(doc)
	return s
}

// On returns all advice on a document in its order, without the file.
// Advice on the document as a whole comes first.
func (a Adviser) On(doc *baseline.Document) []Hint {
	s := newSubject(doc, a.Now)
	hints := onDirections(doc)
	for _, e := range s.entries {
		for _, kind := range Kinds {
			if kind.find == nil {
				continue
			}
			if about, text := kind.find(s, e); len(about) > 0 {
				hints = append(hints, e.hint(kind.Id, fmt.Sprintf("%s: %s", trafficText(about), text)))
			}
		}
		hints = append(hints, a.onException(e)...)
	}
	hints = append(hints, s.redundant()...)
	order := map[string]int{}
	for i, e := range s.entries {
		order[e.path] = i + 1
	}
	slices.SortStableFunc(hints, func(x, y Hint) int { return cmp.Compare(order[x.Path], order[y.Path]) })
	return hints
}

// onDirections advises on directions that are not guarded, since a list may be
// absent by mistake. The advice is about the document, as no line of the document
// says so.
func onDirections(doc *baseline.Document) []Hint {
	var hints []Hint
	line, column := doc.Position()
	for _, direction := range compare.Unguarded(doc) {
		text := fmt.Sprintf("%[1]s is not guarded: rules of that direction are left alone; write %[1]s: [] if none is meant", direction)
		hints = append(hints, Hint{Position{Line: line, Column: column}, Advice{"not-guarded", text}})
	}
	return hints
}

func (e entry) hint(id, text string) Hint {
	line, column := e.Position()
	return Hint{Position{Line: line, Column: column, Path: e.path}, Advice{id, text}}
}

func (a Adviser) onException(e entry) []Hint {
	if e.exception == nil {
		return nil
	}
	var hints []Hint
	var absent []string
	if strings.TrimSpace(e.exception.Reason) == "" {
		absent = append(absent, "reason")
	}
	if strings.TrimSpace(e.exception.ApprovedBy) == "" {
		absent = append(absent, "approvedBy")
	}
	if len(absent) > 0 {
		hints = append(hints, e.hint("exception-reason", "the exception has no "+strings.Join(absent, " and no ")+": say why it is needed and who approved it"))
	}
	if e.exception.Expires.Sub(a.Now) > longException {
		days := int(e.exception.Expires.Sub(a.Now).Hours() / 24)
		hints = append(hints, e.hint("exception-too-long", fmt.Sprintf("the exception lasts %d days more: shorten it to 30, or make it an entry that is reviewed like one", days)))
	}
	return hints
}

// trafficText writes the protocol and ports that rules of one entry have, with
// some of their peers.
func trafficText(about []rule.Rule) string {
	const most = 3
	var peers []string
	for i, r := range about {
		if i == most && len(about) > most+1 {
			peers = append(peers, fmt.Sprintf("%d more", len(about)-i))
			break
		}
		peers = append(peers, r.Peer.String())
	}
	r, preposition := about[0], "from"
	if r.Direction == rule.Egress {
		preposition = "to"
	}
	what := r.Protocol.String()
	if r.Protocol == rule.All {
		what = "all protocols"
	}
	if r.Protocol.HasPorts() {
		what += " " + rule.PortsText(r.Protocol, r.Ports)
	}
	return fmt.Sprintf("%s %s %s", what, preposition, strings.Join(peers, ", "))
}

// filter returns the rules of an entry that are so.
func (e entry) filter(is func(rule.Rule) bool) []rule.Rule {
	var found []rule.Rule
	for _, r := range e.Rules() {
		if is(r) {
			found = append(found, r)
		}
	}
	return found
}
