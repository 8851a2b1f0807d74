package advice

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// databasesIn names the databases whose ports a rule opens, in the ports' order.
func databasesIn(r rule.Rule) []string {
	if !isPorted(r) {
		return nil
	}
	var names []string
	for _, s := range r.Sensitive() {
		if s.Database {
			names = append(names, s.String())
		}
	}
	return names
}

func isPorted(r rule.Rule) bool { return r.Protocol == rule.TCP || r.Protocol == rule.UDP }

func isWide(r rule.Rule) bool { return isPorted(r) && int(r.Ports.To)-int(r.Ports.From) >= widePorts }

// adviseWorld takes halves of the world together. Egress for all protocols is
// left to all-protocols, as what every new group has.
func adviseWorld(s *subject, e entry) ([]rule.Rule, string) {
	about := e.filter(func(r rule.Rule) bool {
		isWeb := r.Protocol == rule.TCP && (r.Ports == rule.Ports{From: 80, To: 80} || r.Ports == rule.Ports{From: 443, To: 443})
		return s.worldly[r] && !isWeb && (r.Direction == rule.Ingress || r.Protocol != rule.All)
	})
	return about, "this is the whole world, or adds up to it: name the addresses, groups or prefix lists that are meant"
}

func adviseWidePorts(_ *subject, e entry) ([]rule.Rule, string) {
	about := e.filter(isWide)
	if len(about) == 0 {
		return nil, ""
	}
	ports := about[0].Ports
	return about, fmt.Sprintf("%d ports are open: name those that something listens on", int(ports.To)-int(ports.From)+1)
}

func adviseAllProtocols(s *subject, e entry) ([]rule.Rule, string) {
	about := e.filter(func(r rule.Rule) bool { return r.Protocol == rule.All && !s.opensDataTier(r) })
	return about, "name the protocols and ports that are needed"
}

// adviseDatabase leaves wide ranges to wide-ports.
func adviseDatabase(_ *subject, e entry) ([]rule.Rule, string) {
	var names []string
	about := e.filter(func(r rule.Rule) bool {
		if r.Direction != rule.Ingress || r.Peer.Kind != rule.CIDR || isWide(r) {
			return false
		}
		names = databasesIn(r) // the same for all rules of an entry
		return len(names) > 0
	})
	return about, strings.Join(names, ", ") + " from addresses: name the groups of its clients, which follow them when addresses change"
}

// adviseGroup takes a few private addresses for instances of this network where
// another rule for some of the same ports names a group.
func adviseGroup(s *subject, e entry) ([]rule.Rule, string) {
	about := e.filter(func(r rule.Rule) bool {
		if !isFewPrivate(r.Peer) || r.Direction == rule.Ingress && !isWide(r) && len(databasesIn(r)) > 0 {
			return false
		}
		return slices.ContainsFunc(s.rules, func(other rule.Rule) bool {
			return other.Peer.Kind == rule.Group && other.Direction == r.Direction && other.Protocol == r.Protocol &&
				other.Ports.From <= r.Ports.To && r.Ports.From <= other.Ports.To
		})
	})
	return about, "other rules on these ports name groups: if these are instances, name their group too"
}

func isFewPrivate(p rule.Peer) bool {
	if p.Kind != rule.CIDR || !p.Prefix.Addr().IsPrivate() {
		return false
	}
	fewest := fewV6
	if p.Prefix.Addr().Is4() {
		fewest = fewV4
	}
	return p.Prefix.Bits() >= fewest
}

func adviseDataTier(s *subject, e entry) ([]rule.Rule, string) {
	return e.filter(s.opensDataTier), "this group serves databases only, so data can leave it to anywhere: name what it has to reach"
}

// opensDataTier reports whether the rule lets a group that serves databases only
// reach the whole world, on all ports of something.
func (s *subject) opensDataTier(r rule.Rule) bool {
	isAll := r.Protocol == rule.All || isPorted(r) && r.Ports == rule.AllPorts
	return s.dataTier && r.Direction == rule.Egress && isAll && s.worldly[r]
}

// servesDatabasesOnly reports whether all that a group takes in is for databases.
func servesDatabasesOnly(doc *baseline.Document) bool {
	for _, e := range doc.Ingress {
		for _, r := range e.Rules() {
			if count := int(r.Ports.To) - int(r.Ports.From) + 1; len(databasesIn(r)) != count {
				return false
			}
		}
	}
	return len(doc.Ingress) > 0
}
