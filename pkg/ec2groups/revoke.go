package ec2groups

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// Revoke revokes rules by their ids, one call for each direction, side by side.
// EC2 rejects a whole call for one id it doesn't know: a rule that is not live, or
// that an earlier attempt revoked whose answer was lost. Such a call is tried once
// more with the rules that are still there. If that is rejected too, it is done in
// parts, side by side, until the bad id stands alone. A rule is revoked where the answer
// names it, or where a look afterwards does not show it.
func (g Groups) Revoke(ctx context.Context, groupID string, rules []secgroup.LiveRule) []error {
	return byDirection(rules, func(r secgroup.LiveRule) rule.Direction { return r.Rule.Direction },
		func(direction rule.Direction, rules []secgroup.LiveRule) []error {
			return g.revoke(ctx, groupID, direction, rules)
		})
}

// byDirection does ingress and egress side by side and returns the errors in
// the order of the rules.
func byDirection[R any](rules []R, direction func(R) rule.Direction, do func(rule.Direction, []R) []error) []error {
	errs := make([]error, len(rules))
	for i, r := range rules {
		if d := direction(r); d != rule.Ingress && d != rule.Egress {
			errs[i] = errors.New("a rule without a direction")
		}
	}
	var calls sync.WaitGroup
	for _, d := range []rule.Direction{rule.Ingress, rule.Egress} {
		var of []R
		var at []int
		for i, r := range rules {
			if direction(r) == d {
				of, at = append(of, r), append(at, i)
			}
		}
		if len(of) == 0 {
			continue
		}
		calls.Go(func() {
			for i, err := range do(d, of) {
				errs[at[i]] = err
			}
		})
	}
	calls.Wait()
	return errs
}

func (g Groups) revoke(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.LiveRule) []error {
	done, err := g.callRevoke(ctx, groupID, direction, rules)
	if err == nil {
		return g.confirm(ctx, groupID, direction, rules, done)
	}
	if !isOneRulesAlone(rules, err) {
		return revokeErrors(groupID, rules, err)
	}
	alive, known := g.stillThere(ctx, groupID, rules)
	if !known {
		return g.revokeOneByOne(ctx, groupID, direction, rules)
	}
	return g.revokeAlive(ctx, groupID, direction, rules, alive)
}

// isOneRulesAlone reports whether one rule of several may have made a call fail.
func isOneRulesAlone(rules []secgroup.LiveRule, err error) bool {
	return len(rules) > 1 && splits[awserr.ClassOf(err)] && !awserr.IsGroupNotFound(err)
}

// revokeErrors gives each rule the error of the call that failed for all of them.
func revokeErrors(groupID string, rules []secgroup.LiveRule, err error) []error {
	err = awserr.WithSentinelOfWrite(err)
	errs := make([]error, len(rules))
	for i, r := range rules {
		errs[i] = fmt.Errorf("revoke %s from %s: %w", r.ID, groupID, err)
	}
	return errs
}

// revokeTogether is the second try, and looks no third time what is live: somebody
// who opens and closes rules meanwhile could make each try fail. A call that fails
// is done in parts side by side, so the round trips grow with the logarithm of the
// rules at most.
func (g Groups) revokeTogether(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.LiveRule) []error {
	done, err := g.callRevoke(ctx, groupID, direction, rules)
	if err == nil {
		return g.confirm(ctx, groupID, direction, rules, done)
	}
	if !isOneRulesAlone(rules, err) {
		return revokeErrors(groupID, rules, err)
	}
	return g.revokeOneByOne(ctx, groupID, direction, rules)
}

// few rules are revoked one by one, rather than in halves.
const few = 4

func (g Groups) revokeOneByOne(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.LiveRule) []error {
	size := (len(rules) + 1) / 2
	if len(rules) <= few {
		size = 1
	}
	parts := slices.Collect(slices.Chunk(rules, size))
	errs := make([][]error, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() { errs[i] = g.revokeTogether(ctx, groupID, direction, part) })
	}
	all.Wait()
	return slices.Concat(errs...)
}

// stillThere returns which rules are live; known is false where that is of no help:
// the read failed, or it shows them all.
func (g Groups) stillThere(ctx context.Context, groupID string, rules []secgroup.LiveRule) (alive map[string]bool, known bool) {
	all, err := g.shownIDs(ctx, groupID)
	if err != nil {
		return nil, false
	}
	alive = map[string]bool{}
	for _, r := range rules {
		if all[r.ID] {
			alive[r.ID] = true
		}
	}
	return alive, len(alive) < len(rules)
}

// revokeAlive revokes those of the rules that are live. The others are revoked already, unless
// the look at the live rules was stale: so a few of them are revoked by their ids one
// by one, side by side with the rest. More are believed to be revoked already, since EC2 takes
// few changing calls; the next sweep judges what is live then.
func (g Groups) revokeAlive(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.LiveRule, alive map[string]bool) []error {
	var shown, hidden []secgroup.LiveRule
	for _, r := range rules {
		if alive[r.ID] {
			shown = append(shown, r)
		} else {
			hidden = append(hidden, r)
		}
	}
	became := make(map[string]error, len(rules))
	var mu sync.Mutex
	var all sync.WaitGroup
	revoke := func(rules []secgroup.LiveRule) {
		errs := g.revokeTogether(ctx, groupID, direction, rules)
		mu.Lock()
		defer mu.Unlock()
		for i, r := range rules {
			became[r.ID] = errs[i]
		}
	}
	if len(shown) > 0 {
		all.Go(func() { revoke(shown) })
	}
	for _, r := range hidden {
		if len(hidden) <= few {
			all.Go(func() { revoke([]secgroup.LiveRule{r}) })
		}
	}
	all.Wait()
	errs := make([]error, len(rules))
	for i, r := range rules {
		err, tried := became[r.ID]
		if !tried {
			err = fmt.Errorf("revoke %s from %s: %w", r.ID, groupID, secgroup.ErrNotFound)
		}
		errs[i] = err
	}
	return errs
}

// callRevoke returns the ids that EC2 says it revoked, or none where the answer
// leaves them out. See confirm for what that means.
func (g Groups) callRevoke(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.LiveRule) (map[string]bool, error) {
	ids := make([]string, len(rules))
	for i, r := range rules {
		ids[i] = r.ID
	}
	var revoked []types.RevokedSecurityGroupRule
	var ok *bool
	if direction == rule.Ingress {
		answer, err := g.Client.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &groupID, SecurityGroupRuleIds: ids})
		if err != nil {
			return nil, err
		}
		revoked, ok = answer.RevokedSecurityGroupRules, answer.Return
	} else {
		answer, err := g.Client.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &groupID, SecurityGroupRuleIds: ids})
		if err != nil {
			return nil, err
		}
		revoked, ok = answer.RevokedSecurityGroupRules, answer.Return
	}
	if ok != nil && !*ok {
		return nil, errors.New("EC2 answered return=false")
	}
	done := make(map[string]bool, len(revoked))
	for _, r := range revoked {
		done[aws.ToString(r.SecurityGroupRuleId)] = true
	}
	return done, nil
}
