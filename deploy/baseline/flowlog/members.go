package flowlog

import (
	"net/netip"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// members knows which addresses groups and prefix lists have.
type members struct {
	byAddr    map[netip.Addr][]*Interface
	delegated []*Interface // those with prefixes
	groups    map[string]bool
	lists     map[string][]netip.Prefix
	newest    int64 // when the last interface was attached
}

func newMembers(interfaces Interfaces, lists map[string][]netip.Prefix) members {
	m := members{byAddr: map[netip.Addr][]*Interface{}, groups: map[string]bool{}, lists: lists}
	for _, i := range interfaces {
		m.newest = max(m.newest, i.Since)
		for _, a := range i.Addrs {
			m.byAddr[a] = append(m.byAddr[a], i)
		}
		if len(i.Prefixes) > 0 {
			m.delegated = append(m.delegated, i)
		}
		for _, g := range i.Groups {
			m.groups[g] = true
		}
	}
	return m
}

// have reports whether an address may be a peer's, as seen from an interface. An address that no interface of the same
// VPC has may have been of a member that was removed, or of a member elsewhere: that counts as yes. reused says that the
// address was perhaps another interface's at the time.
func (m members) have(p rule.Peer, a netip.Addr, reused bool, from *watchedInterface) bool {
	switch p.Kind {
	case rule.CIDR:
		return p.Prefix.Contains(a)
	case rule.PrefixList:
		return slices.ContainsFunc(m.lists[p.ID], func(list netip.Prefix) bool { return list.Contains(a) })
	}
	if reused {
		return true
	}
	neighbour := false
	for _, i := range m.at(a) {
		if slices.Contains(i.Groups, p.ID) {
			return true
		}
		neighbour = neighbour || !from.isUnknown && i.VPC == from.VPC
	}
	return !neighbour
}

// reused reports whether an interface that has the address was attached only after a time.
func (m members) reused(a netip.Addr, at int64) bool {
	return at < m.newest && slices.ContainsFunc(m.at(a), func(i *Interface) bool { return i.Since > at })
}

// at returns the interfaces that have an address.
func (m members) at(a netip.Addr) []*Interface {
	found := m.byAddr[a]
	for _, i := range m.delegated {
		if i.hasAddr(a) && !slices.Contains(found, i) {
			found = append(slices.Clip(found), i)
		}
	}
	return found
}

// Traffic that flow logs leave out (VPC User Guide, Flow log limitations): to the VPC's DNS server, DHCP, to the
// instance metadata and the time server at 169.254.0.0/16 and fd00:ec2::/32, and for the activation of Windows.
var (
	unloggedPorts = map[rule.Protocol][]rule.Ports{
		rule.TCP: {{From: 53, To: 53}, {From: 1688, To: 1688}},
		rule.UDP: {{From: 53, To: 53}, {From: 67, To: 68}, {From: 123, To: 123}},
	}
	unloggedAddrs = []netip.Prefix{netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("fd00:ec2::/32")}
)

// notJudged says why flow logs can't say whether a rule saw traffic. It is empty where they can.
func (m members) notJudged(r rule.Rule) string {
	switch {
	case r.Peer.Kind == rule.Group && !m.groups[r.Peer.ID]:
		return "no interface of the snapshots has the group " + r.Peer.ID + ", so its addresses are not known"
	case r.Peer.Kind == rule.PrefixList && m.lists[r.Peer.ID] == nil:
		return "the entries of " + r.Peer.ID + " are not known: lint the document of the prefix list too"
	case r.Direction == rule.Egress && isUnlogged(r):
		return "flow logs leave out DNS, DHCP, time, metadata and activation of the VPC itself"
	}
	return ""
}

func isUnlogged(r rule.Rule) bool {
	if r.Peer.Kind == rule.CIDR {
		for _, p := range unloggedAddrs {
			if p.Bits() <= r.Peer.Prefix.Bits() && p.Contains(r.Peer.Prefix.Addr()) {
				return true
			}
		}
	}
	return slices.ContainsFunc(unloggedPorts[r.Protocol], func(p rule.Ports) bool {
		return r.Ports.From >= p.From && r.Ports.To <= p.To
	})
}
