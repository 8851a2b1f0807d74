// Package sweep finds the drift that no event told of. It reads all rules of the
// region in pages, judges every group in memory, and hands the groups that drift
// to the remediator, which reads them afresh before it acts.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// RuleLister reads every rule of the region, with the id of its group.
type RuleLister interface {
	AllRules(ctx context.Context) iter.Seq2[remediate.GroupRule, error]
}

// DocumentLister reads every baseline, by group id, and the guardrail.
type DocumentLister interface {
	AllBaselines(ctx context.Context) iter.Seq2[GroupDocument, error]
	ReadGuardrail(ctx context.Context) (baseline.Stored, error)
}

// GroupDocument is a group's baseline as the store holds it. Unreadable is set
// where its value could not be read along with the others'.
type GroupDocument struct {
	GroupID    string
	Stored     baseline.Stored
	Unreadable bool
}

// Bookmark keeps how far a sweep got, from one run to the next. Empty is the
// beginning.
type Bookmark interface {
	Load(ctx context.Context) (groupID string, err error)
	Save(ctx context.Context, groupID string) error
}

// Reconciler is the remediator.
type Reconciler interface {
	Reconcile(ctx context.Context, t trail.Trigger) (any, error)
}

// Sweeper reconciles all groups. All fields must be set.
type Sweeper struct {
	Rules      RuleLister
	Documents  DocumentLister
	Bookmark   Bookmark
	Reconciler Reconciler
	Log        *slog.Logger
	Now        func() time.Time
}

// stopBefore is how long before its deadline a sweep stops taking up groups.
const stopBefore = 30 * time.Second

// EventName is what alerts of a sweep name as their event.
const EventName = "Sweep"

// Run sweeps once. One broken group or baseline doesn't stop the rest: what
// failed is counted in the summary and joined in the error.
func (s *Sweeper) Run(ctx context.Context, account, region string) (Summary, error) {
	summary, drifting, listErr := s.find(ctx)
	last, err := s.Bookmark.Load(ctx)
	errs := []error{listErr, err}
	for _, groupID := range after(drifting, last) {
		if s.late(ctx) {
			summary.Next = groupID
			break
		}
		result, err := s.Reconciler.Reconcile(ctx, trail.Trigger{
			EventName: EventName, Account: account, Region: region, GroupID: groupID, MayRemove: true,
		})
		summary.count(result, err)
		if err != nil {
			errs = append(errs, fmt.Errorf("reconcile %s: %w", groupID, err))
		}
		last = groupID
	}
	if summary.Next == "" {
		last = "" // all done: begin at the beginning
	}
	if listErr == nil || len(drifting) > 0 { // else nothing is known of where to go on
		errs = append(errs, s.Bookmark.Save(ctx, last))
	}
	summary.finish()
	s.Log.InfoContext(ctx, "sweep", "summary", summary)
	return summary, errors.Join(errs...)
}

// after turns the sorted ids so that they begin behind the last one dealt with.
func after(ids []string, last string) []string {
	at, found := slices.BinarySearch(ids, last)
	if found {
		at++
	}
	return slices.Concat(ids[at:], ids[:at])
}

func (s *Sweeper) late(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && time.Until(deadline) < stopBefore
}

// find judges every group and returns the ids of those that drift, sorted. What
// could be read is judged even where a list breaks off.
func (s *Sweeper) find(ctx context.Context) (Summary, []string, error) {
	var summary Summary
	inventory, err := s.inventory(ctx, &summary)
	if err != nil {
		return summary, nil, err // without all its rules, no group can be judged
	}
	var drifting []string
	guarded := map[string]bool{}
	for document, listErr := range s.Documents.AllBaselines(ctx) {
		if listErr != nil {
			err = errors.Join(err, listErr)
			continue
		}
		guarded[document.GroupID] = true
		summary.Baselines++
		if s.drifts(document, inventory[document.GroupID], &summary) {
			drifting = append(drifting, document.GroupID)
		}
	}
	if err == nil { // else a group may have a baseline that wasn't read
		unguarded, guardrailErr := s.breakTheGuardrail(ctx, inventory, guarded)
		drifting, err = append(drifting, unguarded...), guardrailErr
	}
	slices.Sort(drifting)
	summary.Drifting = len(drifting)
	return summary, drifting, err
}

// drifts judges one group by its baseline. A document that can't be used is the
// remediator's to report.
func (s *Sweeper) drifts(document GroupDocument, live rules, summary *Summary) bool {
	if document.Unreadable || live.unreadable {
		return true
	}
	doc, err := baseline.Decode(document.Stored.Value, document.GroupID)
	if err != nil {
		return true
	}
	now := s.Now()
	for _, e := range doc.Exceptions {
		if now.Before(e.Expires) && e.Expires.Before(now.Add(24*time.Hour)) {
			summary.endsSoon(document.GroupID, e)
		}
	}
	return remediate.Drifts(doc, live.canonical, now)
}

func (s *Sweeper) breakTheGuardrail(ctx context.Context, inventory map[string]rules, guarded map[string]bool) ([]string, error) {
	stored, err := s.Documents.ReadGuardrail(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the guardrail: %w", err)
	}
	if !stored.Exists() {
		return nil, nil
	}
	guardrail, err := baseline.DecodeGuardrail(stored.Value)
	if err != nil {
		return nil, fmt.Errorf("%s can't be used: %w", stored.Parameter, err)
	}
	var breaking []string
	for groupID, live := range inventory {
		if !guarded[groupID] && remediate.BreaksGuardrail(guardrail, live.canonical) {
			breaking = append(breaking, groupID)
		}
	}
	return breaking, nil
}

func endText(groupID string, e baseline.Exception) string {
	var texts []string
	for _, r := range e.Rules() {
		texts = append(texts, r.String())
	}
	about := strings.Join(slices.DeleteFunc([]string{e.Reason, e.ApprovedBy}, func(s string) bool { return s == "" }), ", ")
	return fmt.Sprintf("%s: %s until %s (%s)", groupID, strings.Join(texts, ", "), e.Expires.UTC().Format(time.RFC3339), about)
}
