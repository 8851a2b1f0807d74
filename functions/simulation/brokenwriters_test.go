package simulation

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/sweep"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// failsWhereNotFound returns an error for a rule that is not found, though there is nothing to revoke.
type failsWhereNotFound struct{ remediate.RuleWriter }

func (f failsWhereNotFound) Revoke(ctx context.Context, groupID string, rules []secgroup.LiveRule) []error {
	errs := f.RuleWriter.Revoke(ctx, groupID, rules)
	for i, err := range errs {
		if errors.Is(err, secgroup.ErrNotFound) {
			errs[i] = errors.New(err.Error())
		}
	}
	return errs
}

// revokesFirst keeps what is to be authorised until something is revoked.
type revokesFirst struct {
	remediate.RuleWriter
	mu          sync.Mutex
	toAuthorize map[context.Context][]secgroup.ApprovedRule
}

func (f *revokesFirst) Authorize(ctx context.Context, _ string, rules []secgroup.ApprovedRule) []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.toAuthorize == nil {
		f.toAuthorize = map[context.Context][]secgroup.ApprovedRule{}
	}
	f.toAuthorize[ctx] = append(f.toAuthorize[ctx], rules...)
	return make([]error, len(rules))
}

func (f *revokesFirst) Revoke(ctx context.Context, groupID string, rules []secgroup.LiveRule) []error {
	errs := f.RuleWriter.Revoke(ctx, groupID, rules)
	f.mu.Lock()
	waiting := f.toAuthorize[ctx]
	delete(f.toAuthorize, ctx)
	f.mu.Unlock()
	if len(waiting) > 0 {
		f.RuleWriter.Authorize(ctx, groupID, waiting)
	}
	return errs
}

// delaysRevokes revokes nothing any more from a group for which an Authorize call has
// failed.
type delaysRevokes struct {
	remediate.RuleWriter
	mu     sync.Mutex
	failed map[string]error // by group
}

func (h *delaysRevokes) Authorize(ctx context.Context, groupID string, rules []secgroup.ApprovedRule) []error {
	errs := h.RuleWriter.Authorize(ctx, groupID, rules)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := errors.Join(errs...); err != nil {
		if h.failed == nil {
			h.failed = map[string]error{}
		}
		h.failed[groupID] = err
	}
	return errs
}

func (h *delaysRevokes) Revoke(ctx context.Context, groupID string, rules []secgroup.LiveRule) []error {
	h.mu.Lock()
	err := h.failed[groupID]
	h.mu.Unlock()
	if err == nil {
		return h.RuleWriter.Revoke(ctx, groupID, rules)
	}
	errs := make([]error, len(rules))
	for i := range errs {
		errs[i] = errors.New("held back: " + err.Error())
	}
	return errs
}

// omitsAlreadyGone publishes no alert of a rule that was not live any more.
type omitsAlreadyGone struct{ to remediate.Publisher }

func (h omitsAlreadyGone) Publish(ctx context.Context, m alert.Message) error {
	if strings.Contains(m.Body, `\"action\":\"already-gone\"`) {
		return nil
	}
	return h.to.Publish(ctx, m)
}

// makesNoRoom does not know what it means that a group is full.
type makesNoRoom struct{ remediate.RuleWriter }

func (m makesNoRoom) AuthorizeEach(ctx context.Context, groupID string, rules []secgroup.ApprovedRule) []error {
	errs := m.RuleWriter.AuthorizeEach(ctx, groupID, rules)
	for i, err := range errs {
		if errors.Is(err, secgroup.ErrFull) {
			errs[i] = errors.New(err.Error())
		}
	}
	return errs
}

// hushesBad reports nothing of a document that can't be used.
type hushesBad struct{ sweep.Reporter }

func (hushesBad) ReportUnusable(context.Context, trail.Trigger, alert.Kind, baseline.Stored, error) (remediate.Result, error) {
	return remediate.Result{}, nil
}

// neverDone leaves requests for a sweep where they are.
type neverDone struct{ sweep.Requests }

func (neverDone) Done(context.Context, int64) (again bool, err error) { return false, nil }

type noJournal struct{}

func (noJournal) Write(context.Context, string, alert.Alert) ([]string, error) { return nil, nil }
func (noJournal) Erase(context.Context, []string) error                        { return nil }
