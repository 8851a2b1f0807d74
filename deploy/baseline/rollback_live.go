package main

import (
	"context"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/consequence"
)

// liveAfter says what enforcement will do to live rules or entries once a version is
// written again, as plan does for a file; nil for a group or prefix list that is not there.
func (a *app) liveAfter(ctx context.Context, back account.Version) (*consequence.Live, error) {
	p := planner{app: a}
	s, err := p.surroundings(ctx, []string{back.GroupID}, &pushPlan{})
	if err != nil {
		return nil, err
	}
	if err := s.lists.Changing[back.GroupID]; err != nil {
		return nil, err
	}
	contents := basefile.Contents{List: back.List}
	if back.List == nil {
		contents.Doc = back.Doc
	}
	g := &pushed{Group: compare.About(back.GroupID, ""), file: basefile.File{Contents: contents}, stored: s.stored[back.GroupID], Result: pushNotWritten}
	if !g.find(s) {
		return nil, nil
	}
	history, err := s.store.History(ctx, g.stored.Stored.Parameter)
	if err != nil {
		return nil, err
	}
	err = p.consequences(ctx, s, g, history)
	return g.Live, err
}

// question says how many live rules will be revoked.
func (d rolledBack) question() string {
	if d.Live == nil || d.Live.Revokes() == 0 {
		return "Put it back?"
	}
	t := toll{rules: d.Live.Revokes()}
	if d.PrefixListID != "" {
		t = toll{entries: d.Live.Revokes()}
	}
	return "Put it back? " + t.String() + "."
}
