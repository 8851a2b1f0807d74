package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// maxSameSecond is how many approvals for one group may take their names from the
// same second.
const maxSameSecond = 9

// approve writes an approval of one rule, unless the rule is permitted for as long
// already.
func (a allow) approve(ctx context.Context, store ssmstore.Store, r rule.Rule, now time.Time) (allowed, error) {
	approval := &baseline.Approval{
		Rules: []rule.Rule{r}, Expires: now.Add(a.expires.Duration).UTC().Truncate(time.Second), Reason: a.reason,
	}
	if a.approvedBy != "" {
		approval.Reason += ", approved by " + a.approvedBy
	}
	names := a.names(now)
	document, err := approvalDocument(approval, names[0], now)
	if err != nil {
		return allowed{}, fmt.Errorf("nothing was written: %w", err)
	}
	documents, err := store.Read(ctx, a.group)
	if err != nil {
		return allowed{}, err
	}
	done := allowed{GroupID: a.group, Rule: r.String(), Parameter: documents.Group.Parameter, Version: documents.Group.Version}
	if done.Reason, err = a.alreadyUntil(documents, r, approval.Expires, now); err != nil || done.Reason != "" {
		return done, err
	}
	done.Changed, done.Expires = true, &approval.Expires
	for _, name := range names {
		done.Parameter = store.Approval(a.group, name)
		done.Version, err = account.PutDocument(ctx, store, done.Parameter, document, baseline.Stored{})
		if !errors.Is(err, ssmstore.ErrChanged) {
			return done, err
		}
	}
	return allowed{}, fmt.Errorf("there is an approval at %s already: choose another --name", done.Parameter)
}

// names are those to try: the one that was asked for, or one of the time, with a
// number behind it where somebody else approved in the same second.
func (a allow) names(now time.Time) []string {
	if a.name != "" {
		return []string{a.name}
	}
	first := "allow-" + now.UTC().Format("20060102T150405Z")
	names := []string{first}
	for n := 2; n <= maxSameSecond; n++ {
		names = append(names, fmt.Sprintf("%s-%d", first, n))
	}
	return names
}

// approvalDocument encodes an approval that is written now.
func approvalDocument(approval *baseline.Approval, name string, now time.Time) ([]byte, error) {
	document, err := baseline.EncodeApproval(approval)
	if err != nil {
		return nil, err
	}
	_, err = baseline.DecodeApprovalYAML(document, name, now)
	return document, err
}

// alreadyUntil says why a rule is permitted until end at least; it is empty where
// the rule isn't.
func (a allow) alreadyUntil(documents baseline.Documents, r rule.Rule, end, now time.Time) (string, error) {
	found := account.Approvals{Of: map[string][]*baseline.Approval{}}
	for _, stored := range documents.Approvals {
		found.Take(a.group, stored.Name(), stored, now)
	}
	var rules []rule.Rule
	var ends []time.Time
	for _, approval := range found.Of[a.group] {
		if !approval.Expires.Before(end) {
			rules, ends = append(rules, approval.Rules...), append(ends, approval.Expires)
		}
	}
	match := rule.Covered
	if documents.Group.Exists() {
		doc, err := a.decode(documents.Group)
		if err != nil {
			return "", err
		}
		if why := alreadyForGood(doc, r); why != "" {
			return why, nil
		}
		match, rules = doc.Matching(), append(rules, doc.Standing()...)
		for _, e := range doc.Exceptions {
			if !e.Expires.Before(end) {
				rules, ends = append(rules, e.Rules()...), append(ends, e.Expires)
			}
		}
	}
	if lasting := rule.Compile(rules); lasting.Permits(r, match) {
		first := slices.MinFunc(ends, time.Time.Compare)
		return fmt.Sprintf("%s; by exceptions or approvals, until %s at least", lasting.Reason(r, match), first.UTC().Format(time.RFC3339)), nil
	}
	return "", nil
}
