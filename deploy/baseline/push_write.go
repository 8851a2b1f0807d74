package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// write writes one baseline after the other, up to the first that fails: what
// fails one, such as a permission that is missing, mostly fails all.
func (p push) write(ctx context.Context, store ssmstore.Store, plan *pushPlan) error {
	progress := p.Progress("writing baselines", plan.count(pushNotWritten))
	defer progress.Clear()
	for _, g := range plan.Groups {
		if g.Result == pushUnchanged {
			continue
		}
		if err := g.write(ctx, store); err != nil {
			return fmt.Errorf("%s: %w", g.file.Path, err)
		}
		progress.Step()
	}
	return nil
}

// write makes sure that nobody wrote while the plan was looked at.
func (g *pushed) write(ctx context.Context, store ssmstore.Store) error {
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: %w", ctx.Err())
	}
	version, err := g.put(ctx, store)
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("interrupted, so the baseline may be written or not: %w", err)
	}
	if err != nil {
		g.Result, g.Error = pushFailed, err.Error()
		return err
	}
	g.Result, g.Version = pushWritten, version
	return nil
}

func (g *pushed) put(ctx context.Context, store ssmstore.Store) (version int64, err error) {
	now := g.stored.Stored
	if now.ReadError == nil {
		if now, err = account.ReadDocument(ctx, store, g.ID()); err != nil {
			return 0, err
		}
	}
	if now.Version != g.stored.Stored.Version {
		return 0, fmt.Errorf("%s was version %d and is version %d now: %w", account.Parameter(store, g.ID()), g.stored.Stored.Version, now.Version, ssmstore.ErrChanged)
	}
	record := lineage.NewRecord(g.before, g.file.Says()).String()
	if g.IsList() {
		return store.PutPrefixList(ctx, g.file.List, now, record)
	}
	return store.PutDescribed(ctx, g.file.Doc, now, record)
}
