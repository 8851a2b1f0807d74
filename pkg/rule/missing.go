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

// Cut returns the approved rules some of whose traffic is carried, of the live
// rules, only by those that go: what revoking them and keeping the rest would
// cut off.
func Cut(approved, kept *Set, going []Rule) []Rule {
	var cut []Rule
	for _, a := range approved.rules {
		if losesTraffic(a, kept, going) {
			cut = append(cut, a)
		}
	}
	return cut
}

func losesTraffic(a Rule, kept *Set, going []Rule) bool {
	for _, g := range going {
		if part, ok := carried(a, g); ok && !kept.Permits(part, Covered) {
			return true
		}
	}
	return false
}

// MayCarry reports whether a rule may carry some of the approved rule's traffic.
func MayCarry(r, approved Rule) bool {
	_, may := carried(approved, r)
	return may
}

// carried returns the part of an approved rule that another may carry. It errs on
// the side of yes where the peers are of two kinds: whether the members of a group
// have addresses inside a CIDR, nobody here knows.
func carried(approved, by Rule) (Rule, bool) {
	if by.Peer.Kind != approved.Peer.Kind {
		by.Peer = approved.Peer
	}
	return intersect(approved, by)
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
