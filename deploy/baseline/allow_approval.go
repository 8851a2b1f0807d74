package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// maxSameSecond is how many approvals for one group may take their names from the
// same second.
const maxSameSecond = 20

// approve writes an approval of one rule, unless the rule is permitted for as long
// already.
func (a allow) approve(ctx context.Context, store ssmstore.Store, groupID string, r rule.Rule, now time.Time) (allowed, error) {
	approval := &baseline.Approval{
		Rules: []rule.Rule{r}, Expires: now.Add(a.expires.Duration).UTC().Truncate(time.Second), Reason: a.reason,
	}
	if a.approvedBy != "" {
		approval.Reason += ", approved by " + a.approvedBy
	}
	document, err := approvalDocument(approval, a.names(now)[0], now)
	if err != nil {
		return allowed{}, fmt.Errorf("nothing was written: %w", err)
	}
	documents, err := store.Read(ctx, groupID)
	if err != nil {
		return allowed{}, err
	}
	done := allowed{GroupID: groupID, Rule: r.String(), Parameter: documents.Group.Parameter, Version: documents.Group.Version}
	if done.Reason, err = alreadyUntil(groupID, documents, r, approval.Expires, now); err != nil || done.Reason != "" {
		return done, err
	}
	done.Changed, done.Expires = true, &approval.Expires
	done.Parameter, done.Version, err = a.write(ctx, store, groupID, document, now)
	if err == nil {
		err = counts(ctx, store, groupID, done, now)
	}
	return done, err
}

// write writes the document of an approval under the first name that is free, and returns
// the parameter and its version.
func (a allow) write(ctx context.Context, store ssmstore.Store, groupID string, document []byte, now time.Time) (parameter string, version int64, err error) {
	for _, name := range a.names(now) {
		parameter = store.Approval(groupID, name)
		version, err = account.PutDocument(ctx, store, parameter, document, baseline.Stored{})
		if !errors.Is(err, ssmstore.ErrChanged) {
			return parameter, version, err
		}
	}
	return "", 0, fmt.Errorf("nothing was written: there is an approval at %s already: choose another --name", parameter)
}

// storedApproval reads an approval; the zero value where it isn't there.
func storedApproval(ctx context.Context, store ssmstore.Store, groupID, parameter string) (baseline.Stored, error) {
	documents, err := store.Read(ctx, groupID)
	for _, stored := range documents.Approvals {
		if stored.Parameter == parameter {
			return stored, err
		}
	}
	return baseline.Stored{}, err
}

// counts makes sure that the functions can use what was written: AWS's clock decides how
// long an approval may last, and this machine's may be ahead.
func counts(ctx context.Context, store ssmstore.Store, groupID string, done allowed, now time.Time) error {
	stored, err := storedApproval(ctx, store, groupID, done.Parameter)
	if err == nil && stored.Exists() {
		_, err = stored.Approval(stored.Name(), now)
	}
	if err != nil {
		return fmt.Errorf("%s was written, but it may permit nothing: is this machine's clock ahead of AWS's? %w", done.Parameter, err)
	}
	return nil
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
	_, err = yamlfile.DecodeApproval(document, name, now)
	return document, err
}

// alreadyUntil says why a rule is permitted until end at least; it is empty where
// the rule isn't.
func alreadyUntil(groupID string, documents baseline.Documents, r rule.Rule, end, now time.Time) (string, error) {
	found := account.Approvals{Of: map[string][]*baseline.Approval{}}
	for _, stored := range documents.Approvals {
		found.Take(groupID, stored.Name(), stored, now)
	}
	var rules []rule.Rule
	var ends []time.Time
	for _, approval := range found.Of[groupID] {
		if !approval.Expires.Before(end) {
			rules, ends = append(rules, approval.Rules...), append(ends, approval.Expires)
		}
	}
	match := rule.Covered
	if documents.Group.Exists() {
		doc, err := decodeBaseline(documents.Group, groupID)
		if err != nil {
			return "", err
		}
		if why := alreadyForGood(doc, r); why != "" {
			return why, nil
		}
		match, rules = doc.Matching(), append(rules, doc.PermanentRules()...)
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
