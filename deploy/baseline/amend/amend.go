// Package amend changes a document in Parameter Store that others change at the same
// time, so that no change is lost.
//
// SSM's PutParameter has no condition: of two writers that read the same version, the
// second one overwrites the first. The second one sees it afterwards, since the version
// that it wrote does not follow the version that it read. Whoever overwrites a version
// puts its changes back. So a change that is written once is there in the end.
package amend

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// maxTries is how often a change is tried. With each round of writers that read the
// same version, at least one of them is done.
const maxTries = 30

// Facts are what a document says, piece by piece, such as a rule with its description
// or a setting with its value. A piece that the document doesn't have is not in it.
type Facts map[string]string

// Changes say which facts become what; nil takes a fact away.
type Changes map[string]*string

// Kind is how documents of one kind are read, written and taken apart.
type Kind[D any] struct {
	Parameter string // the full name
	Read      func(context.Context) (baseline.Stored, error)
	// Decode is given the zero value where there is no document.
	Decode func(baseline.Stored) (D, error)
	// Put returns the version that it wrote. The error is ssmstore.ErrChanged where
	// somebody wrote since the version that it replaces; the version then is 0 where
	// nothing was written.
	Put     func(ctx context.Context, d D, replaces baseline.Stored) (version int64, err error)
	History func(context.Context) ([]baseline.Version, error)
	Facts   func(D) Facts
	// With returns a copy of a document with changes. A fact that is so already stays.
	With func(D, Changes) (D, error)
}

// Outcome is what became of a change.
type Outcome struct {
	Version  int64    // that has the change
	Changed  bool     // something was written
	Restored []string // what others wrote at the same time, and what was put back, one line each
	// Broken tells of versions that were overwritten and that can't be read.
	Broken []string
}

// Wait passes some time before try n, counted from 1.
type Wait func(ctx context.Context, n int) error

// Edit writes a change, again and again until no other writer's change is lost. change
// returns the document that is wanted, which is the one that it is given where that
// will do.
func (k Kind[D]) Edit(ctx context.Context, change func(D) (D, error), wait Wait) (Outcome, error) {
	var done Outcome
	var lost Changes // what the last write overwrote
	for n := range maxTries {
		var err error
		if n > 0 {
			err = wait(ctx, n)
		}
		var over overwrite
		if err == nil {
			over, err = k.try(ctx, lost, change, &done)
		}
		if err != nil {
			return done, unfinished(err, k.Parameter, lost)
		}
		switch over {
		case overwrite{}:
			return done, nil
		case nothingWritten:
			continue
		}
		// Whoever interrupts the command now doesn't interrupt the repair.
		ctx = context.WithoutCancel(ctx)
		if lost, err = k.overwritten(ctx, over, &done, wait); err != nil {
			return done, fmt.Errorf("version %d of %s was written over another that somebody wrote after version %d, which is not put back: look at its history: %w", over.wrote, k.Parameter, over.read, err)
		}
	}
	return done, unfinished(fmt.Errorf("others wrote at the same time, %d times over: %w", maxTries, ssmstore.ErrChanged), k.Parameter, lost)
}

// overwrite is a write that is not of the version after the one that was read. The zero
// value is none.
type overwrite struct{ read, wrote int64 }

// nothingWritten is what somebody else was quicker than.
var nothingWritten = overwrite{read: -1}

// try reads, changes and writes once. Where the document is as it should be, nothing is
// written.
func (k Kind[D]) try(ctx context.Context, lost Changes, change func(D) (D, error), done *Outcome) (overwrite, error) {
	stored, doc, err := k.changed(ctx, lost, change)
	if err != nil {
		return overwrite{}, err
	}
	if doc == nil {
		done.Version = stored.Version
		return overwrite{}, nil
	}
	version, err := k.Put(ctx, *doc, stored)
	if version > 0 {
		done.Changed, done.Version = true, version
	}
	switch {
	case !errors.Is(err, ssmstore.ErrChanged):
		return overwrite{}, err
	case version == 0:
		return nothingWritten, nil
	case version <= stored.Version:
		return overwrite{}, fmt.Errorf("%s was deleted meanwhile, and is there again as version %d: %w", k.Parameter, version, err)
	}
	return overwrite{stored.Version, version}, nil
}

// changed reads the document, and returns what to write, nil where the document is as
// it should be.
func (k Kind[D]) changed(ctx context.Context, lost Changes, change func(D) (D, error)) (baseline.Stored, *D, error) {
	stored, err := k.Read(ctx)
	if err != nil {
		return stored, nil, err
	}
	was, err := k.Decode(stored)
	if err != nil {
		return stored, nil, err
	}
	doc, err := k.With(was, lost)
	if err == nil {
		doc, err = change(doc)
	}
	if err != nil || maps.Equal(k.Facts(was), k.Facts(doc)) {
		return stored, nil, err
	}
	return stored, &doc, nil
}

// unfinished adds to an error what is not put back yet.
func unfinished(err error, parameter string, lost Changes) error {
	if len(lost) == 0 {
		return err
	}
	return fmt.Errorf("%w\nthis command overwrote what others wrote to %s at the same time, and did not put it back: write it again:\n  %s", err, parameter, strings.Join(lost.lines(), "\n  "))
}
