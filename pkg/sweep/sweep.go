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
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// RuleLister reads every rule of the region, with the id of its group.
type RuleLister interface {
	AllRules(ctx context.Context) iter.Seq2[secgroup.GroupRule, error]
}

// DocumentLister reads every baseline, by group id, and the guardrail.
type DocumentLister interface {
	AllBaselines(ctx context.Context) iter.Seq2[baseline.GroupDocument, error]
	ReadGuardrail(ctx context.Context) (baseline.Stored, error)
}

// Bookmark keeps how far a sweep got, from one run to the next. Empty is the
// beginning.
type Bookmark interface {
	Load(ctx context.Context) (groupID string, err error)
	Save(ctx context.Context, groupID string) error
}

// Journal holds the alerts of runs that ended before they could deliver them.
type Journal interface {
	// Unreported ends with the first error that has no record's name.
	Unreported(ctx context.Context) iter.Seq2[alert.Record, error]
	Erase(ctx context.Context, names []string) error
}

// Reconciler is the remediator.
type Reconciler interface {
	Reconcile(ctx context.Context, t trail.Trigger) (any, error)
	ReportLate(ctx context.Context, a alert.Alert) error
}

// Sweeper reconciles all groups. All fields must be set.
type Sweeper struct {
	Rules      RuleLister
	Documents  DocumentLister
	Bookmark   Bookmark
	Journal    Journal
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
	for _, groupID := range after(slices.Sorted(maps.Keys(drifting)), last) {
		if s.late(ctx) {
			summary.Next = groupID
			break
		}
		result, err := s.Reconciler.Reconcile(ctx, trail.Trigger{
			EventName: EventName, Account: account, Region: region, GroupID: groupID, MayRemove: true, Changes: drifting[groupID],
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
	errs = append(errs, s.tellLate(ctx, &summary))
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

// drift is what was seen of the groups that drift: their violations, which are
// told even if they are gone when the group is read again.
type drift map[string][]trail.Change

func (d drift) see(groupID string, violations []rule.Rule) {
	d[groupID] = nil
	for _, r := range violations {
		d[groupID] = append(d[groupID], trail.Change{Rule: r})
	}
}

// find judges every group and returns those that drift. What could be read is
// judged even where a list breaks off.
func (s *Sweeper) find(ctx context.Context) (Summary, drift, error) {
	var summary Summary
	inventory, err := s.inventory(ctx, &summary)
	if err != nil {
		return summary, nil, err // without all its rules, no group can be judged
	}
	drifting := drift{}
	guarded := map[string]bool{}
	for document, listErr := range s.Documents.AllBaselines(ctx) {
		if listErr != nil {
			err = errors.Join(err, listErr)
			continue
		}
		guarded[document.GroupID] = true
		summary.Baselines++
		if violations, drifts := s.judge(document, inventory[document.GroupID], &summary); drifts {
			drifting.see(document.GroupID, violations)
		}
	}
	if err == nil { // else a group may have a baseline that wasn't read
		err = s.judgeUnguarded(ctx, inventory, guarded, drifting)
	}
	summary.Drifting = len(drifting)
	return summary, drifting, err
}

// judge judges one group by its baseline. A document that can't be used is the
// remediator's to report.
func (s *Sweeper) judge(document baseline.GroupDocument, live rules, summary *Summary) (violations []rule.Rule, drifts bool) {
	if document.Unreadable {
		return nil, true
	}
	doc, err := baseline.Decode(document.Stored.Value, document.GroupID)
	if err != nil {
		return nil, true
	}
	now := s.Now()
	for _, e := range doc.Exceptions {
		if now.Before(e.Expires) && e.Expires.Before(now.Add(24*time.Hour)) {
			summary.endsSoon(document.GroupID, e)
		}
	}
	violations, missing := remediate.Drift(doc, live.canonical, now)
	return violations, len(violations) > 0 || missing || live.unreadable
}

// judgeUnguarded judges the groups without a baseline by the guardrail.
func (s *Sweeper) judgeUnguarded(ctx context.Context, inventory map[string]rules, guarded map[string]bool, drifting drift) error {
	stored, err := s.Documents.ReadGuardrail(ctx)
	if err != nil {
		return fmt.Errorf("read the guardrail: %w", err)
	}
	if !stored.Exists() {
		return nil
	}
	guardrail, err := baseline.DecodeGuardrail(stored.Value)
	if err != nil {
		return fmt.Errorf("%s can't be used: %w", stored.Parameter, err)
	}
	for groupID, live := range inventory {
		if guarded[groupID] {
			continue
		}
		if breaking := remediate.Breaking(guardrail, live.canonical); len(breaking) > 0 {
			drifting.see(groupID, breaking)
		}
	}
	return nil
}

func endText(groupID string, e baseline.Exception) string {
	var texts []string
	for _, r := range e.Rules() {
		texts = append(texts, r.String())
	}
	about := strings.Join(slices.DeleteFunc([]string{e.Reason, e.ApprovedBy}, func(s string) bool { return s == "" }), ", ")
	return fmt.Sprintf("%s: %s until %s (%s)", groupID, strings.Join(texts, ", "), e.Expires.UTC().Format(time.RFC3339), about)
}
