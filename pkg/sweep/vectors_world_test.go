package sweep_test

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge/vectors"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// oneGroup is the world of a vector: one group, its rules and its documents. The sweep and
// the remediator behind the sweep are the product's own.
type oneGroup struct {
	*region
	vectors.File
	of vectors.Case

	live                []secgroup.LiveRule
	revoked, authorised []string // ids, and rules
	alerts              []alert.Alert
}

func newOneGroup(t *testing.T, f vectors.File, c vectors.Case) *oneGroup {
	t.Helper()
	live, err := c.LiveRules()
	if err != nil {
		t.Fatal(err)
	}
	return &oneGroup{region: &region{now: c.Now}, File: f, of: c, live: live}
}

func (g *oneGroup) AllRules(context.Context) iter.Seq2[secgroup.GroupRule, error] {
	return func(yield func(secgroup.GroupRule, error) bool) {
		for _, l := range slices.Clone(g.live) {
			if !yield(secgroup.GroupRule{GroupID: g.GroupID, LiveRule: l}, nil) {
				return
			}
		}
	}
}

func (g *oneGroup) AllBaselines(context.Context) iter.Seq2[baseline.GroupDocument, error] {
	return func(yield func(baseline.GroupDocument, error) bool) {
		if stored := g.Documents(g.of).Group; stored.Exists() {
			yield(baseline.GroupDocument{GroupID: g.GroupID, Stored: stored}, nil)
		}
	}
}

func (g *oneGroup) AllApprovals(context.Context) iter.Seq2[baseline.GroupApproval, error] {
	return func(yield func(baseline.GroupApproval, error) bool) {
		for _, stored := range g.Documents(g.of).Approvals {
			if !yield(baseline.GroupApproval{GroupID: g.GroupID, Name: stored.Name(), Stored: stored}, nil) {
				return
			}
		}
	}
}

func (g *oneGroup) ReadShared(context.Context) (baseline.Documents, error) {
	d := g.Documents(g.of)
	return baseline.Documents{Guardrail: d.Guardrail, Trust: d.Trust}, nil
}

// What the remediator reads.

func (g *oneGroup) Read(context.Context, string) (baseline.Documents, error) {
	return g.Documents(g.of), nil
}

func (g *oneGroup) History(context.Context, string) ([]baseline.Version, error) {
	return g.File.History(g.of), nil
}

func (g *oneGroup) Rules(context.Context, string) ([]secgroup.LiveRule, error) {
	return slices.Clone(g.live), nil
}

func (g *oneGroup) Group(_ context.Context, id string) (secgroup.Group, error) {
	return secgroup.Group{ID: id}, nil
}

func (g *oneGroup) GroupByName(context.Context, string) (secgroup.Group, error) {
	return secgroup.Group{}, secgroup.ErrNotFound
}

func (g *oneGroup) DefaultGroup(context.Context, string) (secgroup.Group, error) {
	return secgroup.Group{}, secgroup.ErrNotFound
}

func (g *oneGroup) Interfaces(context.Context, string) (secgroup.Interfaces, error) {
	return secgroup.Interfaces{}, nil
}

func (g *oneGroup) GroupNames(context.Context, []string) (map[string]string, error) {
	return map[string]string{}, nil
}

// What the remediator writes.

func (g *oneGroup) Revoke(_ context.Context, _ string, rules []secgroup.LiveRule) []error {
	for _, r := range rules {
		g.revoked = append(g.revoked, r.ID)
		g.live = slices.DeleteFunc(g.live, func(l secgroup.LiveRule) bool { return l.ID == r.ID })
	}
	return make([]error, len(rules))
}

func (g *oneGroup) Authorize(_ context.Context, _ string, rules []secgroup.ApprovedRule) []error {
	for _, r := range rules {
		g.authorised = append(g.authorised, r.Rule.String())
		g.live = append(g.live, secgroup.LiveRule{ID: "sgr-authorised-" + r.Rule.String(), Rule: r.Rule})
	}
	return make([]error, len(rules))
}

func (g *oneGroup) AuthorizeEach(ctx context.Context, groupID string, rules []secgroup.ApprovedRule) []error {
	return g.Authorize(ctx, groupID, rules)
}

func (g *oneGroup) PutApproval(context.Context, string, *baseline.Approval) error { return nil }

func (g *oneGroup) Publish(_ context.Context, m alert.Message) error {
	var body struct{ Default string }
	var reported alert.Alert
	if err := json.Unmarshal([]byte(m.Body), &body); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(body.Default), &reported); err != nil {
		return err
	}
	g.alerts = append(g.alerts, reported)
	return nil
}

func (g *oneGroup) Write(_ context.Context, key string, _ alert.Alert) ([]string, error) {
	return []string{key}, nil
}

// sweep sweeps the world once.
func (g *oneGroup) sweep(ctx context.Context) error {
	log, clock := slog.New(slog.NewJSONHandler(io.Discard, nil)), func() time.Time { return g.of.Now }
	remediator := &remediate.Remediator{
		Rules: g, Groups: g, Around: g, Writer: g, Baselines: g, History: g, Approvals: g, Alerts: g, Journal: g,
		Log: log, Now: clock, Pause: func(context.Context, time.Duration) {}, Enforce: true, Grace: g.of.Grace(), Prefix: vectors.Prefix,
	}
	s := sweep.Sweeper{
		Rules: g, Documents: g, Bookmark: g.region, Journal: g.region, Requests: g.region, Notified: memory{g.region}, Mark: g.region, Histories: g,
		Reconciler: remediator, Reporter: remediator, Cleaner: g.region, Log: log, Now: clock,
	}
	_, err := s.Run(ctx, g.Account, "us-east-1")
	return err
}
