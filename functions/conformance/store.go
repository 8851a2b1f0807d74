package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// storedGroup is the group whose documents the suite stores.
const storedGroup = "sg-0a1b2c3d4e5f60718"

// What the product makes of Parameter Store. Source of the parts: ssmstore.Store.
var storePromises = []promise{
	{"a baseline that is put is read back with its version", func(ctx context.Context, a AWS) error {
		doc := permitting(1)
		version, err := a.store().Put(ctx, doc, baseline.Stored{})
		if err != nil || version != 1 {
			return fmt.Errorf("the first version is %d: %w", version, orNone(err))
		}
		return a.readsBack(ctx, doc, 1)
	}},
	{"a baseline that somebody has created meanwhile is not written over", func(ctx context.Context, a AWS) error {
		if _, err := a.store().Put(ctx, permitting(1), baseline.Stored{}); err != nil {
			return err
		}
		_, err := a.store().Put(ctx, permitting(2), baseline.Stored{})
		return errors.Join(isError(err, ssmstore.ErrChanged), a.readsBack(ctx, permitting(1), 1))
	}},
	{"a baseline too large for one parameter is read back whole", func(ctx context.Context, a AWS) error {
		doc := permitting(900)
		if _, err := a.store().Put(ctx, doc, baseline.Stored{}); err != nil {
			return err
		}
		return a.readsBack(ctx, doc, 1)
	}},
	{"the list of all baselines finds each of twelve", func(ctx context.Context, a AWS) error {
		for i := range 12 {
			doc := permitting(1)
			doc.GroupID = fmt.Sprintf("sg-0%02d", i)
			if _, err := a.store().Put(ctx, doc, baseline.Stored{}); err != nil {
				return err
			}
		}
		found := 0
		for _, err := range a.store().AllBaselines(ctx) {
			if err != nil {
				return err
			}
			found++
		}
		return same("baselines", found, 12)
	}},
	{"an approval that exists stays as it is", func(ctx context.Context, a AWS) error {
		approval := &baseline.Approval{Name: "oncall-1", Rules: []rule.Rule{approved(ssh)[0].Rule}, Expires: time.Now().Add(time.Hour).UTC().Truncate(time.Second), Reason: "first"}
		err := a.store().PutApproval(ctx, storedGroup, approval)
		again := *approval
		again.Reason = "second"
		if err = errors.Join(err, a.store().PutApproval(ctx, storedGroup, &again)); err != nil {
			return err
		}
		documents, err := a.store().Read(ctx, storedGroup)
		if err != nil || len(documents.Approvals) != 1 {
			return fmt.Errorf("%d approvals: %w", len(documents.Approvals), orNone(err))
		}
		read, err := documents.Approvals[0].Approval("oncall-1", time.Now())
		if err == nil && read.Reason != "first" {
			err = fmt.Errorf("its reason is %q", read.Reason)
		}
		return err
	}},
	{"a request for a sweep ends with the version that was answered and no other", func(ctx context.Context, a AWS) error {
		requests := ssmstore.SweepRequest{Store: a.store()}
		if err := errors.Join(requests.Ask(ctx, "first"), requests.Ask(ctx, "second")); err != nil {
			return err
		}
		again, err := requests.Done(ctx, 1)
		if err != nil || !again {
			return fmt.Errorf("after the first request the sweep ends, though there is a second one: %w", orNone(err))
		}
		if again, err = requests.Done(ctx, 2); err != nil || again {
			return fmt.Errorf("after the second request the sweep does not end: %w", orNone(err))
		}
		pending, err := requests.Pending(ctx)
		return errors.Join(err, same("versions that are pending", pending, int64(0)))
	}},
}

// permitting returns a baseline of some entries, which hardly can be compressed.
func permitting(entries int) *baseline.Document {
	text := `{"schema":1,"groupId":"` + storedGroup + `","egress":[],"ingress":[`
	for i := range entries {
		if i > 0 {
			text += ","
		}
		n := uint32(i+1) * 2654435761 // Knuth's multiplicative hash
		text += fmt.Sprintf(`{"protocol":"tcp","ports":"%d","sources":["10.%d.%d.0/24"],"description":"%08x"}`, 1+n%60000, n>>8&255, n>>16&255, n)
	}
	doc, err := baseline.Decode([]byte(text+"]}"), storedGroup)
	if err != nil {
		panic(err)
	}
	return doc
}

func (a AWS) readsBack(ctx context.Context, want *baseline.Document, version int64) error {
	documents, err := a.store().Read(ctx, want.GroupID)
	if err != nil {
		return err
	}
	if documents.Group.ReadError != nil {
		return documents.Group.ReadError
	}
	got, err := baseline.Decode(documents.Group.Value, want.GroupID)
	if err != nil {
		return err
	}
	return errors.Join(same("rules", got.PermanentRules(), want.PermanentRules()), same("versions", documents.Group.Version, version))
}
