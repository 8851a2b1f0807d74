package picture

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/nearest"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// find returns the end of a path that people name.
func (s *search) find(text string) (endWithRules, error) {
	if text == internet {
		return endWithRules{End: End{internet, "Internet"}, endpoint: endpoint{kind: Internet}}, nil
	}
	if found, there := s.ends[text]; there {
		return found, nil
	}
	if name, isName := baseline.Name(text); isName {
		return s.findEnd(name)
	}
	peer, err := rule.ParsePeer(text)
	switch {
	case err != nil && !strings.Contains(text, "/"):
		if address, err := netip.ParseAddr(text); err == nil {
			return s.find(netip.PrefixFrom(address, address.BitLen()).String())
		}
		return endWithRules{}, fmt.Errorf("%q is no end of a path: want internet, a CIDR such as 203.0.113.0/24, the id of a group, or name:web for the group that is called web", text)
	case err != nil:
		return endWithRules{}, fmt.Errorf("no end of a path: %w", err)
	case peer.Kind == rule.CIDR:
		return endWithRules{End: End{ID: peer.String()}, endpoint: endpoint{kind: Addresses, prefix: peer.Prefix}}, nil
	case s.mentions(peer):
		kind := Other
		if peer.Kind == rule.PrefixList {
			kind = PrefixList
		}
		return endWithRules{End: End{ID: peer.ID}, endpoint: endpoint{kind: kind, id: peer.ID}}, nil
	}
	return endWithRules{}, fmt.Errorf("%s is not in the picture, and no rule of its %d groups names it%s", text, len(s.ids), near(text, s.ids))
}

// mentions reports whether a rule is for a group or prefix list.
func (s *search) mentions(peer rule.Peer) bool {
	for _, p := range s.ends {
		for _, r := range p.rules {
			if r.Peer == peer {
				return true
			}
		}
	}
	return false
}

// findEnd returns the one group of a name.
func (s *search) findEnd(name string) (endWithRules, error) {
	var found, others []string
	for _, id := range s.ids {
		if s.ends[id].Name == name {
			found = append(found, id)
		}
		others = append(others, s.ends[id].Name)
	}
	switch len(found) {
	case 1:
		return s.ends[found[0]], nil
	case 0:
		return endWithRules{}, fmt.Errorf("none of the %d groups of the picture is called %q%s", len(s.ids), name, near(name, others))
	}
	return endWithRules{}, fmt.Errorf("%d groups of the picture are called %q: %s: name the id", len(found), name, strings.Join(found, ", "))
}

// near asks whether another word was meant.
func near(word string, others []string) string {
	if other := nearest.To(word, others); other != "" {
		return fmt.Sprintf("; did you mean %s?", other)
	}
	return ""
}
