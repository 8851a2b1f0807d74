package simulation

import (
	"bytes"
	"context"
	"iter"
	"sync"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// keepsBaselines is the cache of a warm function.
type keepsBaselines struct {
	from remediate.BaselineReader
	mu   sync.Mutex
	kept map[string]baseline.Documents
}

func (k *keepsBaselines) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known, found := k.kept[groupID]; found {
		return known, nil
	}
	documents, err := k.from.Read(ctx, groupID)
	if err == nil {
		if k.kept == nil {
			k.kept = map[string]baseline.Documents{}
		}
		k.kept[groupID] = documents
	}
	return documents, err
}

// judgesByTheOlderRead does without grace, whose read of the versions is new.
func judgesByTheOlderRead(r *remediate.Remediator) {
	r.Grace = 0
	r.Baselines = &keepsFirstRead{from: r.Baselines}
}

// keepsFirstRead answers an invocation's second read of a group's documents with
// the first one.
type keepsFirstRead struct {
	from remediate.BaselineReader
	mu   sync.Mutex
	kept map[firstRead]baseline.Documents
}

type firstRead struct {
	by      *invocation
	groupID string
}

func (k *keepsFirstRead) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	by, _ := ctx.Value(invocationKey{}).(*invocation)
	key := firstRead{by, groupID}
	k.mu.Lock()
	known, found := k.kept[key]
	k.mu.Unlock()
	if found {
		return known, nil
	}
	documents, err := k.from.Read(ctx, groupID)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		if k.kept == nil {
			k.kept = map[firstRead]baseline.Documents{}
		}
		k.kept[key] = documents
	}
	return documents, err
}

// stopsAtBad ends the list of all baselines behind the first one that can't be
// used.
type stopsAtBad struct{ sweep.DocumentLister }

func (s stopsAtBad) AllBaselines(ctx context.Context) iter.Seq2[baseline.GroupDocument, error] {
	return func(yield func(baseline.GroupDocument, error) bool) {
		for d, err := range s.DocumentLister.AllBaselines(ctx) {
			_, bad := baseline.Decode(d.Stored.Value, d.GroupID)
			if !yield(d, err) || err == nil && (bad != nil || d.Stored.ReadError != nil) {
				return
			}
		}
	}
}

// guardsAll takes a direction that a baseline leaves out for an empty one.
type guardsAll struct{ from remediate.BaselineReader }

func (g guardsAll) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	documents, err := g.from.Read(ctx, groupID)
	group := &documents.Group
	for _, direction := range []string{"ingress", "egress"} {
		if bytes.HasPrefix(group.Value, []byte("{")) && !bytes.Contains(group.Value, []byte(`"`+direction+`":[`)) {
			group.Value = append([]byte(`{"`+direction+`":[],`), group.Value[1:]...)
		}
	}
	return documents, err
}
