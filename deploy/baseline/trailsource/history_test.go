package trailsource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// stopped is a clock that goes on only while somebody sleeps.
type stopped struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (s *stopped) clock() Clock {
	return Clock{
		Now: func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now },
		Sleep: func(ctx context.Context, d time.Duration) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.now, s.slept = s.now.Add(d), append(s.slept, d)
			return ctx.Err()
		},
	}
}

var november29 = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// nameOf is the EventName that a request looks for.
func nameOf(r awsstub.Request) string {
	attributes, _ := r.JSON["LookupAttributes"].([]any)
	if len(attributes) != 1 {
		return fmt.Sprintf("%d attributes", len(attributes))
	}
	one, _ := attributes[0].(map[string]any)
	return fmt.Sprint(one["AttributeKey"], " ", one["AttributeValue"])
}

// twoPages has two pages of ModifySecurityGroupRules in each region, and nothing else.
func twoPages(t *testing.T) awsstub.Handler {
	return func(r awsstub.Request) (any, error) {
		if nameOf(r) != "EventName ModifySecurityGroupRules" {
			return map[string]any{}, nil
		}
		page, next := "1", any("more")
		if r.JSON["NextToken"] != nil {
			page, next = "2", nil
		}
		id := r.Region + " " + page
		return map[string]any{"NextToken": next, "Events": []any{
			map[string]any{"EventId": id, "CloudTrailEvent": string(record(t, id, november29, production, r.Region))},
		}}, nil
	}
}

func TestTheEventHistoryIsAskedForEachCallByName(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"LookupEvents": twoPages(t)})
	defer stub.Close()
	selection := Selection{From: november29.Add(-time.Hour), To: november29.Add(time.Hour), Regions: []string{"us-east-1", "eu-west-1"}}
	sources, err := History(t.Context(), stub.Config(), selection, (&stopped{now: november29}).clock())
	if err != nil {
		t.Fatal(err)
	}
	ids, tally := read(t, sources, selection)
	slices.Sort(ids)
	if diff := cmp.Diff([]string{"eu-west-1 1", "eu-west-1 2", "us-east-1 1", "us-east-1 2"}, ids); diff != "" || len(tally.Skipped) > 0 {
		t.Errorf("%+v (-want +got):\n%s", tally, diff)
	}
	asked := map[string][]string{}
	for _, r := range stub.Requests() {
		asked[r.Region] = append(asked[r.Region], strings.TrimPrefix(nameOf(r), "EventName "))
		if r.JSON["StartTime"] != float64(selection.From.Unix()) || r.JSON["EndTime"] != float64(selection.To.Unix()) || r.JSON["MaxResults"] != float64(mostEvents) {
			t.Errorf("asked %v", r.JSON)
		}
	}
	for region, names := range asked {
		if diff := cmp.Diff(trail.Names(), slices.Compact(names)); diff != "" || len(names) != len(trail.Names())+1 {
			t.Errorf("%s: %d requests (-want +got):\n%s", region, len(names), diff)
		}
	}
}

func TestTheEventHistoryIsAskedTwiceASecondAtMost(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"LookupEvents": twoPages(t)})
	defer stub.Close()
	time := &stopped{now: november29}
	sources, err := History(t.Context(), stub.Config(), Selection{}, time.clock())
	if err != nil {
		t.Fatal(err)
	}
	namesIn(sources)
	requests := len(stub.Requests())
	if len(time.slept) != requests-1 || slices.Min(time.slept) != pace || 2*pace < 1e9 {
		t.Errorf("%d requests slept %v", requests, time.slept)
	}
}

func TestAThrottledLookupIsTriedAgain(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"LookupEvents": twoPages(t)})
	defer stub.Close()
	stub.Inject("LookupEvents", awsstub.Attempts-1, awsstub.Fault{Error: &awsstub.Error{Code: "ThrottlingException", Message: "Rate exceeded"}})
	sources, err := History(t.Context(), stub.Config(), Selection{}, (&stopped{now: november29}).clock())
	if err != nil {
		t.Fatal(err)
	}
	if ids, tally := read(t, sources, Selection{}); len(ids) != 2 || len(tally.Skipped) > 0 {
		t.Errorf("%v, %+v", ids, tally)
	}
}

