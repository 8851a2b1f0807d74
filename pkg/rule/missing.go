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
func Cut(approved, live, kept *Set, going []Rule) []Rule {
	var cut []Rule
	for _, a := range approved.rules {
		if losesTraffic(a, approved, live, kept, going) {
			cut = append(cut, a)
		}
	}
	return cut
}

func losesTraffic(a Rule, approved, live, kept *Set, going []Rule) bool {
	for _, g := range going {
		for _, shared := range overlap(a, g, approved, live) {
			if !kept.Permits(shared, Covered) {
				return true
			}
		}
	}
	return false
}

// overlap returns the traffic that approved rule a and live rule g have in
// common. Where a set permits both 0.0.0.0/0 and ::/0 it permits any group and
// prefix list too, so every rule for addresses has a part in those.
func overlap(a, g Rule, approved, live *Set) []Rule {
	switch {
	case a.Peer.Kind == CIDR && g.Peer.Kind != CIDR:
		a.Peer = g.Peer
		return approved.toAnyone(intersect(a, g))
	case g.Peer.Kind == CIDR && a.Peer.Kind != CIDR:
		g.Peer = a.Peer
		return live.toAnyone(intersect(a, g))
	}
	if shared, ok := intersect(a, g); ok {
		return []Rule{shared}
	}
	return nil
}

// toAnyone returns the parts of a rule for a group or prefix list where the set
// permits the whole world of both families.
func (s *Set) toAnyone(r Rule, ok bool) []Rule {
	var parts []Rule
	for key, sp := range s.spaces {
		if !ok || key.direction != r.Direction || r.Protocol != All && r.Protocol != key.protocol && key.protocol != All {
			continue
		}
		part := r
		if r.Protocol == All {
			part.Protocol = key.protocol
		}
		for _, ports := range sp.anyone.intersect(portSet{r.Ports}) {
			part.Ports = ports
			parts = append(parts, part)
		}
	}
	return parts
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

// Overlap reports whether two rules may have traffic in common. It errs on the
// side of yes where an address may belong to a member of a group.
func Overlap(a, b Rule) bool {
	if a.Peer.Kind != b.Peer.Kind {
		a.Peer = b.Peer
	}
	_, ok := intersect(a, b)
	return ok
}
