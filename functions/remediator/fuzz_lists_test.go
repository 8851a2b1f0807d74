package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// noLists is an AWS in which no managed prefix list has a document.
type noLists struct{}

func (noLists) List(_ context.Context, id string) (prefixlist.List, error) {
	return prefixlist.List{}, fmt.Errorf("describe the prefix list %s: %w", id, secgroup.ErrNotFound)
}

func (noLists) Modify(context.Context, prefixlist.List, prefixlist.Change) error {
	return errors.New("a prefix list without a document was changed")
}

func (noLists) ReadPrefixList(context.Context, string) (document, pause baseline.Stored, err error) {
	return baseline.Stored{}, baseline.Stored{}, nil
}
