package main

import (
	"context"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/consequence"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// liveAfter tells what enforcement will do to live rules once a baseline is written, as
// plan does for a file; nil for a group that is not there.
func (a *app) liveAfter(ctx context.Context, doc *baseline.Document) (*consequence.Live, error) {
	p := planner{app: a}
	s, err := p.surroundings(ctx, []string{doc.GroupID}, &pushPlan{})
	if err != nil {
		return nil, err
	}
	if _, exists := s.there[doc.GroupID]; !exists {
		return nil, nil
	}
	g := &pushed{file: basefile.File{Contents: basefile.Contents{Doc: doc}}, stored: s.stored[doc.GroupID], Result: pushNotWritten}
	g.GroupID = doc.GroupID
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
	return "Put it back? " + toll{rules: d.Live.Revokes()}.String() + "."
}