// TestALookupThatFailsIsReported: the first name can't be looked up, and the others can.
func TestALookupThatFailsIsReported(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"LookupEvents": twoPages(t)})
	defer stub.Close()
	stub.Inject("LookupEvents", awsstub.Attempts, awsstub.Fault{Error: &awsstub.Error{Code: "ThrottlingException", Message: "Rate exceeded"}})
	sources, err := History(t.Context(), stub.Config(), Selection{}, (&stopped{now: november29}).clock())
	if err != nil {
		t.Fatal(err)
	}
	ids, tally := read(t, sources, Selection{})
	if len(ids) != 2 || len(tally.Skipped) != 1 {
		t.Fatalf("%v, %+v", ids, tally)
	}
	got := tally.Skipped[0]
	if got.File != "event history of us-east-1, AssociateSecurityGroupVpc" || !strings.Contains(got.Reason, "look up the calls AssociateSecurityGroupVpc in us-east-1, page 1: ") {
		t.Errorf("got %+v", got)
	}
}

func TestARegionThatRefusesIsAskedOnce(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"LookupEvents": func(r awsstub.Request) (any, error) {
		if r.Region == "eu-west-1" {
			return nil, &awsstub.Error{Code: "AccessDeniedException", Message: "no"}
		}
		return twoPages(t)(r)
	}})
	defer stub.Close()
	sources, err := History(t.Context(), stub.Config(), Selection{Regions: []string{"us-east-1", "eu-west-1"}}, (&stopped{now: november29}).clock())
	if err != nil {
		t.Fatal(err)
	}
	ids, tally := read(t, sources, Selection{})
	if len(ids) != 2 || len(tally.Skipped) != 1 || tally.Skipped[0].File != "event history of eu-west-1, all calls" || !strings.Contains(tally.Skipped[0].Reason, "needed is cloudtrail:LookupEvents") {
		t.Errorf("%v, %+v", ids, tally)
	}
	refused := slices.DeleteFunc(stub.Requests(), func(r awsstub.Request) bool { return r.Region != "eu-west-1" })
	if len(refused) != 1 {
		t.Errorf("asked %d times", len(refused))
	}
}

func TestAnEventWithoutARecordIsReported(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"LookupEvents": func(r awsstub.Request) (any, error) {
		if nameOf(r) != "EventName CreateVpc" {
			return map[string]any{}, nil
		}
		return map[string]any{"Events": []any{
			map[string]any{"EventId": "half", "CloudTrailEvent": `{"eventVersion": "1.`},
			map[string]any{"EventId": "none"},
			map[string]any{"EventId": "whole", "CloudTrailEvent": string(record(t, "whole", november29, production, "us-east-1"))},
		}}, nil
	}})
	defer stub.Close()
	sources, err := History(t.Context(), stub.Config(), Selection{}, (&stopped{now: november29}).clock())
	if err != nil {
		t.Fatal(err)
	}
	ids, tally := read(t, sources, Selection{})
	if len(ids) != 1 || ids[0] != "whole" || len(tally.Skipped) != 2 || tally.Skipped[0].File != "event history of us-east-1, CreateVpc, page 1, event half" {
		t.Errorf("%v, %+v", ids, tally)
	}
}

func TestTheEventHistoryGoesBackNinetyDays(t *testing.T) {
	t.Parallel()
	clock := (&stopped{now: november29}).clock()
	_, err := History(t.Context(), awsstub.New(0, nil).Config(), Selection{To: november29.Add(-Kept - time.Second)}, clock)
	if err == nil || !strings.HasPrefix(err.Error(), "the event history goes back 90 days, to 2026-08-31: ") {
		t.Errorf("got %v", err)
	}
	stub := awsstub.New(0, map[string]awsstub.Handler{"LookupEvents": twoPages(t)})
	defer stub.Close()
	sources, err := History(t.Context(), stub.Config(), Selection{From: november29.Add(-Kept)}, clock)
	if err != nil {
		t.Fatal(err)
	}
	namesIn(sources)
	for _, r := range stub.Requests() {
		if r.JSON["StartTime"] != nil {
			t.Errorf("asked for a start before the oldest event: %v", r.JSON)
		}
	}
}

func TestAnInterruptEndsTheLookups(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"LookupEvents": twoPages(t)})
	defer stub.Close()
	sources, err := History(t.Context(), stub.Config(), Selection{}, (&stopped{now: november29}).clock())
	if err != nil {
		t.Fatal(err)
	}
	for range sources {
		break // the range returns only once the lookups have ended
	}
	if asked := len(stub.Requests()); asked >= len(trail.Names()) {
		t.Errorf("asked %d times", asked)
	}
}
