package ec2groups

import (
	"context"
	"fmt"
	"sync"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// confirm says what became of rules whose revoke EC2 answered without an error. A rule
// that the answer names is revoked, and costs no further call. The answer may leave ids
// out, as that of earlier versions of the API did, and as moto's does. AWS does not document what a revoke
// by id answers that finds nothing, and a revoke by property that finds nothing succeeds
// in a default VPC (EC2 API reference, RevokeSecurityGroupIngress). So an answer
// without an id proves nothing, and the group's rules are read again.
func (g Groups) confirm(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.LiveRule, inAnswer map[string]bool) []error {
	errs := make([]error, len(rules))
	var unnamed []int
	for i, r := range rules {
		if !inAnswer[r.ID] {
			unnamed = append(unnamed, i)
		}
	}
	if len(unnamed) == 0 {
		return errs
	}
	shown, err := g.shownIDs(ctx, groupID)
	var open []int
	for _, i := range unnamed {
		switch {
		case err != nil:
			errs[i] = fmt.Errorf("revoke %s from %s: EC2 answered without error and did not name it, and whether it is live can't be read: %w", rules[i].ID, groupID, err)
		case shown[rules[i].ID]:
			errs[i] = fmt.Errorf("revoke %s from %s: EC2 answered without error, but did not revoke it", rules[i].ID, groupID)
			open = append(open, i)
		}
	}
	if len(open) <= few { // more can wait for the retry, since EC2 takes few changing calls
		g.revokeAgain(ctx, groupID, direction, rules, open, errs)
	}
	return errs
}

// revokeAgain revokes rules one by one, side by side, that a look showed after their
// revoke. The look may have been stale: then EC2 answers now that the rule is not found.
func (g Groups) revokeAgain(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.LiveRule, open []int, errs []error) {
	var all sync.WaitGroup
	for _, i := range open {
		all.Go(func() {
			inRequest, err := g.callRevoke(ctx, groupID, direction, rules[i:i+1])
			if inRequest[rules[i].ID] || awserr.ClassOf(err) == awserr.NotFound {
				errs[i] = nil
			}
		})
	}
	all.Wait()
}

// shownIDs returns the ids of a group's rules, as EC2 shows them.
func (g Groups) shownIDs(ctx context.Context, groupID string) (map[string]bool, error) {
	live, err := g.Rules(ctx, groupID)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]bool, len(live))
	for _, l := range live {
		ids[l.ID] = true
	}
	return ids, nil
}
