package rule

// A node is the last gap of an entry on a service when opening the node on that
// service breaks the entry: the node is too wide itself, or it is all that is not
// open yet of a prefix that is too wide. With widest 22:
//
//	20.0.0.0/21              too wide
//	├── 20.0.0.0/22          open on tcp 22
//	└── 20.0.4.0/22          the last gap on tcp 22
//	    ├── 20.0.4.0/23      open on tcp 22
//	    └── 20.0.6.0/23      the last gap on tcp 22, and part of the one above
//
// So a node below those that are too wide is the last gap on the services on which
// its parent is and its sibling is open. Nodes keep these services, since looking
// for them anew would take, for each rule that breaks an entry, a look at all rules that stayed.
//
// They are few. Two prefixes that don't overlap are never both the last gap in
// one prefix on one service, as each would have to be open for the other to be the
// last. So a service that is open somewhere adds to the nodes of one path only.

// gapOf returns the services on which the node is the last gap of an entry.
func (o *opened) gapOf(n *node, entry int) serviceSet {
	switch {
	case o.entries[entry].tooWide(n):
		return o.forbidden[entry]
	case n.lastGap == nil:
		return nil
	}
	return n.lastGap[entry]
}

// firstBroken returns the index of the first entry that opening a node on the
// services would break, and the number of entries if there is none.
func (o *opened) firstBroken(n *node, s services) int {
	for i := range o.entries {
		o.steps++
		if o.gapOf(n, i).meets(s) {
			return i
		}
	}
	return len(o.entries)
}

// inheritGaps works out for a new node on which services it is the last gap.
func (o *opened) inheritGaps(n *node) {
	sibling := n.openOfSibling()
	if len(sibling) == 0 {
		return
	}
	for i := range o.entries {
		for _, gap := range o.gapOf(n.parent, i) {
			o.steps++
			for left := range sibling.shared(gap) {
				o.markGap(n, i, left)
			}
		}
	}
}

// narrowGaps leaves the sibling of a node as the last gap where the parent was it
// and the node opens.
func (o *opened) narrowGaps(n *node, opening services) {
	sibling := n.sibling()
	if sibling == nil {
		return
	}
	for i := range o.entries {
		o.steps++
		for left := range o.gapOf(n.parent, i).shared(opening) {
			o.markGap(sibling, i, left)
		}
	}
}

// markGap makes a node the last gap on the services, and so the nodes below whose
// siblings are open on them.
func (o *opened) markGap(n *node, entry int, s services) {
	o.steps++
	if o.entries[entry].tooWide(n) {
		return
	}
	if n.lastGap == nil {
		n.lastGap = make([]serviceSet, len(o.entries))
	}
	n.lastGap[entry] = n.lastGap[entry].with(s)
	for _, child := range n.child {
		if child == nil {
			continue
		}
		for left := range child.openOfSibling().shared(s) {
			o.markGap(child, entry, left)
		}
	}
}
