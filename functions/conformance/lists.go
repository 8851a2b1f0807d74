package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// ErrNoLists says that a stand-in has no prefix lists.
var ErrNoLists = errors.New("there are no prefix lists here")

const (
	firstEntry  = "10.0.0.0/8"
	secondEntry = "20.0.0.0/24"
)

// Sources: EC2 API reference, ModifyManagedPrefixList (CurrentVersion), and
// GetManagedPrefixListEntries; EC2 Developer Guide, "Error codes for the Amazon EC2 API"
// (PrefixListVersionMismatch, PrefixListMaxEntriesExceeded).
var listPromises = []promise{
	{"a prefix list reads back with the entries of its version", func(ctx context.Context, a AWS) error {
		list, err := a.newList(ctx, "reads-back")
		if err != nil {
			return err
		}
		return errors.Join(a.listHas(ctx, list.ID, 1, firstEntry), same("names", list.Name, "reads-back"))
	}},
	{"a change of a prefix list makes the next version", func(ctx context.Context, a AWS) error {
		list, err := a.newList(ctx, "changes")
		if err != nil {
			return err
		}
		change := prefixlist.Change{Add: entries(secondEntry), Remove: []netip.Prefix{netip.MustParsePrefix(firstEntry)}}
		if err := a.lists().Modify(ctx, list, change); err != nil {
			return err
		}
		return a.listHas(ctx, list.ID, 2, secondEntry)
	}},
	{"a change of a version that is not the newest is refused and changes nothing", func(ctx context.Context, a AWS) error {
		list, err := a.newList(ctx, "moved")
		if err != nil {
			return err
		}
		if err := a.lists().Modify(ctx, list, prefixlist.Change{Add: entries(secondEntry)}); err != nil {
			return err
		}
		err = a.lists().Modify(ctx, list, prefixlist.Change{Add: entries("20.0.1.0/24")}) // of version 1 still
		return errors.Join(isError(err, prefixlist.ErrMoved), a.listHas(ctx, list.ID, 2, firstEntry, secondEntry))
	}},
	{"entries beyond a prefix list's room are refused and change nothing", func(ctx context.Context, a AWS) error {
		list, err := a.newList(ctx, "full")
		if err != nil {
			return err
		}
		err = a.lists().Modify(ctx, list, prefixlist.Change{Add: entries(secondEntry, "20.0.1.0/24", "20.0.2.0/24")})
		return errors.Join(isError(err, prefixlist.ErrFull), a.listHas(ctx, list.ID, 1, firstEntry))
	}},
	{"a prefix list that nobody knows is gone", func(ctx context.Context, a AWS) error {
		if a.NewList == nil {
			return ErrNoLists
		}
		_, err := a.lists().List(ctx, "pl-0123456789abcdef0")
		return isError(err, secgroup.ErrNotFound)
	}},
}

func (a AWS) newList(ctx context.Context, name string) (prefixlist.List, error) {
	if a.NewList == nil {
		return prefixlist.List{}, ErrNoLists
	}
	id, err := a.NewList(ctx, name, firstEntry)
	if err != nil {
		return prefixlist.List{}, fmt.Errorf("make a prefix list: %w", err)
	}
	return a.lists().List(ctx, id)
}

func entries(cidrs ...string) []prefixlist.Entry {
	var all []prefixlist.Entry
	for _, c := range cidrs {
		all = append(all, prefixlist.Entry{Prefix: netip.MustParsePrefix(c)})
	}
	return all
}

// listHas returns an error unless a list has this version and these entries.
func (a AWS) listHas(ctx context.Context, id string, version int64, cidrs ...string) error {
	list, err := a.lists().List(ctx, id)
	if err != nil {
		return err
	}
	var got []string
	for _, e := range list.Entries {
		got = append(got, e.Prefix.String())
	}
	return errors.Join(same("versions", list.Version, version), same("entries", got, cidrs))
}
