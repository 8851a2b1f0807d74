package remediate

import (
	"context"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
)

// listState is what a decision about a prefix list is made on. It is read anew for
// every decision.
type listState struct {
	list            prefixlist.List
	listErr         error
	document, pause baseline.Stored
	documentErr     error
	documentAt      time.Time // when the documents came
}

// readList takes one round trip: the list and the documents at once.
func (r *Remediator) readList(ctx context.Context, id string) listState {
	var s listState
	r.readTogether(
		func() error { s.list, s.listErr = r.Lists.List(ctx, id); return s.listErr },
		func() error { r.readListDocuments(ctx, id, &s); return s.documentErr },
	)
	return s
}

func (r *Remediator) readListDocuments(ctx context.Context, id string, s *listState) {
	s.document, s.pause, s.documentErr = r.ListDocuments.ReadPrefixList(ctx, id)
	s.documentAt = r.Now()
	if s.documentErr != nil {
		s.documentErr = fmt.Errorf("read the document of the prefix list %s: %w", id, s.documentErr)
	}
}

func (r *Remediator) listParameter(id string) string { return r.Prefix + "/prefix-lists/" + id }
