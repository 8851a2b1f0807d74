package main

import (
	"context"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// surroundings is what the account and region have of some groups and prefix lists.
type surroundings struct {
	identity account.Identity
	store    ssmstore.Store
	stored   map[string]baseline.GroupDocument
	there    map[string]secgroup.Group
	live     map[string][]secgroup.LiveRule
	lists    account.LiveLists
	approved account.Approvals
	pause    *baseline.Pause // in force; nil for none
	grace    time.Duration   // where a baseline doesn't say
}

// surroundings reads what AWS has of groups and prefix lists. What holds for all of them
// goes into the plan.
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
	if s.lists, err = p.FindLists(ctx, ids); err != nil {
		return s, err
	}
	groups := groupsOf(ids)
	if s.there, s.live, err = p.liveOf(ctx, groups); err != nil {
		return s, err
	}
	return s, p.approvalsAndPause(ctx, groups, &s, plan)
}

// groupsOf returns the ids that are those of groups, an empty list for none.
func groupsOf(ids []string) []string {
	return slices.DeleteFunc(append([]string{}, ids...), rule.IsPrefixListID)
}

// liveOrAll is liveOf in which nil ids are all groups.
func (a *app) liveOrAll(ctx context.Context, ids []string) (there map[string]secgroup.Group, live map[string][]secgroup.LiveRule, err error) {
	if ids != nil {
		return a.liveOf(ctx, ids)
	}
	client, err := a.Groups(ctx)
	if err != nil {
		return nil, nil, err
	}
	return a.LiveGroups(ctx, client, ec2groups.Selection{})
}

// liveOf reads groups and their rules. No ids are no groups.
func (a *app) liveOf(ctx context.Context, ids []string) (there map[string]secgroup.Group, live map[string][]secgroup.LiveRule, err error) {
	if len(ids) == 0 {
		return nil, nil, nil
	}
	client, err := a.Groups(ctx)
	if err != nil {
		return nil, nil, err
	}
	return a.LiveGroups(ctx, client, ec2groups.Selection{IDs: ids})
}

// approvalsAndPause reads approvals and the pause.
func (p planner) approvalsAndPause(ctx context.Context, ids []string, s *surroundings, plan *pushPlan) error {
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
