// Package trailsource says where a history of an AWS account comes from: CloudTrail's log files in S3, CloudTrail's own
// event history, or a table of Athena. Package traillog reads what the sources hold.
package trailsource

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Selection says which part of a history is wanted. The zero value is all of it.
type Selection struct {
	From, To time.Time // From <= time of the event < To. A zero time is no limit.
	Accounts []string  // ids; none: all
	Regions  []string  // none: all
}

var (
	accountPattern = regexp.MustCompile(`^\d{12}$`)
	regionPattern  = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d+$`)
)

// Check refuses times that exclude all, and accounts and regions that are none: they become part of keys and of SQL.
func (s Selection) Check() error {
	if !s.From.IsZero() && !s.To.IsZero() && !s.From.Before(s.To) {
		return fmt.Errorf("--from %s is not before --to %s", s.From.UTC().Format(time.RFC3339), s.To.UTC().Format(time.RFC3339))
	}
	for _, id := range s.Accounts {
		if !IsAccount(id) {
			return fmt.Errorf("--accounts %q: want ids of 12 digits", id)
		}
	}
	for _, region := range s.Regions {
		if !IsRegion(region) {
			return fmt.Errorf("--regions %q: want names such as us-east-1", region)
		}
	}
	return nil
}

// IsAccount says whether a text has the form of an account's id.
func IsAccount(text string) bool { return accountPattern.MatchString(text) }

// IsRegion says whether a text has the form of a region's name.
func IsRegion(text string) bool { return regionPattern.MatchString(text) }

// Has says whether a call in an account and a region is of the selection. A call whose record does not say where it was
// made is.
func (s Selection) Has(account, region string) bool {
	return (account == "" || s.hasAccount(account)) && (region == "" || s.hasRegion(region))
}

// dayFolder is how CloudTrail's folders name a day (CloudTrail User Guide, "Finding your CloudTrail log files").
const dayFolder = "2006/01/02"

// firstDay is the first day whose folder can hold events of the selection, as 2006/01/02; empty where there is no limit.
// A folder is of the day of delivery, and no event is delivered before it happened.
func (s Selection) firstDay() string {
	if s.From.IsZero() {
		return ""
	}
	return s.From.UTC().Format(dayFolder)
}

// lastDay is the last day whose folder can hold events of the selection; empty where there is no limit. "A log file
// delivered at a specific time can contain records written at any point before that time" (CloudTrail User Guide,
// "CloudTrail log file name format"). CloudTrail delivers within minutes, so the folder of one more day is enough.
func (s Selection) lastDay() string {
	if s.To.IsZero() {
		return ""
	}
	return lastDelivery(s.To).Format(dayFolder)
}

// lastDelivery is in the last day on which events before a time are delivered.
func lastDelivery(to time.Time) time.Time { return to.Add(-1).UTC().AddDate(0, 0, 1) }

// hasDay says whether the folder of a day, as 2006/01/02, can hold events of the selection.
func (s Selection) hasDay(day string) bool {
	return day >= s.firstDay() && (s.To.IsZero() || day <= s.lastDay())
}

func (s Selection) hasAccount(id string) bool {
	return len(s.Accounts) == 0 || slices.Contains(s.Accounts, id)
}

func (s Selection) hasRegion(name string) bool {
	return len(s.Regions) == 0 || slices.Contains(s.Regions, name)
}

// String names the selection for people.
func (s Selection) String() string {
	text := "all times"
	switch from, to := s.From.UTC().Format(time.DateOnly), s.To.Add(-1).UTC().Format(time.DateOnly); {
	case !s.From.IsZero() && !s.To.IsZero():
		text = from + " to " + to
	case !s.From.IsZero():
		text = "from " + from
	case !s.To.IsZero():
		text = "until " + to
	}
	if len(s.Accounts) > 0 {
		text += fmt.Sprintf(", accounts %v", s.Accounts)
	}
	if len(s.Regions) > 0 {
		text += fmt.Sprintf(", regions %v", s.Regions)
	}
	return text
}

// Clock is what waiting needs: the time, and a sleep that ends early, with the error of the context, where the context ends.
type Clock struct {
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// Sleep waits for real.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
