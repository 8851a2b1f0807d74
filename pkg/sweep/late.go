package sweep

import (
	"context"
	"errors"
	"fmt"
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
	failures := 0 // in a row: one may be the record's, two are the topic's
	for _, record := range due {
		if s.late(ctx) || failures == 2 {
			break
		}
		if err := s.Reconciler.ReportLate(ctx, record.Alert); err != nil {
			failures++
			errs = append(errs, fmt.Errorf("deliver the alert that %s keeps: %w", record.Name, err))
			continue
		}
		failures = 0
		summary.Late++
		errs = append(errs, s.Journal.Erase(ctx, []string{record.Name}))
	}
	return errors.Join(errs...)
}
