package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/amend"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// permitForGood adds a rule to the baseline of a group, unless the rule is permitted for
// good already. Changes that others write to the baseline at the same time stay.
func permitForGood(ctx context.Context, store ssmstore.Store, groupID string, r rule.Rule, description string) (allowed, error) {
	kind := amend.Baseline(store, groupID, func(stored baseline.Stored) (*baseline.Document, error) {
		if !stored.Exists() {
			return nil, account.NoBaseline(store, groupID)
		}
		return decodeBaseline(stored, groupID)
	})
	var already string
	outcome, err := kind.Edit(ctx, func(doc *baseline.Document) (*baseline.Document, error) {
		if already = alreadyForGood(doc, r); already != "" {
			return doc, nil
		}
		wanted := *doc
		wanted.Ingress, wanted.Egress = slices.Clone(doc.Ingress), slices.Clone(doc.Egress)
		return &wanted, wanted.Allow(r, description)
	}, amend.Backoff(rand.Int64N))
	done := allowed{
		GroupID: groupID, Rule: r.String(), Parameter: kind.Parameter, Version: outcome.Version, Changed: outcome.Changed,
		Restored: outcome.Restored, Broken: outcome.Broken,
	}
	if !done.Changed {
		done.Reason = already
	}
	return done, err
}

// decodeBaseline reads the baseline. A broken one has to be repaired before it is added to.
func decodeBaseline(stored baseline.Stored, groupID string) (*baseline.Document, error) {
	if stored.ReadError != nil {
		return nil, fmt.Errorf("read %s: %w", stored.Parameter, stored.ReadError)
	}
	doc, err := baseline.Decode(stored.Value, groupID)
	if err != nil {
		return nil, fmt.Errorf("%s is broken, repair it first: %w", stored.Parameter, err)
	}
	return doc, nil
}

// alreadyForGood says why the rule is permitted for good; it is empty where the
// rule isn't. An entry for a direction that is not guarded would begin to guard the
// direction, and all its other rules would be revoked.
func alreadyForGood(doc *baseline.Document, r rule.Rule) string {
	if !doc.Guards(r.Direction) {
		return fmt.Sprintf("%s is not guarded by this baseline", r.Direction)
	}
	permanent := rule.Compile(doc.PermanentRules())
	if permanent.Permits(r, doc.Matching()) {
		return permanent.Reason(r, doc.Matching())
	}
	return ""
}
