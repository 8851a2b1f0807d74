package main

import (
	"context"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// surroundings is what the account and region have of some groups.
type surroundings struct {
	identity account.Identity
	store    ssmstore.Store
	stored   map[string]baseline.GroupDocument
	there    map[string]secgroup.Group
	live     map[string][]secgroup.LiveRule
	approved account.Approvals
	pause    *baseline.Pause // in force; nil for none
	grace    time.Duration   // where a baseline doesn't say
}

// surroundings reads what AWS has of groups. What holds for all groups goes into the
// plan.
func (p planner) surroundings(ctx context.Context, ids []string, plan *pushPlan) (s surroundings, err error) {
	if s.grace, err = p.DefaultGrace(); err != nil {
		return s, err
	}
	if s.identity, err = p.Identity(ctx); err != nil {
		return s, err
	}
	plan.Identity = s.identity
	if s.store, err = p.Store(ctx); err != nil {
		return s, err
	}
	if s.stored, err = p.Baselines(ctx, s.store, ids); err != nil {
		return s, err
	}
	client, err := p.Groups(ctx)
	if err != nil {
		return s, err
	}
	if s.there, s.live, err = p.LiveGroups(ctx, client, ec2groups.Selection{IDs: ids}); err != nil {
		return s, err
	}
	return s, p.circumstances(ctx, ids, &s, plan)
}

// circumstances reads approvals and the pause.
func (p planner) circumstances(ctx context.Context, ids []string, s *surroundings, plan *pushPlan) error {
	var err error
	if s.approved, err = p.StoredApprovals(ctx, s.store, ids); err != nil {
		return err
	}
	shared, err := s.store.ReadShared(ctx)
	if err != nil {
		return err
	}
	var problem error
	if s.pause, problem = account.PauseInForce(shared.Pause, p.Now()); problem != nil {
		plan.Remarks = append(plan.Remarks, problem.Error())
	}
	if s.pause != nil {
		plan.Remarks = append(plan.Remarks, account.PausedText(s.pause)+": nothing is changed in EC2 until then")
	}
	plan.Remarks = append(plan.Remarks, s.approved.Unusable...)
	return nil
}
