package simulation

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// judgeAuthorized: a function authorises only what a baseline approves. Unless the
// baseline restores the rule, this is what an approved rule and a violation have in
// common, where the violation is not just what the function's own event opened. A
// function may try for long to restore traffic that a revoke interrupted, so all counts that it may
// have seen since it began.
func (w *world) judgeAuthorized(by *invocation, g *group, rule int, at time.Time) {
	approved, ownOnly := false, false
	for _, h := range w.moments(g.id, by.started, at) {
		d := h.document
		if !d.enforces() || !d.approves(rule, by.started) {
			continue
		}
		approved = true
		if d.restore && slices.Contains(d.permanent, rule) {
			return
		}
		for _, o := range w.lived(g.id, by.started, at) {
			switch {
			case d.permits(o.rule, at) || !d.mayReplace(o.rule, rule, by.started):
			case by.opened(o):
				ownOnly = true
			default:
				return
			}
		}
	}
	switch text := naive.Universe[rule].Text; {
	case !approved:
		w.broken("safety", "%v authorised %s on %s, which no baseline of this time approves", by, text, g.id)
	case ownOnly:
		w.broken("safety", "%v authorised %s on %s, which only the rules of its own event carried", by, text, g.id)
	default:
		w.broken("safety", "%v authorised %s on %s, which no violation carried", by, text, g.id)
	}
}

// approves says whether the document approves all traffic of a rule, or with
// match: exact the very rule. An exception may expire on the way.
func (d *document) approves(rule int, at time.Time) bool {
	r := naive.Universe[rule]
	switch {
	case !d.guards(r.Egress):
		return false
	case d.exact:
		return slices.Contains(d.permitted(at), rule)
	}
	return r.Carried.Without(naive.Together(d.permitted(at))).Empty()
}

// mayReplace says whether a violation may have carried what the rule permits. With
// match: exact they need only overlap. Whether the members of a group or of a list
// are in a CIDR, nobody knows: then the protocol and the ports decide. They are in
// the CIDRs that the document approves if these are for every address.
func (d *document) mayReplace(violation, rule int, at time.Time) bool {
	v, r := naive.Universe[violation], naive.Universe[rule]
	switch {
	case !r.Prefix.IsValid() && v.Prefix.IsValid():
		v = v.WithPeer(r.Peer)
	case d.exact && r.Prefix.IsValid() && !v.Prefix.IsValid():
		return !r.WithPeer(v.Peer).Carried.And(v.Carried).And(naive.Together(d.permitted(at))).Empty()
	}
	// Rules that are together for every address are for the members of groups and lists
	// too. With match: exact no narrower rule could be authorised.
	if d.exact && !v.Prefix.IsValid() && r.Prefix.IsValid() && r.Prefix.Bits() == 0 {
		v = naive.New(v.Egress, v.Protocol, v.Ports, r.Peer)
		v.Carried = naive.TrafficOf(v)
	}
	if d.exact {
		return !v.Carried.And(r.Carried).Empty()
	}
	return r.Carried.Without(v.Carried).Empty()
}
