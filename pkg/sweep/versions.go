package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Parameter Store sends its events on a best-effort basis (Systems Manager User Guide,
// "Setting up notifications or triggering actions based on Parameter Store events"). Where
// the event of a version is lost, a sweep judges by the version and nobody is notified of it.
// So each sweep looks for versions of which people were not notified:
//
//	now - lookBack     mark              now - eventAge      now
//	 |                  |  looked for now  |  events may come  |
//	 not looked for     looked for before
//
// What people were notified of is in the notifier's memory. The mark is one parameter. Of a
// version that was deleted since, or of a deletion, nothing is left to find.
const (
	// eventAge is how old a version must be: by then its event has been reported. An event is
	// tried again twice within some minutes, and a mail waits for up to 5.
	eventAge = 15 * time.Minute
	// lookBack keeps a sweep from looking for what the notifier may have forgotten. It is
	// an hour less than the memory reaches, since a fact is noted after the write.
	lookBack = notified.Recently - time.Hour
	// skew is how long before its event a version may have been written that the event
	// reports too, beside versions of later in the same second (remediate.versions).
	skew = 500 * time.Millisecond
)

// VersionMark keeps until when sweeps have looked for versions that nobody reported.
type VersionMark interface {
	// Looked returns the zero time where no sweep has ever looked.
	Looked(ctx context.Context) (until time.Time, err error)
	SetLooked(ctx context.Context, until time.Time) error
}

// HistoryReader reads the versions of a parameter, oldest first.
type HistoryReader interface {
	History(ctx context.Context, parameter string) ([]baseline.Version, error)
}

// candidate is a document that was written since the mark.
type candidate struct {
	groupID string // or the id of a prefix list; empty for what all groups share
	stored  baseline.Stored
}

// versions are the documents of a sweep in which it looks for versions.
type versions struct {
	memory      *notified.Memory // what people were notified of; nil where the memory can't be read
	from, until time.Time        // versions written after the first and up to the second count
	first       bool             // no sweep has looked before
	documents   []candidate
}

// beginVersions reads the mark. The first sweep of all only sets it: nobody knows which versions were
// reported before.
func (r *run) beginVersions(ctx context.Context, memory *notified.Memory) {
	now := r.Now()
	mark, err := r.Mark.Looked(ctx)
	if err != nil {
		r.fail(fmt.Errorf("read until when versions were looked after: %w", err))
		return
	}
	r.versions = versions{memory: memory, from: mark, until: now.Add(-eventAge), first: mark.IsZero()}
	if back := now.Add(-lookBack); r.versions.from.Before(back) {
		r.versions.from = back
	}
}

// noteVersion notes a document that was written since the mark.
func (r *run) noteVersion(groupID string, stored baseline.Stored) {
	if r.versions.memory != nil && !r.versions.first && stored.Version > 0 && stored.ModifiedAt.After(r.versions.from) {
		stored.Value = nil // a region may have thousands of documents, and the function has little memory
		r.versions.documents = append(r.versions.documents, candidate{groupID, stored})
	}
}

// reportVersions reports the versions that nobody reported, and moves the mark. Where
// something fails, the others are reported all the same, and the next sweep looks again from the same mark on.
func (r *run) reportVersions(ctx context.Context) {
	v := &r.versions
	if v.memory == nil {
		return
	}
	if v.first {
		r.fail(r.Mark.SetLooked(ctx, r.Now()))
		return
	}
	looked, failed := false, false
	for _, c := range v.documents {
		if isLate(ctx, r.end) {
			return // the mark stays
		}
		done, err := r.reportVersionsOf(ctx, c)
		if err != nil { // one document whose history can't be read must not keep the others from being reported
			r.fail(fmt.Errorf("look for versions of %s that nobody told of: %w", c.stored.Parameter, err))
			failed = true
		}
		looked = looked || done
	}
	if looked && !failed {
		r.fail(r.Mark.SetLooked(ctx, v.until))
	}
}

// reportVersionsOf looks at the versions of one document. looked says that there was one to
// look at, so that the mark has to move.
func (r *run) reportVersionsOf(ctx context.Context, c candidate) (looked bool, err error) {
	v := &r.versions
	if c.stored.Version == 1 && !v.counts(c.stored.ModifiedAt) {
		return false, nil // the next sweep looks at it
	}
	if _, known := v.memory.HasChange(changeOf(c, c.stored.Version, c.stored.ModifiedAt), r.Now()); known && c.stored.Version == 1 {
		return true, nil
	}
	history, err := r.Histories.History(ctx, c.stored.Parameter)
	if err != nil {
		return false, err
	}
	var errs []error
	for i, version := range history {
		if !v.counts(version.ModifiedAt) {
			continue
		}
		looked = true
		if !r.isNotified(c, history[i:]) {
			errs = append(errs, r.reportVersion(ctx, c, version))
		}
	}
	return looked, errors.Join(errs...)
}

func (v *versions) counts(at time.Time) bool { return at.After(v.from) && !at.After(v.until) }

// isNotified reports whether people were notified of the first of some versions, by its own event
// or by the event of a later version which reported both.
func (r *run) isNotified(c candidate, from []baseline.Version) bool {
	for i, version := range from {
		event, known := r.versions.memory.HasChange(changeOf(c, version.Version, version.ModifiedAt), r.Now())
		if known && (i == 0 || !from[0].ModifiedAt.Before(event.Add(-skew))) {
			return true
		}
	}
	return false
}

func changeOf(c candidate, version int64, at time.Time) notified.Change {
	return notified.Change{GroupID: c.groupID, Parameter: c.stored.Parameter, Version: version, At: at}
}

// reportVersion has the remediator report a version as if the version's event had come.
func (r *run) reportVersion(ctx context.Context, c candidate, version baseline.Version) error {
	t := r.trigger(c.groupID, judge.Decision{})
	if rule.IsPrefixListID(c.groupID) {
		t.GroupID, t.PrefixListID = "", c.groupID
	}
	t.Kind, t.EventName, t.Late = trail.ParameterChanged, trail.ParameterEvent, true
	t.Parameter, t.Time = c.stored.Parameter, version.ModifiedAt.UTC().Truncate(time.Second)
	t.Operation = "Update"
	if version.Version == 1 {
		t.Operation = "Create"
	}
	result, err := r.Reporter.ReportVersion(ctx, t)
	if result.Alert != nil {
		r.summary.NotReported++
	}
	r.summary.count(result, err)
	return err
}
