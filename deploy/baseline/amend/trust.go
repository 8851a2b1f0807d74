package amend

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// Trust is the document of the trusted principals. Where there is none, nobody is
// trusted.
func Trust(store ssmstore.Store) Kind[*baseline.Trust] {
	k := Kind[*baseline.Trust]{
		Parameter: store.Trust(),
		Read: func(ctx context.Context) (baseline.Stored, error) {
			shared, err := store.ReadShared(ctx)
			return shared.Trust, err
		},
		Decode:  decodeTrust,
		History: func(ctx context.Context) ([]baseline.Version, error) { return store.History(ctx, store.Trust()) },
		Facts:   hoursOf,
		With:    withHours,
	}
	k.Put = func(ctx context.Context, t *baseline.Trust, replaces baseline.Stored, description string) (int64, error) {
		document, err := baseline.EncodeTrust(t)
		if err != nil {
			return 0, err
		}
		return account.PutDescribed(ctx, store, k.Parameter, document, replaces, description)
	}
	return k
}

func decodeTrust(stored baseline.Stored) (*baseline.Trust, error) {
	if !stored.Exists() {
		return &baseline.Trust{}, nil
	}
	t, err := stored.Trust()
	switch {
	case stored.ReadError != nil:
		return nil, fmt.Errorf("read %s: %w", stored.Parameter, err)
	case err != nil:
		return nil, fmt.Errorf("%s is broken, so nobody is trusted: repair it, or delete it and begin anew: %w", stored.Parameter, err)
	}
	return t, nil
}

// hoursOf says how many hours a change of each principal waits, by ARN.
func hoursOf(t *baseline.Trust) Facts {
	f := Facts{}
	for _, p := range t.Principals {
		f[p.ARN] = strconv.Itoa(int(p.Pending / time.Hour))
	}
	return f
}

// withHours returns a copy of a trust document with changes. New principals come last.
func withHours(t *baseline.Trust, changes Changes) (*baseline.Trust, error) {
	n := &baseline.Trust{Principals: slices.Clone(t.Principals)}
	changes = changes.but(hoursOf(t))
	for _, arn := range slices.Sorted(maps.Keys(changes)) {
		at := slices.IndexFunc(n.Principals, func(p baseline.Principal) bool { return p.ARN == arn })
		if changes[arn] == nil {
			n.Principals = slices.Delete(n.Principals, at, at+1)
			continue
		}
		hours, err := strconv.Atoi(*changes[arn])
		if err != nil {
			return nil, err
		}
		if at < 0 {
			n.Principals, at = append(n.Principals, baseline.Principal{ARN: arn}), len(n.Principals)
		}
		n.Principals[at].Pending = time.Duration(hours) * time.Hour
	}
	return n, nil
}
