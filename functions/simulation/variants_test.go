package simulation

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// variant is the product with something taken out. The zero variant is the
// product itself.
type variant struct {
	name    string
	breaks  string // the promise that it is to break
	wrap    func(*remediate.Remediator)
	swallow bool // errors
	noSweep bool
}

func (v variant) remediator(r *remediate.Remediator) {
	if v.wrap != nil {
		v.wrap(r)
	}
}

func (v variant) result(err error) error {
	if v.swallow {
		return nil
	}
	return err
}

var variants = []variant{
	{name: "not found is a failure", breaks: "quiet", wrap: func(r *remediate.Remediator) { r.Writer = failsWhereGone{r.Writer} }},
	{name: "revoke comes before authorise", breaks: "safety", wrap: func(r *remediate.Remediator) { r.Writer = &revokesFirst{RuleWriter: r.Writer} }},
	{name: "the baseline is kept from one run to the next", breaks: "safety", wrap: func(r *remediate.Remediator) { r.Baselines = &keepsBaselines{from: r.Baselines} }},
	{name: "what is gone already is not told", breaks: "no silent violation", wrap: func(r *remediate.Remediator) { r.Alerts = hushesGone{r.Alerts} }},
	{name: "errors are swallowed", breaks: "no silent violation", swallow: true},
	{name: "nothing is put on record before a revoke", breaks: "no silent violation", wrap: func(r *remediate.Remediator) { r.Journal = noJournal{} }},
	{name: "no sweep", breaks: "convergence", noSweep: true},
}

// mostHistories is how many a broken variant may take to be caught.
const mostHistories = 150

func TestEveryBrokenVariantIsCaught(t *testing.T) {
	skipUnderRace(t)
	t.Parallel()
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			for n := range uint64(mostHistories) {
				w := history(t, 1+n, v, false)
				for _, b := range w.breaches {
					if b.promise == v.breaks {
						t.Logf("caught after %d histories: %s: %s", n+1, b.promise, b.what)
						return
					}
				}
			}
			t.Errorf("%d histories kept the promise %q", mostHistories, v.breaks)
		})
	}
}

// failsWhereGone forgets that what is gone need not be revoked.
type failsWhereGone struct{ remediate.RuleWriter }

func (f failsWhereGone) Revoke(ctx context.Context, groupID string, rules []secgroup.LiveRule) []error {
	errs := f.RuleWriter.Revoke(ctx, groupID, rules)
	for i, err := range errs {
		if errors.Is(err, secgroup.ErrGone) {
			errs[i] = errors.New(err.Error())
		}
	}
	return errs
}

// revokesFirst keeps what is to be authorised until something is revoked.
type revokesFirst struct {
	remediate.RuleWriter
	mu       sync.Mutex
	postpone map[context.Context][]secgroup.ApprovedRule
}

func (f *revokesFirst) Authorize(ctx context.Context, _ string, rules []secgroup.ApprovedRule) []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.postpone == nil {
		f.postpone = map[context.Context][]secgroup.ApprovedRule{}
	}
	f.postpone[ctx] = append(f.postpone[ctx], rules...)
	return make([]error, len(rules))
}

func (f *revokesFirst) Revoke(ctx context.Context, groupID string, rules []secgroup.LiveRule) []error {
	errs := f.RuleWriter.Revoke(ctx, groupID, rules)
	f.mu.Lock()
	waiting := f.postpone[ctx]
	delete(f.postpone, ctx)
	f.mu.Unlock()
	if len(waiting) > 0 {
		f.RuleWriter.Authorize(ctx, groupID, waiting)
	}
	return errs
}

// keepsBaselines is the cache of a warm function.
type keepsBaselines struct {
	from remediate.BaselineReader
	mu   sync.Mutex
	kept map[string][2]baseline.Stored
}

func (k *keepsBaselines) Read(ctx context.Context, groupID string) (group, guardrail baseline.Stored, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known, found := k.kept[groupID]; found {
		return known[0], known[1], nil
	}
	group, guardrail, err = k.from.Read(ctx, groupID)
	if err == nil {
		if k.kept == nil {
			k.kept = map[string][2]baseline.Stored{}
		}
		k.kept[groupID] = [2]baseline.Stored{group, guardrail}
	}
	return group, guardrail, err
}

// hushesGone thinks that what is gone is no news.
type hushesGone struct{ to remediate.Publisher }

func (h hushesGone) Publish(ctx context.Context, m alert.Message) error {
	if strings.Contains(m.Body, `\"action\":\"already-gone\"`) {
		return nil
	}
	return h.to.Publish(ctx, m)
}

type noJournal struct{}

func (noJournal) Write(context.Context, string, alert.Alert) ([]string, error) { return nil, nil }
func (noJournal) Erase(context.Context, []string) error                        { return nil }
