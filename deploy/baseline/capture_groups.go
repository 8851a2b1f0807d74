package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compose"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// captureGroups writes the files of the groups that were selected.
func (c capture) captureGroups(ctx context.Context, target basefile.Directory, selection ec2groups.Selection) ([]capturedGroup, error) {
	groups, err := c.Groups(ctx)
	if err != nil {
		return nil, err
	}
	found, err := groups.List(ctx, selection)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && selection.IDs == nil {
		return nil, errors.New("no security group was found: check the region and what was selected; nothing was written")
	}
	sources, err := c.read(ctx, groups, found)
	if err != nil {
		return nil, err
	}
	results := unknownGroups(selection.IDs, found)
	progress := c.Progress("capturing groups", len(found))
	for i, s := range sources {
		if ctx.Err() != nil {
			progress.Clear()
			return nil, fmt.Errorf("interrupted after %d of %d groups: run it again: %w", i, len(sources), ctx.Err())
		}
		results = append(results, captureInto(target, s, c.Now()))
		progress.Step()
	}
	progress.Clear()
	return results, nil
}

// read reads all that is known of groups.
func (c capture) read(ctx context.Context, groups ec2groups.Groups, found []secgroup.Group) ([]compose.Source, error) {
	ids := make([]string, len(found))
	for i, g := range found {
		ids[i] = g.ID
	}
	live, err := c.LiveRules(ctx, groups, ids)
	if err != nil {
		return nil, err
	}
	store, err := c.Store(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := c.Baselines(ctx, store, ids)
	if err != nil {
		return nil, err
	}
	approved, err := c.StoredApprovals(ctx, store, ids)
	for _, problem := range approved.Unusable {
		fmt.Fprintln(c.Errs, problem)
	}
	sources := make([]compose.Source, len(found))
	for i, g := range found {
		sources[i] = compose.Source{Group: g, Live: live[g.ID], Stored: stored[g.ID], Approvals: approved.Of[g.ID]}
	}
	return sources, err
}

func unknownGroups(ids []string, found []secgroup.Group) []capturedGroup {
	var unknown []capturedGroup
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if !slices.ContainsFunc(found, func(g secgroup.Group) bool { return g.ID == id }) {
			unknown = append(unknown, capturedGroup{GroupID: id, Error: "there is no such group in this account and region"})
		}
	}
	return unknown
}
