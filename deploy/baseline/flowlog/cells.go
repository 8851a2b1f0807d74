package flowlog

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// How many ranges of ports, and how many prefixes for each, are kept of one rule and protocol. They bound the memory.
const (
	mostCells    = 32
	mostPrefixes = 32
)

// cell is a range of ports with the addresses that were seen on the ports.
type cell struct {
	ports rule.Ports
	addrs prefixSet // none where the peer is a group or a prefix list
}

// cells are sorted by their ports and disjoint. Where there are too many, the two with the fewest ports in between
// become one.
type cells []cell

// see notes an address on a range of ports. The address may be invalid, where only ports matter.
func (c cells) see(ports rule.Ports, a netip.Addr) cells {
	at, _ := slices.BinarySearchFunc(c, ports.From, func(x cell, from uint16) int { return cmp.Compare(x.ports.To, from) })
	end := at
	merged := cell{ports: ports}
	for ; end < len(c) && c[end].ports.From <= ports.To; end++ {
		merged.take(c[end])
	}
	if a.IsValid() && !merged.addrs.contains(a) {
		merged.addrs = merged.addrs.add(netip.PrefixFrom(a, a.BitLen()), mostPrefixes)
	}
	if end == at+1 {
		c[at] = merged
		return c
	}
	return slices.Replace(c, at, end, merged).reduce(mostCells)
}

// take widens a cell by another.
func (c *cell) take(other cell) {
	c.ports = rule.Ports{From: min(c.ports.From, other.ports.From), To: max(c.ports.To, other.ports.To)}
	if c.addrs == nil {
		c.addrs = other.addrs
		return
	}
	c.addrs = c.addrs.union(other.addrs, mostPrefixes)
}

// reduce merges neighbours until there are at most so many cells.
func (c cells) reduce(most int) cells {
	for len(c) > most {
		at := 0
		for i := range len(c) - 1 {
			if c.gap(i) < c.gap(at) {
				at = i
			}
		}
		c[at].take(c[at+1])
		c = slices.Delete(c, at+1, at+2)
	}
	return c
}

// gap counts the ports from a cell to the next.
func (c cells) gap(i int) int { return int(c[i+1].ports.From) - int(c[i].ports.To) }

// joined returns the cells with neighbours of the same addresses put together where no port lies in between.
func (c cells) joined() cells {
	var joined cells
	for _, next := range c {
		last := len(joined) - 1
		if last >= 0 && int(joined[last].ports.To)+1 == int(next.ports.From) && slices.Equal(joined[last].addrs, next.addrs) {
			joined[last].ports.To = next.ports.To
			continue
		}
		joined = append(joined, next)
	}
	return joined
}

// clone copies the cells, so that merging leaves the original as it is.
func (c cells) clone() cells {
	copied := slices.Clone(c)
	for i := range copied {
		copied[i].addrs = slices.Clone(copied[i].addrs)
	}
	return copied
}
