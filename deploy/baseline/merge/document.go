package merge

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Document returns the document of a group that says a content. Rules that differ in
// their peer alone share an entry.
func (c Content) Document(groupID string) (*baseline.Document, error) {
	doc := baseline.Document{Schema: baseline.SchemaVersion, GroupID: groupID, GroupName: c.Settings[GroupName]}
	if c.Settings[Mode] != string(baseline.Enforce) {
		doc.Mode = baseline.Mode(c.Settings[Mode])
	}
	if c.Settings[Match] != "covered" {
		doc.Match = c.Settings[Match]
	}
	doc.Restore = c.Settings[Restore] == "true"
	if minutes, err := strconv.Atoi(c.Settings[GraceMinutes]); err == nil {
		doc.GraceMinutes = &minutes
	}
	if c.Settings[Ingress] == Guarded {
		doc.Ingress = []baseline.Entry{}
	}
	if c.Settings[Egress] == Guarded {
		doc.Egress = []baseline.Entry{}
	}
	c.fill(&doc)
	// Decoding makes the rules of the entries, and makes sure that the document is valid.
	data, err := baseline.Encode(&doc)
	if err != nil {
		return nil, err
	}
	return baseline.Decode(data, groupID)
}

// fill adds the entries and exceptions.
func (c Content) fill(doc *baseline.Document) {
	var last *Item
	for _, i := range c.Sorted() {
		shares := last != nil && last.Shares(i)
		peer := PeerText(i.Rule.Peer, doc.GroupID)
		switch {
		case i.Terms.Expires != "":
			if !shares {
				expires, _ := time.Parse(time.RFC3339Nano, i.Terms.Expires) // written by TermsOf
				doc.Exceptions = append(doc.Exceptions, baseline.Exception{
					Direction: i.Rule.Direction.String(), Entry: entryOf(i), Expires: expires, Reason: i.Terms.Reason, ApprovedBy: i.Terms.ApprovedBy,
				})
			}
			addPeer(&doc.Exceptions[len(doc.Exceptions)-1].Entry, i.Rule.Direction, peer)
		default:
			entries := &doc.Ingress
			if i.Rule.Direction == rule.Egress {
				entries = &doc.Egress
			}
			if !shares {
				*entries = append(*entries, entryOf(i))
			}
			addPeer(&(*entries)[len(*entries)-1], i.Rule.Direction, peer)
		}
		last = &i
	}
}

// Shares reports whether two items differ in their peer alone.
func (i Item) Shares(other Item) bool {
	i.Rule.Peer = other.Rule.Peer
	return i == other
}

func entryOf(i Item) baseline.Entry {
	e := baseline.Entry{Protocol: i.Rule.Protocol.String(), Description: i.Terms.Description}
	if i.Rule.Protocol.HasPorts() {
		e.Ports = rule.PortsText(i.Rule.Protocol, i.Rule.Ports)
	}
	return e
}

// PeerText writes a peer as files have it.
func PeerText(p rule.Peer, groupID string) string {
	if p == (rule.Peer{Kind: rule.Group, ID: groupID}) {
		return "self"
	}
	return p.String()
}

func addPeer(e *baseline.Entry, direction rule.Direction, peer string) {
	if direction == rule.Egress {
		e.Destinations = append(e.Destinations, peer)
	} else {
		e.Sources = append(e.Sources, peer)
	}
}

// String writes an item for people.
func (i Item) String() string {
	if i.Terms == (Terms{}) {
		return i.Rule.String()
	}
	terms, err := json.Marshal(i.Terms)
	if err != nil { // strings alone
		return i.Rule.String()
	}
	return fmt.Sprintf("%s %s", i.Rule, terms)
}
