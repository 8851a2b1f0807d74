package rule

import "net/netip"

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
	v4, v6    *node
	entries   []Forbidden  // that the nodes keep their last gaps for
	forbidden []serviceSet // by entry, the services that it forbids
	steps     int          // work done, for tests of how time grows
}

type node struct {
	family        *family
	parent        *node
	child         [2]*node
	open          serviceSet
	lastGap       []serviceSet // by entry, see gaps.go; nil where all are empty
	publicLength  int
	publicCount   uint64 // in the family's grains; not kept below a wholly public prefix
	whollyPublic  bool
	barrenSibling bool // the other half of the parent holds no public address
}

// newOpened returns a tree that keeps the last gaps for the entries. It does so
// only as long as no entry is broken.
func newOpened(entries []Forbidden) *opened {
	o := &opened{v4: newRoot(ipv4, worldV4), v6: newRoot(ipv6, worldV6), entries: entries}
	for _, f := range entries {
		o.forbidden = append(o.forbidden, serviceSet{f.services()})
	}
	return o
}

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
	child.whollyPublic = child.publicCount == n.family.grains(p)
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
			o.inheritGaps(n.child[half])
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

// add opens what a rule opens.
func (o *opened) add(r Rule) {
	for _, n := range o.nodes(r) {
		o.open(n, r.services())
	}
}

// open opens a node on the services, and the nodes above that this completes.
func (o *opened) open(n *node, s services) {
	o.steps++
	for missing := range n.open.lacking(s) {
		o.steps++
		for both := range n.openOfSibling().shared(missing) {
			o.open(n.parent, both)
		}
		o.narrowGaps(n, missing)
	}
	n.open = n.open.with(s)
}

// sibling returns the node of the other half of the parent, or nil.
func (n *node) sibling() *node {
	switch {
	case n.parent == nil:
		return nil
	case n.parent.child[0] == n:
		return n.parent.child[1]
	}
	return n.parent.child[0]
}

// openOfSibling returns the services on which the other half of the parent is open.
func (n *node) openOfSibling() serviceSet {
	if n.barrenSibling {
		return allServices
	}
	if sibling := n.sibling(); sibling != nil {
		return sibling.open
	}
	return nil
}

func (r Rule) services() services { return servicesOf(r.Direction, r.Protocol, r.Ports) }
