package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/deploy/baseline/review"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// reportReading is a review that is being read.
type reportReading struct {
	listing *listing
	stored  map[string]baseline.GroupDocument
	there   map[string]secgroup.Group
	live    map[string][]secgroup.LiveRule

	mutex   sync.Mutex // of what follows, while documents are read side by side
	of      map[string]review.About
	remarks []string

	noHistory atomic.Bool // these credentials may not read who wrote what
}

// readReport reads all that a review lists, and the groups for its picture.
func (a *app) readReport(ctx context.Context, r reportRequest, since time.Time, last *review.Saved) (read review.Read, groups []picture.Group, err error) {
	reading, err := a.newReportReading(ctx)
	if err != nil {
		return read, nil, err
	}
	if err := reading.documents(ctx); err != nil {
		return read, nil, err
	}
	if err := reading.commits(ctx, r.paths); err != nil {
		return read, nil, err
	}
	period := reverts.Period{From: since, Until: a.Now()}
	if last != nil && since.Equal(last.MadeAt) {
		period.Follows, period.ReportedBefore = true, last.LateAlerts
	}
	found, remark, err := a.reverts(ctx, r, reading.listing.o.Identity, period)
	if err != nil {
		return read, nil, err
	}
	if remark != "" {
		reading.remarks = append(reading.remarks, remark)
	}
	o := reading.listing.o
	o.Remarks = append(o.Remarks, reading.remarks...)
	read = review.Read{Now: a.Now(), Since: since, Overview: o, Of: reading.of, Reverts: found, FromArchive: len(r.alerts) > 0, Last: last}
	return read, reading.pictured(), nil
}

// newReportReading judges all groups as list does, and keeps what list lets go of.
func (a *app) newReportReading(ctx context.Context) (*reportReading, error) {
	l, err := a.newListing(ctx, nil)
	if err != nil {
		return nil, err
	}
	r := &reportReading{listing: l, stored: map[string]baseline.GroupDocument{}, there: maps.Clone(l.there), live: maps.Clone(l.live), of: map[string]review.About{}}
	l.took = func(d baseline.GroupDocument) { r.stored[d.GroupID] = d }
	if err := l.addBaselines(ctx); err != nil {
		return nil, err
	}
	l.addUnguarded()
	if err := l.checkNotEmpty(ctx); err != nil {
		return nil, err
	}
	l.o.Sort()
	return r, nil
}

// documents reads the histories of all documents, and who wrote the approvals, side by side.
func (r *reportReading) documents(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p := r.listing.app.Progress("reading who approved what", len(r.listing.o.Groups))
	defer p.Clear()
	waiting := make(chan string)
	var workers sync.WaitGroup
	for range min(sideBySide, len(r.listing.o.Groups)) {
		workers.Go(func() {
			for id := range waiting {
				about, err := r.about(ctx, id)
				if err != nil {
					stop(err)
				}
				r.mutex.Lock()
				r.of[id] = about
				p.Step()
				r.mutex.Unlock()
			}
		})
	}
	for _, row := range r.listing.o.Groups {
		if ctx.Err() == nil {
			waiting <- row.ID()
		}
	}
	close(waiting)
	workers.Wait()
	return context.Cause(ctx)
}

// about reads the histories of one group or prefix list.
func (r *reportReading) about(ctx context.Context, id string) (review.About, error) {
	about := review.About{Live: len(r.live[id])}
	if d, guarded := r.stored[id]; guarded {
		if doc, err := account.Decode(d); err == nil { // the row says what is wrong with a broken one
			about.Doc = doc
			if about.Versions, err = r.versions(ctx, id); err != nil {
				return about, err
			}
		}
	}
	for _, approval := range r.listing.approved.Of[id] {
		origin, err := r.originOf(ctx, id, approval.Name)
		if err != nil {
			return about, err
		}
		about.Approvals = append(about.Approvals, review.ApprovalOf{Approval: approval, Origin: origin})
	}
	return about, nil
}

// versions reads the versions of one document. Where these credentials may not, nobody is
// asked again, and the review says so. A document that was deleted meanwhile has none.
func (r *reportReading) versions(ctx context.Context, id string) ([]account.Version, error) {
	if r.noHistory.Load() {
		return nil, nil
	}
	versions, err := account.Versions(ctx, r.listing.store, id)
	if errors.Is(err, account.ErrNoBaseline) {
		return nil, nil
	}
	return versions, r.denied(err)
}

// originOf returns who wrote an approval when.
func (r *reportReading) originOf(ctx context.Context, groupID, name string) (review.Origin, error) {
	if r.noHistory.Load() {
		return review.Origin{}, nil
	}
	versions, err := r.listing.store.History(ctx, r.listing.store.Approval(groupID, name))
	if err := r.denied(err); err != nil {
		return review.Origin{}, err
	}
	return review.OriginOf(versions), nil
}

// denied takes up that these credentials may not read histories, which is no error.
func (r *reportReading) denied(err error) error {
	if awserr.ClassOf(err) != awserr.Denied {
		return err
	}
	if r.noHistory.Swap(true) {
		return nil
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.remarks = append(r.remarks, fmt.Sprintf("not read: who approved what, since these credentials may not ask (ssm:GetParameterHistory): %v", err))
	return nil
}
