package explain

import (
	"context"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// grounds are what a judgement rests on. doc or guardrail or neither is set.
type grounds struct {
	from           string // the file or parameter
	version        int64  // of the parameter
	doc            *baseline.Document
	guardrail      *baseline.Guardrail
	otherDocuments judge.Grounds       // approvals and grace
	pause          *baseline.Pause     // nil unless it is in force
	trusted        *baseline.Principal // who made the event's call, if that is trusted
	notes          []string            // what could not be taken into account
}

// Read reads what a trigger of a group is judged by: doc, which is of the file at
// path, or else Parameter Store.
func Read(ctx context.Context, a *account.Account, t trail.Trigger, path string, doc *baseline.Document) (grounds, error) {
	if doc != nil {
		return grounds{from: path, doc: doc}, nil
	}
	length, err := a.DefaultGrace()
	if err != nil {
		return grounds{}, err
	}
	store, err := a.Store(ctx)
	if err != nil {
		return grounds{}, err
	}
	documents, err := store.Read(ctx, t.GroupID)
	if err != nil {
		return grounds{}, err
	}
	g := grounds{from: store.Parameter(t.GroupID)}
	if err := g.decide(documents, t.GroupID); err != nil || g.doc == nil && g.guardrail == nil {
		return g, err
	}
	g.consider(documents, t.Principal, a.Now())
	if g.doc == nil || !g.doc.Enforces() || g.pause != nil || len(g.violations(t, a.Now())) == 0 {
		return g, nil
	}
	grace, note, err := a.Grace(ctx, store, g.doc, documents.Group, length)
	if note != "" {
		g.notes = append(g.notes, note)
	}
	g.otherDocuments.Grace = grace
	return g, err
}

// HasBaseline reports whether a baseline decides.
func (g grounds) HasBaseline() bool { return g.doc != nil }

// decide decodes the document that decides: the baseline, or else the guardrail.
func (g *grounds) decide(documents baseline.Documents, groupID string) (err error) {
	deciding := documents.Group
	switch {
	case deciding.ReadError != nil:
		return fmt.Errorf("read %s: %w", deciding.Parameter, deciding.ReadError)
	case deciding.Exists():
		g.doc, err = baseline.Decode(deciding.Value, groupID)
	default:
		deciding = documents.Guardrail
		if deciding.ReadError != nil {
			return fmt.Errorf("read %s: %w", deciding.Parameter, deciding.ReadError)
		}
		if !deciding.Exists() {
			return nil
		}
		g.guardrail, err = baseline.DecodeGuardrail(deciding.Value)
	}
	if err != nil {
		return fmt.Errorf("%s version %d is broken, so nothing is judged by it and nothing revoked: %w", deciding.Parameter, deciding.Version, err)
	}
	g.from, g.version = deciding.Parameter, deciding.Version
	return nil
}

// consider takes up the other documents that count besides the one that decides. A document
// that can't be used permits nothing, pauses nothing and trusts nobody.
func (g *grounds) consider(documents baseline.Documents, principal string, now time.Time) {
	found := account.Approvals{Of: map[string][]*baseline.Approval{}}
	for _, stored := range documents.Approvals {
		found.Take("", stored.Name(), stored, now)
	}
	g.otherDocuments.Approvals, g.notes = found.Of[""], found.Unusable
	var problem error
	if g.pause, problem = account.PauseInForce(documents.Pause, now); problem != nil {
		g.notes = append(g.notes, problem.Error())
	}
	if g.trusted, problem = account.TrustedPrincipal(documents.Trust, principal); problem != nil {
		g.notes = append(g.notes, problem.Error())
	}
}
