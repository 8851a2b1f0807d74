package simulation

import (
	"slices"
	"time"
)

// judgeAuthorized: a function authorises only what a baseline approves. Unless the
// baseline restores the rule, this is what an approved rule and a violation have in
// common, where the violation is not just what the function's own event opened. A
// function may insist for long on what a revoke has cut, so all counts that it may
// have seen since it began.
func (w *world) judgeAuthorized(by *invocation, g *group, rule int, at time.Time) {
	approved, ownOnly := false, false
	for _, h := range w.moments(g.id, by.started, at) {
		d := h.document
		if !d.enforces() || !d.approves(rule, by.started) {
			continue
		}
		approved = true
		if d.restore && slices.Contains(d.standing, rule) {
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
	switch text := universe[rule].text; {
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
	r := universe[rule]
	switch {
	case !d.guards(r.egress):
		return false
	case d.exact:
		return slices.Contains(d.permitted(at), rule)
	}
	return r.carried.without(together(d.permitted(at))).empty()
}

// mayReplace says whether a violation may have carried what the rule permits. With
// match: exact they need only overlap. Whether the members of a group or of a list
// are in a CIDR, nobody knows: then the protocol and the ports decide. They are in
// the CIDRs that the document approves if these are for every address.
func (d *document) mayReplace(violation, rule int, at time.Time) bool {
	v, r := universe[violation], universe[rule]
	switch {
	case !r.prefix.IsValid() && v.prefix.IsValid():
		v = v.withPeer(r.peer)
	case d.exact && r.prefix.IsValid() && !v.prefix.IsValid():
		return !r.withPeer(v.peer).carried.and(v.carried).and(together(d.permitted(at))).empty()
	}
	// Rules that are together for every address are for the members of groups and lists
	// too. With match: exact no narrower rule could be authorised.
	if d.exact && !v.prefix.IsValid() && r.prefix.IsValid() && r.prefix.Bits() == 0 {
		v = newRule(v.egress, v.protocol, v.ports, r.peer)
		v.carried = trafficOf(v)
	}
	if d.exact {
		return !v.carried.and(r.carried).empty()
	}
	return r.carried.without(v.carried).empty()
}

func (r universeRule) withPeer(peer string) universeRule {
	other := newRule(r.egress, r.protocol, r.ports, peer)
	other.carried = trafficOf(other)
	return other
}
