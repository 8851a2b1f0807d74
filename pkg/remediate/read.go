package remediate

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// documentLag is how much older than the live rules the documents may be. A rule
// may have been approved in that time and then made.
const documentLag = 500 * time.Millisecond

// state is what a decision is made on. It is read anew for every decision.
type state struct {
	live         []secgroup.LiveRule
	rulesErr     error
	documents    baseline.Documents
	documentsErr error
	documentsAt  time.Time // when the documents came
	untagged     bool      // IAM lets nobody of sgwarden change the group
}

// inForce is the document that the group is judged by.
func (s state) inForce() baseline.Stored {
	if s.documents.Group.Exists() {
		return s.documents.Group
	}
	return s.documents.Guardrail
}

// foreignOwner returns the account that owns the group, where that is another one than
// the event's, and "" otherwise. Of a group without rules the owner is not known.
func (s state) foreignOwner(account string) string {
	for _, l := range s.live {
		if secgroup.IsForeign(l.GroupOwner, account) {
			return l.GroupOwner
		}
	}
	return ""
}

// readTogether reads what is live and the documents at once, and what else there is to
// read beside them. Where the two reads are of different times, because one of them was tried again
// or answered slowly, the documents are read once more:
//
//	documents |--|                        |--| again
//	rules     |-- throttled ... retry --|
//	           ^ old                    ^ a rule that was approved meanwhile, then made
//
// The document may be as old as the moment at which its read began, and the rules
// as new as the moment at which theirs ended.
func (r *Remediator) readTogether(readLive, readDocuments func() error, parallel ...func()) {
	var liveErr, documentsErr error
	var liveAt time.Time
	began := r.Now()
	var all sync.WaitGroup
	all.Go(func() {
		liveErr = readLive()
		liveAt = r.Now()
	})
	all.Go(func() { documentsErr = readDocuments() })
	for _, read := range parallel {
		all.Go(read)
	}
	all.Wait()
	if liveErr == nil && documentsErr == nil && liveAt.Sub(began) > documentLag {
		_ = readDocuments() // the caller notes the error
	}
}

// read takes one round trip: the live rules and the documents at once.
func (r *Remediator) read(ctx context.Context, groupID string) state {
	var s state
	r.readTogether(
		func() error { s.live, s.rulesErr = r.Rules.Rules(ctx, groupID); return s.rulesErr },
		func() error { r.readDocuments(ctx, groupID, &s); return s.documentsErr },
		func() { s.untagged = r.isUntagged(ctx, groupID) },
	)
	if s.rulesErr != nil {
		s.rulesErr = fmt.Errorf("read the rules of %s: %w", groupID, s.rulesErr)
	}
	return s
}

func (r *Remediator) readDocuments(ctx context.Context, groupID string, s *state) {
	s.documents, s.documentsErr = r.Baselines.Read(ctx, groupID)
	s.documentsAt = r.Now()
	if s.documentsErr != nil {
		s.documentsErr = fmt.Errorf("read the baseline of %s: %w", groupID, s.documentsErr)
	}
}
