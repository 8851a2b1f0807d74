package review

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/gitlog"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// rulesOfGroup makes the rows of one group.
type rulesOfGroup struct {
	now     time.Time
	changes []compare.Difference // of the live rules from what is approved
	origins map[compare.Item]Origin
	commits map[compare.Item]*gitlog.Commit
	rows    []Rule

	reported map[int]bool // changes that a row has
}

// The kinds of compare.Difference that live rules come with.
const (
	added   = "added"
	removed = "removed"
)

// addDocument adds the rules of a baseline, in its order. A rule that stands there twice
// is one row.
func (s *rulesOfGroup) addDocument(doc *baseline.Document) {
	s.reported = map[int]bool{}
	descriptions := compare.Items(doc)
	add := func(e baseline.Entry, exception *baseline.Exception) {
		for _, r := range e.Rules() {
			item := compare.Item{Rule: r, Entry: entries.Is(doc)}
			if exception != nil {
				item.Exception = compare.ExceptionText(*exception)
			}
			if description, is := descriptions[item]; is {
				delete(descriptions, item)
				s.addItem(item, strings.TrimPrefix(description, "; "), exception)
			}
		}
	}
	for _, list := range [][]baseline.Entry{doc.Ingress, doc.Egress} {
		for _, e := range list {
			add(e, nil)
		}
	}
	for i := range doc.Exceptions {
		add(doc.Exceptions[i].Entry, &doc.Exceptions[i])
	}
}

func (s *rulesOfGroup) addItem(item compare.Item, description string, exception *baseline.Exception) {
	one := rowOf(item.Rule, item.Entry)
	one.Status, one.Description, one.Origin, one.Commit = Approved, description, s.origins[item], s.commits[item]
	if exception != nil {
		expires := exception.Expires.UTC()
		one.Status, one.Expires, one.Reason, one.ApprovedBy = Exception, &expires, exception.Reason, exception.ApprovedBy
		if !s.now.Before(expires) {
			one.Status = Ended
		}
	} else if at := s.find(removed, one.Text); at >= 0 {
		s.reported[at] = true
		one.Status, one.Says = Missing, s.changes[at].Says
	}
	one.ForGood = exception == nil
	s.rows = append(s.rows, one)
}

// find returns the index of a change that no row has yet, -1 where there is none.
func (s *rulesOfGroup) find(kind, text string) int {
	for i, c := range s.changes {
		if string(c.Kind) == kind && c.Rule == text && !s.reported[i] {
			return i
		}
	}
	return -1
}

func (s *rulesOfGroup) addApproval(a ApprovalOf) {
	expires := a.Expires.UTC()
	for _, r := range a.Rules {
		one := rowOf(r, false)
		one.Status, one.Expires, one.Name, one.Reason, one.Origin = Approval, &expires, a.Name, a.Reason, a.Origin
		if !a.Active(s.now) {
			one.Status = Ended
		}
		s.rows = append(s.rows, one)
	}
}

// addDrift adds the changes that no row has yet.
func (s *rulesOfGroup) addDrift() {
	for i, c := range s.changes {
		if s.reported[i] {
			continue
		}
		one := Rule{Text: c.Rule, Status: NotCanonical, Says: c.Says}
		if r, err := rule.Parse(c.Rule); err == nil {
			one = rowOf(r, false)
		} else if peer, is := strings.CutPrefix(c.Rule, "entry "); is {
			one.Peer = peer
		}
		one.Says = c.Says
		switch {
		case string(c.Kind) == removed:
			one.Status = Missing
		case string(c.Kind) == added && c.Until != nil:
			one.Status, one.Expires = InGrace, c.Until
		case string(c.Kind) == added:
			one.Status = Violation
		default:
			one.Status = NotCanonical
		}
		s.rows = append(s.rows, one)
	}
	slices.SortStableFunc(s.rows, func(a, b Rule) int { return cmp.Compare(rank(a.Status), rank(b.Status)) })
}

// rank puts first what somebody has to look at.
func rank(s Status) int {
	return slices.Index([]Status{Violation, InGrace, NotCanonical, Missing, Approval, Exception, Approved, Ended}, s)
}

// rowOf splits a rule into its words.
func rowOf(r rule.Rule, entry bool) Rule {
	if entry {
		return Rule{Text: entries.TextOf(r.Peer.Prefix), Peer: r.Peer.String()}
	}
	return Rule{
		Text: r.String(), Direction: r.Direction.String(), Protocol: r.Protocol.String(),
		Ports: rule.PortsText(r.Protocol, r.Ports), Peer: r.Peer.String(),
	}
}
