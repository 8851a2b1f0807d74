package rule

import "fmt"

// Forbidden is one entry of the guardrail: what a group without a baseline may
// not open to more public addresses than it says.
type Forbidden struct {
	Direction Direction
	Protocol  Protocol // All meets every protocol
	Ports     Ports
	// WidestV4 and WidestV6 are the prefix lengths of the widest public peer
	// that is still permitted: 1 forbids the whole world only, 0 forbids nothing.
	// All of IPv6 that is public is a /3, so that 1 to 4 are the same there.
	WidestV4, WidestV6 int
}

// Break says which entry of the guardrail a rule breaks.
type Break struct {
	Entry    int  // index of the first entry broken
	Together bool // the rule breaks the entry only together with other rules
}

// What breaks an entry: a prefix that is too wide for the entry, and that the
// rules together open on a service that the entry forbids.
//
//   - A prefix is too wide when it holds more public addresses than a prefix of
//     the entry's widest length has room for. The prefix that holds all public
//     addresses is too wide for each entry, except for one whose widest is 0.
//   - A prefix is open on a service when rules open all public addresses in it,
//     and there is at least one. Other addresses count as neither open nor closed.
//
// With widest 24, and rules on tcp 22 that come from left to right:
//
//	            20.0.0.0/23, too wide
//	           /                     \
//	   20.0.0.0/24              20.0.1.0/24
//	   stays                    breaks the entry: it completes the /23
//
//	            192.168.0.0/15, no wider than a /16 of public addresses
//	           /                     \
//	   192.168.0.0/16           192.169.0.0/16
//	   private                  stays where the widest is 16
//
// A rule that holds a prefix that is too wide is too wide itself. So the prefixes
// to look at are that of the rule and those around it.

// BreakingInOrder judges rules as if they had come one after the other. A rule
// is revoked when it breaks an entry by itself, or together with the rules before it
// that stayed. The result has one element a rule, which is nil where the rule
// stays. Rules for groups and for prefix lists always stay.
func BreakingInOrder(rules []Rule, entries []Forbidden) []*Break {
	return newOpened(entries).breakingInOrder(rules)
}

func (o *opened) breakingInOrder(rules []Rule) []*Break {
	breaks := make([]*Break, len(rules))
	for i, r := range rules {
		first := len(o.entries)
		for _, n := range o.nodes(r) {
			first = min(first, o.firstBroken(n, r.services()))
		}
		breaks[i] = o.newBreak(r, o.entries, first)
		if breaks[i] == nil {
			o.add(r)
		}
	}
	return breaks
}

// BreakingTogether judges all rules at once. A rule breaks an entry when it opens
// a part of a prefix that is too wide and that all rules together open. More rules
// never make a Break vanish. The result has one element a rule, which is nil where
// the rule breaks nothing.
func BreakingTogether(rules []Rule, entries []Forbidden) []*Break {
	return newOpened(nil).breakingTogether(rules, entries)
}

func (o *opened) breakingTogether(rules []Rule, entries []Forbidden) []*Break {
	for _, r := range rules {
		o.add(r)
	}
	breaks := make([]*Break, len(rules))
	for i, r := range rules {
		breaks[i] = o.newBreak(r, entries, o.firstBrokenAround(r, entries))
	}
	return breaks
}

// firstBrokenAround returns the index of the first entry that a prefix of the
// rule or around it breaks on a service that the rule opens, and the number of
// entries if none is broken.
func (o *opened) firstBrokenAround(r Rule, entries []Forbidden) int {
	first := len(entries)
	for _, n := range o.nodes(r) {
		for ; n != nil; n = n.parent {
			for i, f := range entries[:first] {
				o.steps++
				if shared, meet := f.services().meet(r.services()); meet && f.tooWide(n) && n.open.meets(shared) {
					first = i
					break
				}
			}
		}
	}
	return first
}

// newBreak makes the Break of a rule that breaks the entry with this index. It
// returns nil if there is no such entry.
func (o *opened) newBreak(r Rule, entries []Forbidden, entry int) *Break {
	if entry == len(entries) {
		return nil
	}
	for _, n := range o.nodes(r) {
		if entries[entry].tooWide(n) {
			return &Break{Entry: entry}
		}
	}
	return &Break{Entry: entry, Together: true}
}

func (f Forbidden) services() services { return servicesOf(f.Direction, f.Protocol, f.Ports) }

func (f Forbidden) tooWide(n *node) bool { return n.publicLength < f.widestOf(n.family) }

func (f Forbidden) widestOf(family *family) int {
	if family == ipv4 {
		return f.WidestV4
	}
	return f.WidestV6
}

// OpensWorld reports whether the rules together open all public IPv4 addresses,
// or all public IPv6 addresses, on some port of a protocol in one direction.
func OpensWorld(rules []Rule) bool {
	o := newOpened(nil)
	for _, r := range rules {
		o.add(r)
	}
	return len(o.v4.open) > 0 || len(o.v6.open) > 0
}

// Reason says for a person how a rule breaks the entry: by itself, or only together
// with other rules of the group, as the rule's Break says.
func (f Forbidden) Reason(r Rule, together bool) string {
	family, peer := f.brokenFamily(r)
	what := Rule{Direction: f.Direction, Protocol: f.Protocol, Ports: f.Ports}
	// No prefix is between the world and its halves, so that a widest that
	// permits the halves says as much as any below.
	widest := max(f.widestOf(family), family.all.Bits()+1)
	if together {
		peer += " together with other rules of the group"
	}
	return fmt.Sprintf("the guardrail permits %s public addresses only up to a /%d, and %s is wider", what.opening(), widest, peer)
}

// brokenFamily returns the IP version in which the rule breaks the entry, and the
// rule's peer for people. The version is not the peer's own for NAT64 addresses.
func (f Forbidden) brokenFamily(r Rule) (broken *family, peer string) {
	own, peer := familyOf(r.Peer.Prefix), r.Peer.String()
	behind, ok := throughNAT64(r.Peer.Prefix)
	length, public := own.publicLength(r.Peer.Prefix)
	if !ok || public && length < f.widestOf(own) {
		return own, peer
	}
	return ipv4, fmt.Sprintf("%s (%s through NAT64)", peer, behind)
}
