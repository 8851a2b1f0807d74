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

// reportLate delivers the alerts of runs that ended before they could.
func (s *Sweeper) reportLate(ctx context.Context, summary *Summary) error {
	var errs []error
	var due []alert.Record
	for record, err := range s.Journal.Unreported(ctx) {
		if err != nil {
			errs = append(errs, err)
		} else if s.Now().Sub(record.WrittenAt) >= recordAge {
			due = append(due, record)
		}
	}
	failures := 0 // in a row: one may be the record's, two are the topic's
	for _, record := range s.shuffled(due) {
		if isLate(ctx, lateEnd(ctx)) || failures == 2 {
			break
		}
		if err := s.deliver(ctx, record); err != nil {
			errs = append(errs, fmt.Errorf("deliver the alert that %s keeps: %w", record.Name, err))
			failures++
			continue
		}
		failures = 0
		summary.Late++
		errs = append(errs, s.Journal.Erase(ctx, []string{record.Name}))
	}
	return errors.Join(errs...)
}

// shuffled begins at another record in each sweep, so that records which can't be
// delivered don't keep the others back for ever. The factor (Knuth's, for hashing)
// spreads times that are multiples of the schedule.
func (s *Sweeper) shuffled(due []alert.Record) []alert.Record {
	if len(due) == 0 {
		return nil
	}
	first := int(uint32(s.Now().Unix())*2654435761>>8) % len(due)
	return slices.Concat(due[first:], due[:first])
}

// deliveryTime is all that one record may take of the sweep's time.
const deliveryTime = 20 * time.Second

func (s *Sweeper) deliver(ctx context.Context, record alert.Record) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTime)
	defer cancel()
	return s.Reporter.ReportLate(ctx, record.Alert)
}

// lateEnd is when a sweep stops delivering the alerts of others.
func lateEnd(ctx context.Context) time.Time {
	deadline, limited := ctx.Deadline()
	if !limited {
		return time.Time{}
	}
	return deadline.Add(-deliveryTime)
}
