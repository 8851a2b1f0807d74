package rule_test

import (
	"math/big"
	"net/netip"
	"slices"
	"sync"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// A second, naive implementation of the guardrail, over a universe of prefixes
// around some addresses. It splits the addresses at each boundary of a prefix of
// the universe or of a block that isn't public. The addresses between two boundaries are an
// atom: no rule of the universe opens a part of one. So it can look at each atom,
// each prefix and each service one by one.

// The bases lie in and beside blocks that aren't public, and among public
// addresses only. The universe has all prefixes around them down to their length,
// and the other half of each one's parent. Inside 64:ff9b::/96 it has the NAT64
// prefixes of the IPv4 ones.
var (
	naiveV4 = sync.OnceValue(func() *naiveFamily {
		return newNaiveFamily([]string{
			"11.0.0.0/32", "20.0.1.0/32", "100.127.255.255/32", "172.16.0.0/32", "192.0.3.0/32", "192.169.0.0/32", "198.20.0.0/32", "203.0.112.0/32",
			"223.255.255.255/32", "240.0.0.0/32",
		}, []string{
			"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
			"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		})
	})
	naiveV6 = sync.OnceValue(func() *naiveFamily {
		return newNaiveFamily([]string{"64:ff9b::/96", "2001:db9::1/128", "2001:db8::/128", "2600:1:8000::/128", "3fff:1000::/128", "fd00::/64"},
			[]string{"::/3", "2001:db8::/32", "3fff::/20", "4000::/2", "8000::/1"})
	})
)

type naiveFamily struct {
	bases    []string
	bits     int
	atoms    []naiveAtom
	prefixes []naivePrefix
	total    *big.Int // public addresses
	opened   sync.Map // what rules for a prefix open
}

type naiveAtom struct {
	first    netip.Addr
	isPublic bool
}

// naivePrefix holds the atoms from one up to, and without, another.
type naivePrefix struct {
	from, to int
	public   *big.Int // how many public addresses these hold
}

func newNaiveFamily(bases, blocks []string) *naiveFamily {
	f := &naiveFamily{bases: bases, bits: netip.MustParsePrefix(bases[0]).Addr().BitLen(), total: new(big.Int)}
	isPublic := func(a netip.Addr) bool {
		return !slices.ContainsFunc(blocks, func(b string) bool { return netip.MustParsePrefix(b).Contains(a) })
	}
	prefixes, boundaries := map[netip.Prefix]bool{}, map[netip.Addr]bool{}
	addBoundaries := func(p netip.Prefix) {
		boundaries[p.Addr()] = true
		if next := behind(p); next.IsValid() {
			boundaries[next] = true
		}
	}
	for _, block := range blocks {
		addBoundaries(netip.MustParsePrefix(block))
	}
	for _, s := range bases {
		base := netip.MustParsePrefix(s)
		for length := range base.Bits() + 1 {
			for _, p := range []netip.Prefix{around(base, length), otherHalf(base, length)} {
				prefixes[p] = true
				addBoundaries(p)
			}
		}
	}
	for address := range boundaries {
		f.atoms = append(f.atoms, naiveAtom{address, isPublic(address)})
	}
	slices.SortFunc(f.atoms, func(a, b naiveAtom) int { return a.first.Compare(b.first) })
	for p := range prefixes {
		m := f.measure(p)
		f.prefixes = append(f.prefixes, m)
		if p.Bits() == 0 {
			f.total = m.public
		}
	}
	return f
}

func around(base netip.Prefix, length int) netip.Prefix {
	return netip.PrefixFrom(base.Addr(), length).Masked()
}

// otherHalf returns the other half of the prefix one bit shorter.
func otherHalf(base netip.Prefix, length int) netip.Prefix {
	p := around(base, length)
	if length == 0 {
		return p
	}
	bytes := p.Addr().AsSlice()
	bytes[(length-1)/8] ^= 1 << (7 - (length-1)%8)
	other, _ := netip.AddrFromSlice(bytes)
	return netip.PrefixFrom(other, length)
}

// behind returns the first address behind a prefix. It is invalid at the end.
func behind(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for i := p.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 1 << (7 - i%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last.Next()
}

func (f *naiveFamily) measure(p netip.Prefix) naivePrefix {
	isInside := func(a naiveAtom) bool { return p.Contains(a.first) }
	m := naivePrefix{from: slices.IndexFunc(f.atoms, isInside), public: new(big.Int)}
	for m.to = m.from; m.to < len(f.atoms) && isInside(f.atoms[m.to]); m.to++ {
		if f.atoms[m.to].isPublic {
			m.public.Add(m.public, f.size(m.to))
		}
	}
	return m
}

func (f *naiveFamily) size(atom int) *big.Int {
	number := func(a netip.Addr) *big.Int { return new(big.Int).SetBytes(a.AsSlice()) }
	if atom+1 < len(f.atoms) {
		return new(big.Int).Sub(number(f.atoms[atom+1].first), number(f.atoms[atom].first))
	}
	all := new(big.Int).Lsh(big.NewInt(1), uint(f.bits))
	return all.Sub(all, number(f.atoms[atom].first))
}

// tooWide: more public addresses than a prefix of the widest length has, or all.
func (f *naiveFamily) tooWide(p naivePrefix, widest int) bool {
	if widest <= 0 {
		return false
	}
	room := new(big.Int).Lsh(big.NewInt(1), uint(f.bits-widest))
	return p.public.Cmp(room) > 0 || p.public.Cmp(f.total) == 0
}

// opens says of each atom whether it is public and a rule opens it. An IPv4
// address is opened by a rule for its NAT64 address too.
func (f *naiveFamily) opens(r rule.Rule) []bool {
	if known, ok := f.opened.Load(r.Peer); ok {
		return known.([]bool)
	}
	opened := make([]bool, len(f.atoms))
	for i, a := range f.atoms {
		throughNAT64 := a.first.Is4() && r.Peer.Prefix.Contains(nat64Address(a.first))
		opened[i] = a.isPublic && r.Peer.Kind == rule.CIDR && (r.Peer.Prefix.Contains(a.first) || throughNAT64)
	}
	f.opened.Store(r.Peer, opened)
	return opened
}

func nat64Address(a netip.Addr) netip.Addr {
	bytes := netip.MustParseAddr("64:ff9b::").As16()
	copy(bytes[12:], a.AsSlice())
	return netip.AddrFrom16(bytes)
}

// nat64Prefix writes an IPv4 prefix as NAT64 does.
func nat64Prefix(p netip.Prefix) netip.Prefix {
	return netip.PrefixFrom(nat64Address(p.Addr()), 96+p.Bits())
}

// naiveBreaks reports whether the rules together open, on a service that the
// entry forbids, a prefix that is too wide. Where a rule is given, it must open
// some of the prefix on that service.
func naiveBreaks(rules []rule.Rule, f rule.Forbidden, part *rule.Rule) bool {
	return naiveV4().breaks(rules, f, f.WidestV4, part) || naiveV6().breaks(rules, f, f.WidestV6, part)
}

func (f *naiveFamily) breaks(rules []rule.Rule, entry rule.Forbidden, widest int, part *rule.Rule) bool {
	forbidden := rule.Rule{Direction: entry.Direction, Protocol: entry.Protocol, Ports: entry.Ports}
	for _, protocol := range []rule.Protocol{rule.TCP, rule.ICMP, 50, other} {
		for _, port := range portClasses(protocol) {
			service := packet{entry.Direction, protocol, port, rule.Peer{}}
			if opensService(forbidden, service) && (part == nil || opensService(*part, service)) && f.breaksOn(service, rules, widest, part) {
				return true
			}
		}
	}
	return false
}

func (f *naiveFamily) breaksOn(service packet, rules []rule.Rule, widest int, part *rule.Rule) bool {
	opened := make([]bool, len(f.atoms))
	for _, r := range rules {
		if opensService(r, service) {
			for i, opens := range f.opens(r) {
				opened[i] = opened[i] || opens
			}
		}
	}
	if !slices.Contains(opened, true) {
		return false
	}
	for _, p := range f.prefixes {
		if f.isOpen(p, opened) && f.tooWide(p, widest) && (part == nil || slices.Contains(f.opens(*part)[p.from:p.to], true)) {
			return true
		}
	}
	return false
}

func (f *naiveFamily) isOpen(p naivePrefix, opened []bool) bool {
	for i := p.from; i < p.to; i++ {
		if f.atoms[i].isPublic && !opened[i] {
			return false
		}
	}
	return p.public.Sign() > 0
}

func opensService(r rule.Rule, s packet) bool {
	return r.Direction == s.direction && (r.Protocol == rule.All || r.Protocol == s.protocol) && r.Ports.From <= s.port && s.port <= r.Ports.To
}

func naiveInOrder(rules []rule.Rule, entries []rule.Forbidden) []*rule.Break {
	breaks := make([]*rule.Break, len(rules))
	var stayed []rule.Rule
	for i, r := range rules {
		with := append(slices.Clone(stayed), r)
		breaks[i] = naiveFirst(r, entries, func(f rule.Forbidden) bool { return naiveBreaks(with, f, nil) })
		if breaks[i] == nil {
			stayed = with
		}
	}
	return breaks
}

func naiveTogether(rules []rule.Rule, entries []rule.Forbidden) []*rule.Break {
	breaks := make([]*rule.Break, len(rules))
	for i, r := range rules {
		breaks[i] = naiveFirst(r, entries, func(f rule.Forbidden) bool { return naiveBreaks(rules, f, &r) })
	}
	return breaks
}

func naiveFirst(r rule.Rule, entries []rule.Forbidden, broken func(rule.Forbidden) bool) *rule.Break {
	for i, f := range entries {
		if broken(f) {
			return &rule.Break{Entry: i, Together: !naiveBreaks([]rule.Rule{r}, f, nil)}
		}
	}
	return nil
}
