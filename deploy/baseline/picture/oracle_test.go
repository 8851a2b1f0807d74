package picture_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// packet is one kind of traffic.
type packet struct {
	protocol rule.Protocol
	port     uint16
}

// packets are all that the rules of these tests distinguish.
var packets = []packet{{rule.TCP, 80}, {rule.TCP, 81}, {rule.TCP, 90}, {rule.UDP, 80}, {rule.UDP, 81}, {47, 0}}

func (p packet) passes(r rule.Rule) bool {
	return r.Protocol == rule.All || r.Protocol == p.protocol && (!p.protocol.HasPorts() || r.Ports.From <= p.port && p.port <= r.Ports.To)
}

// naive says by one packet after the other whether one group may send to another, or the
// internet to a group.
func naive(groups []picture.Group, from, to string) bool {
	return slices.ContainsFunc(packets, func(p packet) bool {
		return naiveSide(groups, to, rule.Ingress, from, p) && naiveSide(groups, from, rule.Egress, to, p)
	})
}

func naiveSide(groups []picture.Group, of string, d rule.Direction, other string, p packet) bool {
	if of == "internet" {
		return true
	}
	for _, g := range groups {
		for _, a := range g.Approved {
			if g.ID == of && a.Rule.Direction == d && p.passes(a.Rule) && (a.Rule.Peer.IsWorld() || a.Rule.Peer.ID == other) {
				return true
			}
		}
	}
	return false
}

// naivePaths lists all simple paths, by trying each order of groups.
func naivePaths(groups []picture.Group, path []string, end string) []string {
	at := path[len(path)-1]
	if at == end {
		return []string{fmt.Sprint(path)}
	}
	var all []string
	next := []string{end}
	for _, g := range groups {
		next = append(next, g.ID)
	}
	slices.Sort(next)
	for _, to := range slices.Compact(next) {
		if !slices.Contains(path, to) && naive(groups, at, to) {
			all = append(all, naivePaths(groups, append(path[:len(path):len(path)], to), end)...)
		}
	}
	return all
}

// TestThePathsAreThoseOfANaiveSearch over packets.
func TestThePathsAreThoseOfANaiveSearch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		ids := []string{"sg-0a", "sg-0b", "sg-0c", "sg-0d"}
		var groups []picture.Group
		for _, id := range ids {
			var rules []string
			for range rapid.IntRange(0, 5).Draw(r, "rules") {
				rules = append(rules, rapid.SampledFrom([]string{"ingress ", "egress "}).Draw(r, "direction")+
					rapid.SampledFrom([]string{"tcp 80 ", "tcp 81-90 ", "tcp 80-90 ", "udp 80 ", "udp all ", "47 all ", "all all "}).Draw(r, "traffic")+
					rapid.SampledFrom(append([]string{"0.0.0.0/0"}, ids...)).Draw(r, "peer"))
			}
			groups = append(groups, approving(t, id, "", rules...))
		}
		ends := rapid.Permutation(append([]string{"internet"}, ids...)).Draw(r, "ends")
		answer, err := picture.New(groups, now, picture.Options{}).Paths(ends[0], ends[1])
		if err != nil {
			r.Fatal(err)
		}
		var got []string
		for _, path := range answer.Paths {
			ends := []string{path.Steps[0].From.ID}
			for _, s := range path.Steps {
				ends = append(ends, s.To.ID)
			}
			got = append(got, fmt.Sprint(ends))
		}
		if !slices.IsSortedFunc(answer.Paths, func(a, b picture.Path) int { return len(a.Steps) - len(b.Steps) }) {
			r.Errorf("not the shortest first: %v", got)
		}
		want := naivePaths(groups, ends[:1], ends[1])
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || answer.More {
			r.Errorf("from %s to %s: got %v, want %v", ends[0], ends[1], got, want)
		}
	})
}
