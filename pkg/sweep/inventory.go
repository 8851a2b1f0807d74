package sweep

import (
	"context"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// rules are a group's: only what judging needs, since a region may have
// hundreds of thousands and the function little memory.
type rules struct {
	canonical  []rule.Rule
	unreadable bool
}

// inventory reads all rules of the region, by group id.
func (s *Sweeper) inventory(ctx context.Context, summary *Summary) (map[string]rules, error) {
	all := map[string]rules{}
	names := map[string]string{}
	for r, err := range s.Rules.AllRules(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read the rules of the region: %w", err)
		}
		group := all[r.GroupID]
		if r.Unreadable != nil {
			group.unreadable = true
		} else {
			r.Rule.Peer.ID = intern(names, r.Rule.Peer.ID)
			group.canonical = append(group.canonical, r.Rule)
		}
		all[r.GroupID] = group
		summary.Rules++
	}
	summary.Groups = len(all)
	return all, nil
}

// intern keeps one copy of an id that many rules refer to.
func intern(names map[string]string, s string) string {
	if known, ok := names[s]; ok {
		return known
	}
	names[s] = s
	return s
}
