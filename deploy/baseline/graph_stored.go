package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// storedSubject reads a picture's groups from Parameter Store and EC2.
type storedSubject struct {
	*app
	subject
	store     ssmstore.Store
	documents map[string]baseline.GroupDocument
	approved  account.Approvals
	guardrail *baseline.Guardrail
	grace     time.Duration
	there     map[string]secgroup.Group
	live      map[string][]secgroup.LiveRule // nil without --live
	tags      map[string]map[string]string
}

// stored returns the groups of the baselines in Parameter Store; with live all groups of
// the region, judged as diff without a path does.
func (a *app) stored(ctx context.Context, live bool) (subject, error) {
	s := &storedSubject{app: a}
	if err := s.read(ctx, live); err != nil {
		return subject{}, err
	}
	for _, id := range slices.Sorted(maps.Keys(s.documents)) {
		if err := s.add(ctx, s.documents[id], live); err != nil {
			return subject{}, err
		}
	}
	if live {
		s.addUnguarded()
	}
	if !slices.ContainsFunc(s.groups, func(g picture.Group) bool { return !rule.IsPrefixListID(g.ID) }) && len(s.broken) == 0 {
		return subject{}, a.nothing(ctx, live)
	}
	return s.subject, nil
}

func (s *storedSubject) read(ctx context.Context, live bool) (err error) {
	if s.grace, err = s.DefaultGrace(); err != nil {
		return err
	}
	if s.store, err = s.Store(ctx); err != nil {
		return err
	}
	if s.documents, err = s.Baselines(ctx, s.store, nil); err != nil {
		return err
	}
	if s.approved, err = s.StoredApprovals(ctx, s.store, nil); err != nil {
		return err
	}
	s.remarks = s.approved.Unusable
	shared, err := s.store.ReadShared(ctx)
	if err != nil {
		return err
	}
	if s.guardrail, err = account.DecodeGuardrail(shared.Guardrail); err != nil {
		s.guardrail, s.remarks = &baseline.Guardrail{}, append(s.remarks, err.Error())
	}
	return s.readGroups(ctx, live)
}

// readGroups reads what EC2 says of the groups; their rules with live alone.
func (s *storedSubject) readGroups(ctx context.Context, live bool) (err error) {
	if s.tags, err = s.GroupTags(ctx); err != nil {
		return err
	}
	if live {
		s.there, s.live, err = s.liveOrAll(ctx, nil)
		return err
	}
	client, err := s.Groups(ctx)
	if err != nil {
		return err
	}
	found, err := client.List(ctx, ec2groups.Selection{})
	s.there = map[string]secgroup.Group{}
	for _, g := range found {
		s.there[g.ID] = g
	}
	return err
}

// add takes up a baseline.
func (s *storedSubject) add(ctx context.Context, d baseline.GroupDocument, live bool) error {
	doc := s.decoded(d)
	if rule.IsPrefixListID(d.GroupID) {
		if doc != nil {
			s.groups = append(s.groups, picture.Group{ID: d.GroupID, Name: doc.GroupName})
		}
		return nil
	}
	there, approved := s.there[d.GroupID], s.approved.Of[d.GroupID]
	if doc == nil {
		s.groups = append(s.groups, s.withoutDocument(d.GroupID, there))
		return nil
	}
	g := approvedGroup(doc, approved)
	if !live {
		if there.ID == "" {
			g.Remarks = append(g.Remarks, "not in EC2 (any more)")
		} else {
			g.Name, g.VPC, g.Tags = there.Name, there.VpcID, s.tags[g.ID]
		}
		s.groups = append(s.groups, g)
		return nil
	}
	grounds := judge.Grounds{Approvals: approved}
	found, err := s.storeLiveDiff(ctx, s.store, d, grounds, s.grace, s.there, s.live)
	if err != nil {
		return fmt.Errorf("%s: %w", d.GroupID, err)
	}
	differing := func(at time.Time) []compare.Difference { return compare.Live(doc, grounds, s.live[g.ID], at) }
	s.groups = append(s.groups, s.withLive(g, found, differing, s.live[g.ID], there, s.tags[g.ID]))
	return nil
}

// withoutDocument is a group whose baseline can't be used: nobody judges its live rules.
func (s *storedSubject) withoutDocument(id string, there secgroup.Group) picture.Group {
	g := picture.Group{ID: id, Name: there.Name, VPC: there.VpcID, Tags: s.tags[id], Approvals: temporary(nil, s.approved.Of[id])}
	g.Remarks = []string{"its baseline can't be used"}
	if s.live != nil && there.ID != "" {
		g.LiveRead, g.Live = true, s.live[id]
	}
	return g
}

// addUnguarded adds the groups that have no baseline, judged by the guardrail.
func (s *storedSubject) addUnguarded() {
	for id, group := range s.there {
		if _, guarded := s.documents[id]; guarded {
			continue
		}
		grounds := judge.Grounds{Approvals: s.approved.Of[id]}
		differing := func(at time.Time) []compare.Difference {
			return compare.Guardrail(s.guardrail, grounds, s.live[id], at)
		}
		g := picture.Group{ID: id, Approvals: temporary(nil, grounds.Approvals)}
		found := compare.Group{Changes: differing(s.Now())}
		s.groups = append(s.groups, s.withLive(g, found, differing, s.live[id], group, s.tags[id]))
	}
}
