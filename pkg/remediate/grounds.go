package remediate

import (
	"context"
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// otherDocuments are what decides beside the document in force, decoded.
type otherDocuments struct {
	grounds judge.Grounds
	pause   *baseline.Pause     // nil unless it is in force
	trusted *baseline.Principal // who made the event's call, if that is trusted
}

// otherDocuments decodes the approvals, the pause and the trusted principals. One
// that can't be used permits nothing, pauses nothing and trusts nobody. People were
// notified of it when it was written.
func (r *Remediator) otherDocuments(ctx context.Context, t trail.Trigger, s state) otherDocuments {
	var c otherDocuments
	unusable := func(d baseline.Stored, err error) {
		r.Log.WarnContext(ctx, "a document can't be used and counts as absent", "parameter", d.Parameter, "reason", err.Error())
	}
	for _, d := range s.documents.Approvals {
		if a, err := d.Approval(d.Name(), s.documentsAt); err == nil {
			c.grounds.Approvals = append(c.grounds.Approvals, a)
		} else {
			unusable(d, err)
		}
	}
	if d := s.documents.Pause; d.Exists() {
		pause, err := d.Pause(s.documentsAt)
		if err != nil {
			unusable(d, err)
		} else if pause.Active(s.documentsAt) {
			c.pause = pause
		}
	}
	if d := s.documents.Trust; d.Exists() && t.Principal != "" {
		trust, err := d.Trust()
		if err != nil {
			unusable(d, err)
		} else if principal, found := trust.Find(t.Principal); found && s.documentsAt.Before(r.pendingEnd(t, principal)) {
			c.trusted, c.grounds.Trusted = &principal, true
		}
	}
	return c
}

// grace returns what the versions of the group's baseline permitted that were in
// force until recently. It asks the store only where the version in force is young.
// The error is judge.ErrUnknownGrace where SSM refuses, or what an adapter says may
// pass.
func (r *Remediator) grace(ctx context.Context, doc *baseline.Document, s state) (judge.Grace, error) {
	current := s.documents.Group
	if judge.GraceEnd(doc, current, r.Grace, s.documentsAt).IsZero() {
		return judge.Grace{}, nil
	}
	versions, err := r.History.History(ctx, current.Parameter)
	if errors.Is(err, secgroup.ErrRefused) {
		return judge.Grace{}, fmt.Errorf("%w: %w", judge.ErrUnknownGrace, err)
	}
	if err != nil {
		return judge.Grace{}, fmt.Errorf("read the versions of %s: %w", current.Parameter, err)
	}
	return judge.GraceOf(doc, current, versions, r.Grace, s.documentsAt)
}
