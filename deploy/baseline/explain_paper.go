package main

import (
	"context"
	"errors"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// onPaper is all that the remediator sees of the world while it explains: the
// documents, no live rules, and nothing that it could change or tell anybody.
type onPaper struct{ group, guardrail baseline.Stored }

var errOnPaper = errors.New("nothing is changed while explaining")

func (p onPaper) Read(context.Context, string) (group, guardrail baseline.Stored, err error) {
	return p.group, p.guardrail, nil
}

func (onPaper) Rules(context.Context, string) ([]secgroup.LiveRule, error) { return nil, nil }

func (onPaper) Group(_ context.Context, groupID string) (secgroup.Group, error) {
	return secgroup.Group{ID: groupID}, nil
}

func (onPaper) GroupNamed(context.Context, string) (secgroup.Group, error) {
	return secgroup.Group{}, secgroup.ErrGone
}

func (onPaper) Revoke(_ context.Context, _ string, rules []secgroup.LiveRule) []error {
	return allErrors(len(rules))
}

func (onPaper) Authorize(_ context.Context, _ string, rules []secgroup.ApprovedRule) []error {
	return allErrors(len(rules))
}

func allErrors(n int) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = errOnPaper
	}
	return errs
}

func (onPaper) History(context.Context, string) ([]baseline.Version, error) { return nil, nil }

func (onPaper) Publish(context.Context, alert.Message) error { return nil }
