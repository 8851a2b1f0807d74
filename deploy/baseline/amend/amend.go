// Package amend changes a document in Parameter Store that others change at the same
// time, so that no change is lost.
//
// SSM's PutParameter has no condition: of two writers that read the same version, the
// second one overwrites the first. The second one sees it afterwards, since the version
// that it wrote does not follow the version that it read. Whoever overwrites a version
// puts its changes back. So a change that is written once is there in the end.
//
// Of each fact, what the newest version decided counts. A version that was overwritten
// may itself be made of an old one, and then lacks what it overwrote without anybody
// having decided that. So each write says in the parameter's description what it is made
// of. Others, such as the AWS CLI, write no such description: see decide.
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

// Kind is how documents of one kind are read, written and split into facts.
type Kind[D any] struct {
	Parameter string // the full name
	Read      func(context.Context) (baseline.Stored, error)
	// Decode is given the zero value where there is no document.
	Decode func(baseline.Stored) (D, error)
	// Put returns the version that it wrote. The error is ssmstore.ErrChanged where
	// somebody wrote since the version that it replaces; the version then is 0 where
	// nothing was written. The description is the parameter's.
	Put     func(ctx context.Context, d D, replaces baseline.Stored, description string) (version int64, err error)
	History func(context.Context) ([]baseline.Version, error) // oldest first
	Facts   func(D) Facts
	// With returns a copy of a document with changes. A fact that is so already stays.
	With func(D, Changes) (D, error)
}

// Outcome is what became of a change.
type Outcome struct {
	Version  int64    // that has the change
	Changed  bool     // something was written
	Restored []string // what others wrote at the same time, and what was put back, one line each
	// Broken lists versions that were overwritten and that can't be read.
	Broken []string
}

// Wait passes some time before try n, counted from 1.
type Wait func(ctx context.Context, n int) error

// Edit writes a change, again and again until no other writer's change is lost. change
// returns the document that is wanted, which is the one that it is given where that
// will do.
func (k Kind[D]) Edit(ctx context.Context, change func(D) (D, error), wait Wait) (Outcome, error) {
	e := edit[D]{Kind: k, change: change, own: map[string]bool{}}
	for n := range maxTries {
		var err error
		if n > 0 {
			err = wait(ctx, n)
		}
		again := false
		if err == nil {
			again, err = e.try(ctx)
		}
		if err != nil || !again {
			return e.done, e.unfinished(err)
		}
		if e.wrote > 0 {
			// Whoever interrupts the command now doesn't interrupt the repair.
			ctx = context.WithoutCancel(ctx)
		}
	}
	return e.done, e.unfinished(fmt.Errorf("others wrote at the same time, %d times over: %w", maxTries, ssmstore.ErrChanged))
}

// edit is a change on its way.
type edit[D any] struct {
	Kind[D]
	change func(D) (D, error)
	own    map[string]bool // facts that the change itself is about
	done   Outcome
	// read and wrote are the versions of the last write over somebody else's; 0: none.
	read, wrote int64
	undone      Changes // what is not as it should be, when this was last looked at
	lags        bool    // the history did not show the last write yet
}

// try reads, changes and writes once. Where the document is as it should be, nothing is
// written. again says that somebody else wrote at the same time.
func (e *edit[D]) try(ctx context.Context) (again bool, err error) {
	stored, err := e.look(ctx)
	if err != nil || e.lags {
		return e.lags, err
	}
	doc, err := e.wanted(stored)
	if err != nil {
		return false, err
	}
	if doc == nil {
		e.done.Version, e.undone, e.wrote = stored.Version, nil, 0
		return false, nil
	}
	version, err := e.Put(ctx, *doc, stored, record(stored.Version, e.Facts(*doc)))
	if version > 0 {
		e.done.Changed, e.done.Version = true, version
	}
	switch {
	case err == nil:
		e.undone, e.wrote = nil, 0
		return false, nil
	case !errors.Is(err, ssmstore.ErrChanged):
		return false, err
	case version == 0: // nothing was written
		return true, nil
	case version <= stored.Version:
		return false, fmt.Errorf("%s was deleted meanwhile, and is there again as version %d: %w", e.Parameter, version, err)
	}
	e.read, e.wrote = stored.Version, version
	return true, nil
}

// look reads the document. After a write over somebody else's it finds what is lost.
func (e *edit[D]) look(ctx context.Context) (baseline.Stored, error) {
	if e.wrote == 0 {
		return e.Read(ctx)
	}
	history, err := e.History(ctx)
	if err != nil {
		return baseline.Stored{}, err
	}
	versions := e.parse(history)
	if e.lags = !hasAll(versions, e.read, e.wrote); e.lags {
		return baseline.Stored{}, nil
	}
	e.undone = undoneBy(versions)
	e.noteBroken(versions)
	return history[len(history)-1].Stored, nil
}

// wanted returns what to write, nil where the document is as it should be.
func (e *edit[D]) wanted(stored baseline.Stored) (*D, error) {
	was, err := e.Decode(stored)
	if err != nil {
		return nil, err
	}
	complete, err := e.With(was, e.undone)
	if err != nil {
		return nil, err
	}
	doc, err := e.change(complete)
	if err != nil {
		return nil, err
	}
	before, after := e.Facts(complete), e.Facts(doc)
	for key := range difference(before, after) {
		e.own[key] = true
	}
	e.noteRestored()
	if maps.Equal(e.Facts(was), after) {
		return nil, nil
	}
	return &doc, nil
}

// unfinished adds to an error what is not put back yet.
func (e *edit[D]) unfinished(err error) error {
	switch {
	case err == nil || e.wrote == 0:
		return err
	case e.lags || len(e.undone) == 0:
		return fmt.Errorf("version %d of %s was written over what somebody wrote after version %d, which may not be put back: look at its history: %w", e.wrote, e.Parameter, e.read, err)
	}
	return fmt.Errorf("%w\nthis command overwrote what others wrote to %s at the same time, and may not have put it back; look at its history, and write it again:\n  %s", err, e.Parameter, strings.Join(e.undone.lines(), "\n  "))
}
