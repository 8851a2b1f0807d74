package simulation

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
)

// keepsApprovals is the cache of a warm function that holds approvals only. What it
// has not seen yet permits nothing.
type keepsApprovals struct {
	from remediate.BaselineReader
	mu   sync.Mutex
	kept map[string][]baseline.Stored
}

func (k *keepsApprovals) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	documents, err := k.from.Read(ctx, groupID)
	k.mu.Lock()
	defer k.mu.Unlock()
	known, found := k.kept[groupID]
	switch {
	case found:
		documents.Approvals = known
	case err == nil:
		if k.kept == nil {
			k.kept = map[string][]baseline.Stored{}
		}
		k.kept[groupID] = documents.Approvals
	}
	return documents, err
}

// keepsWithdrawn reads approvals again, and does not notice that one is withdrawn.
type keepsWithdrawn struct {
	from remediate.BaselineReader
	mu   sync.Mutex
	kept map[string]baseline.Stored // by parameter
}

func (k *keepsWithdrawn) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	documents, err := k.from.Read(ctx, groupID)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[string]baseline.Stored{}
	}
	for _, a := range documents.Approvals {
		k.kept[a.Parameter] = a
	}
	documents.Approvals = nil
	for _, name := range slices.Sorted(maps.Keys(k.kept)) {
		if strings.HasPrefix(name, approvalsPath+groupID+"/") {
			documents.Approvals = append(documents.Approvals, k.kept[name])
		}
	}
	return documents, err
}

// endsNever takes no approval for ended.
type endsNever struct{ from remediate.BaselineReader }

var expiry = regexp.MustCompile(`"expires":"[^"]*"`)

func (e endsNever) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	documents, err := e.from.Read(ctx, groupID)
	for i := range documents.Approvals {
		a := &documents.Approvals[i]
		later := a.ModifiedAt.AddDate(0, 0, 89).UTC().Format("2006-01-02T15:04:05Z")
		a.Value = expiry.ReplaceAll(a.Value, []byte(`"expires":"`+later+`"`))
	}
	return documents, err
}
