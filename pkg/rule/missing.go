package rule

// Missing returns the wanted rules whose traffic the live rules, together, do
// not permit in full, in the order given.
func Missing(wanted []Rule, live *Set) []Rule {
	var missing []Rule
	for _, r := range wanted {
		if !live.Permits(r, Covered) {
			missing = append(missing, r)
		}
	}
	return missing
}

// Carried returns the part of an approved rule's traffic that another rule may
// carry. It errs on the side of yes where an approved group or prefix list meets a
// CIDR: whether the members of the group have addresses inside the CIDR, nobody
// here knows, and the part then is for the group. A group never carries the
// traffic of a CIDR, since a rule for the CIDR would open more than the group did.
func Carried(approved, by Rule) (Rule, bool) {
	if by.Peer.Kind == CIDR && approved.Peer.Kind != CIDR {
		by.Peer = approved.Peer
	}
	return intersect(approved, by)
}

// Inside reports whether one rule by itself permits all that another permits.
func Inside(inner, outer Rule) bool {
	both, ok := intersect(inner, outer)
	return ok && both == inner
}

// Overlap reports whether two rules for peers of one kind have traffic in common.
func Overlap(a, b Rule) bool {
	_, ok := intersect(a, b)
	return ok
}

// intersect returns the rule that permits exactly what both permit.
func intersect(a, b Rule) (Rule, bool) {
	if a.Protocol == All {
		a.Protocol, a.Ports = b.Protocol, b.Ports
	}
	if b.Protocol == All {
		b.Protocol, b.Ports = a.Protocol, a.Ports
	}
	if a.Direction != b.Direction || a.Protocol != b.Protocol || a.Peer.Kind != b.Peer.Kind || a.Peer.ID != b.Peer.ID {
		return Rule{}, false
	}
	if a.Peer.Kind == CIDR && !a.Peer.Prefix.Overlaps(b.Peer.Prefix) {
		return Rule{}, false
	}
	if a.Peer.Kind == CIDR && a.Peer.Prefix.Bits() < b.Peer.Prefix.Bits() {
		a.Peer = b.Peer
	}
	a.Ports = Ports{max(a.Ports.From, b.Ports.From), min(a.Ports.To, b.Ports.To)}
	return a, a.Ports.From <= a.Ports.To
}
