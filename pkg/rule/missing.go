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
// prefix list too, so a world-wide rule shares those.
func overlap(a, g Rule, approved, live *Set) []Rule {
	within := (*Set)(nil)
	switch {
	case a.Peer.IsWorld() && g.Peer.Kind != CIDR:
		a.Peer, within = g.Peer, approved
	case g.Peer.IsWorld() && a.Peer.Kind != CIDR:
		g.Peer, within = a.Peer, live
	}
	shared, ok := intersect(a, g)
	if !ok {
		return nil
	}
	if within == nil {
		return []Rule{shared}
	}
	var pieces []Rule
	for _, ports := range within.permittedPorts(shared).intersect(portSet{shared.Ports}) {
		shared.Ports = ports
		pieces = append(pieces, shared)
	}
	return pieces
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
