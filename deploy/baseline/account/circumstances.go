package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// Approvals are the approvals of some groups, by the groups' ids.
type Approvals struct {
	Of map[string][]*baseline.Approval
	// unusable reports approvals that can't be used. Such an approval permits nothing.
	Unusable []string
}

// Take decodes an approval. An approval that can't be used hides no other.
func (a *Approvals) Take(groupID, name string, stored baseline.Stored, now time.Time) {
	approval, err := stored.Approval(name, now)
	if err != nil {
		a.Unusable = append(a.Unusable, fmt.Sprintf("the approval %s permits nothing: %v", stored.Parameter, err))
		return
	}
	a.Of[groupID] = append(a.Of[groupID], approval)
}

// StoredApprovals reads the approvals of groups; nil ids are all groups.
func (a *Account) StoredApprovals(ctx context.Context, store ssmstore.Store, ids []string) (Approvals, error) {
	found := Approvals{Of: map[string][]*baseline.Approval{}}
	if ids != nil && len(ids) <= few {
		for _, id := range ids {
			documents, err := store.Read(ctx, id)
			if err != nil {
				return Approvals{}, err
			}
			for _, stored := range documents.Approvals {
				found.Take(id, stored.Name(), stored, a.Now())
			}
		}
		return found, nil
	}
	for one, err := range store.AllApprovals(ctx) {
		if err != nil {
			return Approvals{}, err
		}
		if ids == nil || slices.Contains(ids, one.GroupID) {
			found.Take(one.GroupID, one.Name, one.Stored, a.Now())
		}
	}
	return found, nil
}

// PauseInForce decodes the pause, nil where none is in force. problem says why a
// pause can't be used, which then pauses nothing.
func PauseInForce(stored baseline.Stored, now time.Time) (pause *baseline.Pause, problem error) {
	if !stored.Exists() {
		return nil, nil
	}
	pause, problem = stored.Pause(now)
	if problem != nil {
		return nil, fmt.Errorf("the pause at %s pauses nothing: %w", stored.Parameter, problem)
	}
	if !pause.Active(now) {
		pause = nil
	}
	return pause, nil
}

func PausedText(p *baseline.Pause) string {
	return fmt.Sprintf("sgwarden is paused until %s (%s)", p.Until.Format(time.RFC3339), p.Reason)
}

// DefaultGrace is how long the grace lasts where a baseline doesn't say: the
// functions' GRACE_MINUTES.
func (a *Account) DefaultGrace() (time.Duration, error) {
	text := a.Getenv("GRACE_MINUTES")
	if text == "" {
		return 10 * time.Minute, nil
	}
	minutes, err := strconv.Atoi(text)
	if err != nil || minutes < 0 || minutes > baseline.MaxGraceMinutes {
		return 0, fmt.Errorf("GRACE_MINUTES is %q: want a whole number from 0 to %d, as the functions have", text, baseline.MaxGraceMinutes)
	}
	return time.Duration(minutes) * time.Minute, nil
}

// Grace returns what the versions of a baseline permit that were in force until
// recently. The versions are read only where the version in force is young. note
// says that they can't be read, and that nothing is revoked until then. otherwise is the length for baselines that don't say one.
func (a *Account) Grace(ctx context.Context, store ssmstore.Store, doc *baseline.Document, current baseline.Stored, otherwise time.Duration) (g judge.Grace, note string, err error) {
	now := a.Now()
	return graceUntil(ctx, store, current, judge.GraceEnd(doc, current, otherwise, now), now, func(versions []baseline.Version) (judge.Grace, error) {
		return judge.GraceOf(doc, current, versions, otherwise, now)
	})
}

// ListGrace is for a prefix list's document what Grace is for a baseline.
func (a *Account) ListGrace(ctx context.Context, store ssmstore.Store, doc *baseline.PrefixList, current baseline.Stored, otherwise time.Duration) (g judge.ListGrace, note string, err error) {
	now := a.Now()
	return graceUntil(ctx, store, current, judge.ListGraceEnd(doc, current, otherwise, now), now, func(versions []baseline.Version) (judge.ListGrace, error) {
		return judge.ListGraceOf(doc, current, versions, otherwise, now)
	})
}

// graceUntil reads the versions of a document whose grace ends at a time, zero for one
// that has ended, and asks of what the grace permits.
func graceUntil[G any](ctx context.Context, store ssmstore.Store, current baseline.Stored, end, now time.Time, of func([]baseline.Version) (G, error)) (g G, note string, err error) {
	if end.IsZero() {
		return g, "", nil
	}
	versions, err := store.History(ctx, current.Parameter)
	if err == nil {
		g, err = of(versions)
	}
	if errors.Is(err, secgroup.ErrRefused) || errors.Is(err, judge.ErrUnknownGrace) {
		var none G
		return none, fmt.Sprintf("the baseline is new and its earlier versions can't be read, so nothing is revoked until %s: %v", words.Clock(end, now), err), nil
	}
	return g, "", err
}

// TrustedPrincipal finds who made a call among the trusted principals, nil where
// nobody of that ARN is trusted.
func TrustedPrincipal(stored baseline.Stored, arn string) (*baseline.Principal, error) {
	if arn == "" || !stored.Exists() {
		return nil, nil
	}
	trust, problem := stored.Trust()
	if problem != nil {
		return nil, fmt.Errorf("by %s nobody is trusted: %w", stored.Parameter, problem)
	}
	if principal, found := trust.Find(arn); found {
		return &principal, nil
	}
	return nil, nil
}
