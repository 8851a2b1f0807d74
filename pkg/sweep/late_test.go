package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

func TestAlertsThatRunsLeftBehindAreDelivered(t *testing.T) {
	t.Parallel()
	young, old := now.Add(-15*time.Minute), now.Add(-16*time.Minute)
	errBroken := errors.New("no alert")
	cases := map[string]struct {
		written               time.Time
		journalErr, reportErr error
		reported, left        []string
	}{
		"once their run must be over":      {written: old, reported: []string{"sg-0a"}},
		"not while their run may still go": {written: young, left: []string{"/r"}},
		"they stay until they are":         {written: old, reportErr: errBroken, left: []string{"/r"}},
		"also where another can't be read": {written: old, journalErr: errBroken, reported: []string{"sg-0a"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &region{
				records:    []alert.Record{{Name: "/r", WrittenAt: c.written, Alert: alert.Alert{GroupID: "sg-0a"}}},
				journalErr: c.journalErr, reportErr: c.reportErr,
			}
			summary, err := r.run(context.Background())
			if failed := c.journalErr != nil || c.reportErr != nil; failed != errors.Is(err, errBroken) {
				t.Errorf("got %v", err)
			}
			var left []string
			for _, record := range r.records {
				left = append(left, record.Name)
			}
			if diff := cmp.Diff([][]string{c.reported, c.left}, [][]string{r.reported, left}); diff != "" || summary.Late != len(c.reported) {
				t.Errorf("%s, %d late", diff, summary.Late)
			}
		})
	}
}

func TestWhatASweepSawIsHandedOver(t *testing.T) {
	t.Parallel()
	r := &region{
		rules:     [][2]string{{"sg-0a", ssh}, {"sg-0a", https}, {"sg-0b", ssh}, {"sg-0b", https}},
		documents: []baseline.GroupDocument{document("sg-0a", permits)},
		guardrail: forbids,
	}
	if _, err := r.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]string{"sg-0a": {ssh}, "sg-0b": {ssh}}, r.seen); diff != "" {
		t.Error(diff)
	}
}

// With SNS down every late alert takes its time, which is the groups'.
func TestASweepDoesNotWasteItsTimeOnATopicThatIsDown(t *testing.T) {
	t.Parallel()
	r := &region{rules: [][2]string{{"sg-0a", ssh}}, documents: []baseline.GroupDocument{document("sg-0a", permits)}, reportErr: errors.New("SNS is down")}
	for i := range 10 {
		r.records = append(r.records, alert.Record{Name: fmt.Sprint("/r", i), WrittenAt: now.Add(-time.Hour), Alert: alert.Alert{GroupID: "sg-0b"}})
	}
	if _, err := r.run(context.Background()); !errors.Is(err, r.reportErr) {
		t.Errorf("got %v", err)
	}
	if r.tries != 2 || len(r.reconciled) != 1 || len(r.records) != 10 {
		t.Errorf("%d tries, reconciled %v, %d records left", r.tries, r.reconciled, len(r.records))
	}
}

// Two records that can't be delivered, side by side, look like a topic that is down.
func TestRecordsThatCannotBeDeliveredDoNotKeepTheOthersBackForEver(t *testing.T) {
	t.Parallel()
	for _, records := range []int{3, 4, 5, 15, 30} {
		r := &region{reportErrs: map[string]error{"sg-bad": errors.New("invalid")}}
		for i := range records {
			a := alert.Alert{GroupID: "sg-good"}
			if i < 2 {
				a.GroupID = "sg-bad"
			}
			r.records = append(r.records, alert.Record{Name: fmt.Sprint("/r", i), WrittenAt: now.Add(-time.Hour), Alert: a})
		}
		for sweeps := range 12 {
			r.now = now.Add(time.Duration(sweeps) * 15 * time.Minute)
			_, _ = r.run(context.Background()) // that the bad ones fail is not the point
		}
		if len(r.records) != 2 {
			t.Errorf("of %d records %d are left after twelve sweeps", records, len(r.records))
		}
	}
}
