package rule

import (
	"iter"
	"net/netip"
)

// opened holds what rules open together: a binary tree of prefixes for each IP
// version. A node says on which services all public addresses of its prefix are
// open, by rules for the prefix itself or for prefixes inside it:
//
//	20.0.0.0/22             tcp 22             both halves are open on tcp 22
//	├── 20.0.0.0/23         tcp 22, tcp 80     two rules
//	└── 20.0.2.0/23         tcp 22             both halves are open on tcp 22
//	    ├── 20.0.2.0/24     tcp 22             one rule
//	    └── 20.0.3.0/24     tcp 22, tcp 443    two rules
//
// A prefix without public addresses is no obstacle: 11.0.0.0/8 by itself opens
// 10.0.0.0/7, since 10.0.0.0/8 is private. What rules for wider prefixes open, a
// node does not repeat.
//
// A new rule passes only the services that a node lacked on to the node above.
// So each node gains each service once, however many rules there are, and the
// time grows with the number of rules times the length of their prefixes.
type opened struct {
	v4, v6 *node
	steps  int // work done, for tests of how time grows
}

type node struct {
	family        *family
	parent        *node
	child         [2]*node
	open          serviceSet
	publicLength  int
	publicCount   uint64 // in the family's grains; not kept below a wholly public prefix
	whollyPublic  bool
	barrenSibling bool // the other half of the parent holds no public address
}

func newOpened() *opened { return &opened{v4: newRoot(ipv4, worldV4), v6: newRoot(ipv6, worldV6)} }

// newRoot makes the node of 0.0.0.0/0 or ::/0. Both hold all public addresses of
// their family, which is a public length of 0, and others.
func newRoot(f *family, world netip.Prefix) *node {
	return &node{family: f, publicCount: f.count(world)}
}

// grow makes the node of a prefix that is one half of the parent's.
func (n *node) grow(p netip.Prefix) *node {
	child := &node{family: n.family, parent: n, publicLength: p.Bits(), whollyPublic: n.whollyPublic}
	if n.whollyPublic {
		return child
	}
	child.publicLength, _ = n.family.publicLength(p)
	child.publicCount = n.family.count(p)
	child.whollyPublic = p.Bits() >= n.family.all.Bits() && child.publicCount == n.family.grains(p)
	child.barrenSibling = child.publicCount == n.publicCount
	return child
}

// at returns the node of a prefix, with the way to it, new where need be.
func (o *opened) at(p netip.Prefix) *node {
	n := o.v6
	if p.Addr().Is4() {
		n = o.v4
	}
	address, unused := p.Addr().As16(), 128-p.Addr().BitLen() // As16 puts IPv4 at the end
	for length := range p.Bits() {
		o.steps++
		bit := unused + length
		half := address[bit/8] >> (7 - bit%8) & 1
		if n.child[half] == nil {
			n.child[half] = n.grow(netip.PrefixFrom(p.Addr(), length+1))
		}
		n = n.child[half]
	}
	return n
}

// nodes returns the nodes of the public prefixes that a rule opens.
func (o *opened) nodes(r Rule) []*node {
	if r.Peer.Kind != CIDR {
		return nil
	}
	var nodes []*node
	for _, p := range publicPrefixes(r.Peer.Prefix) {
		nodes = append(nodes, o.at(p))
	}
	return nodes
}

// opening is a change: a node opens on services that it lacks.
type opening struct {
	node     *node
	services services
}

// plan lists all that a rule would open. It changes nothing that is open.
func (o *opened) plan(r Rule) []opening {
	var all []opening
	for _, n := range o.nodes(r) {
		all = o.rise(n, r.services(), all)
	}
	return all
}

// rise adds the openings that opening a node on the services brings about, from
// the node upwards.
func (o *opened) rise(n *node, s services, all []opening) []opening {
	o.steps++
	for missing := range n.open.lacking(s) {
		o.steps++
		all = append(all, opening{n, missing})
		for both := range n.completed(missing) {
			all = o.rise(n.parent, both, all)
		}
	}
	return all
}

// completed yields the services on which opening the node opens its parent: those
// on which the sibling is open already.
func (n *node) completed(s services) iter.Seq[services] {
	switch {
	case n.parent == nil:
		return serviceSet{}.shared(s)
	case n.barrenSibling:
		return serviceSet{s}.shared(s)
	}
	sibling := n.parent.child[0]
	if sibling == n {
		sibling = n.parent.child[1]
	}
	if sibling == nil {
		return serviceSet{}.shared(s)
	}
	return sibling.open.shared(s)
}

// do carries a plan out.
func (o *opened) do(plan []opening) {
	for _, change := range plan {
		o.steps++
		change.node.open = change.node.open.with(change.services)
	}
}

func (r Rule) services() services { return servicesOf(r.Direction, r.Protocol, r.Ports) }
