package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// write writes one baseline after the other, up to the first that fails: what
// fails one, such as a permission that is missing, mostly fails all.
func (p push) write(ctx context.Context, store ssmstore.Store, plan []*pushed) error {
	progress := p.Progress("writing baselines", len(differing(plan)))
	defer progress.Clear()
	for _, g := range plan {
		err := ctx.Err()
		switch {
		case err != nil:
		case g.Result == pushUnchanged:
			if g.file.Version != g.Version { // as after a failure half-way
				_, err = basefile.SetVersion(g.file.Path, g.Version)
			}
		default:
			err = g.write(ctx, store)
			progress.Step()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", g.file.Path, err)
		}
	}
	return nil
}

func (g *pushed) write(ctx context.Context, store ssmstore.Store) error {
	err := g.put(ctx, store)
	if err != nil {
		g.Result, g.Error = pushFailed, err.Error()
		return err
	}
	g.Result = pushWritten
	if _, err := basefile.SetVersion(g.file.Path, g.Version); err != nil {
		g.Error = fmt.Sprintf("version %d was written, but the file can't be made to say so: %v", g.Version, err)
		return errors.New(g.Error)
	}
	return nil
}

// put makes sure that nobody wrote while the differences were looked at.
func (g *pushed) put(ctx context.Context, store ssmstore.Store) error {
	now := g.stored.Stored
	if g.stored.Stored.Unreadable == nil {
		var err error
		if now, err = store.ReadBaseline(ctx, g.GroupID); err != nil {
			return err
		}
	}
	if now.Version != g.stored.Stored.Version {
		return fmt.Errorf("%s was version %d and is version %d now: %w", store.Parameter(g.GroupID), g.stored.Stored.Version, now.Version, ssmstore.ErrChanged)
	}
	version, err := store.Put(ctx, g.file.Doc, now)
	if err == nil {
		g.Version = version
	}
	return err
}
