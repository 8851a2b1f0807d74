package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// recordAge is how old a record must be: by then the run that wrote it is over.
// The longest, a sweep, takes up to 15 minutes.
const recordAge = 16 * time.Minute

// tellLate delivers the alerts of runs that ended before they could.
func (s *Sweeper) tellLate(ctx context.Context, summary *Summary) error {
	var errs []error
	var due []alert.Record
	for record, err := range s.Journal.Unreported(ctx) {
		if err != nil {
			errs = append(errs, err)
		} else if s.Now().Sub(record.WrittenAt) >= recordAge {
			due = append(due, record)
		}
	}
	// A record that can't be delivered does not keep the others back: each sweep
	// begins at another one.
	if len(due) > 0 {
		first := int(s.Now().Unix()/int64(rotateEvery.Seconds())) % len(due)
		due = slices.Concat(due[first:], due[:first])
	}
	for _, record := range due {
		if isLate(ctx, lateEnd(ctx)) {
			break
		}
		if err := s.deliver(ctx, record); err != nil {
			errs = append(errs, fmt.Errorf("deliver the alert that %s keeps: %w", record.Name, err))
			continue
		}
		summary.Late++
		errs = append(errs, s.Journal.Erase(ctx, []string{record.Name}))
	}
	return errors.Join(errs...)
}

const (
	// rotateEvery is about how often a sweep comes.
	rotateEvery = time.Minute
	// deliveryTime is all that one record may take of the sweep's time.
	deliveryTime = 20 * time.Second
)

func (s *Sweeper) deliver(ctx context.Context, record alert.Record) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTime)
	defer cancel()
	return s.Reconciler.ReportLate(ctx, record.Alert)
}

// lateEnd is when a sweep stops delivering the alerts of others.
func lateEnd(ctx context.Context) time.Time {
	deadline, limited := ctx.Deadline()
	if !limited {
		return time.Time{}
	}
	return deadline.Add(-deliveryTime)
}
