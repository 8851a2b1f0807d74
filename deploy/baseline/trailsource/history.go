package trailsource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// EventHistory is the argument that stands for CloudTrail's own event history.
const EventHistory = "event-history"

// Kept is how long CloudTrail keeps events in the event history: 90 days (CloudTrail API reference, LookupEvents).
const Kept = 90 * 24 * time.Hour

// pace is the time between two requests: "The rate of lookup requests is limited to two per second, per account, per
// Region" (CloudTrail API reference, LookupEvents). A little more leaves room for clocks that differ.
const pace = 550 * time.Millisecond

// mostEvents is how many events an answer holds at most (same page, MaxResults).
const mostEvents = 50

// History returns CloudTrail's event history of the account in some regions. Each region is asked for each call that
// sgwarden knows, by name. "Currently the list can contain only one item" (CloudTrail API reference, LookupAttributes),
// so there is a request for each name. The other attributes would not do: ResourceType finds the events for which
// CloudTrail noted a resource, which nothing promises for a call such as ModifySecurityGroupRules; EventSource finds every
// call to EC2, reads among them.
func History(ctx context.Context, cfg aws.Config, selection Selection, clock Clock) (traillog.Sources, error) {
	if oldest := clock.Now().Add(-Kept); !selection.To.IsZero() && selection.To.Before(oldest) {
		return nil, fmt.Errorf("the event history goes back 90 days, to %s: for earlier days, read the trail's bucket (s3://...) or use --athena", oldest.UTC().Format(time.DateOnly))
	}
	regions := selection.Regions
	if len(regions) == 0 {
		regions = []string{cfg.Region}
	}
	return func(yield func(traillog.Source, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		answers := make(chan answer)
		var running sync.WaitGroup
		for _, region := range regions {
			client := cloudtrail.NewFromConfig(cfg, func(o *cloudtrail.Options) { o.Region = region })
			one := regionHistory{client: client, region: region, selection: selection, clock: clock, answers: answers}
			running.Go(func() { one.read(ctx) })
		}
		go func() { running.Wait(); close(answers) }()
		defer func() {
			cancel()
			for range answers {
			}
		}()
		for a := range answers {
			if !yield(a.source, a.err) {
				return
			}
		}
	}, nil
}

// answer is a page of the event history, or why there is none.
type answer struct {
	source traillog.Source
	err    error
}

// regionHistory reads the event history of one region, one request after the other.
type regionHistory struct {
	client    cloudtrail.LookupEventsAPIClient
	region    string
	selection Selection
	clock     Clock
	answers   chan<- answer
	last      time.Time // of the last request
}

// read sends all pages. It continues with the next name where one can't be read, and stops where these credentials may not
// read any.
func (r *regionHistory) read(ctx context.Context) {
	for _, name := range trail.Names() {
		err := r.readName(ctx, name)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			continue
		}
		denied := awserr.ClassOf(err) == awserr.Denied
		if denied {
			name, err = "all calls", fmt.Errorf("%w (needed is cloudtrail:LookupEvents)", err)
		}
		r.send(ctx, answer{traillog.Source{Name: fmt.Sprintf("event history of %s, %s", r.region, name)}, err})
		if denied {
			return
		}
	}
}

// readName sends the pages of one call's name.
func (r *regionHistory) readName(ctx context.Context, name string) error {
	pages := cloudtrail.NewLookupEventsPaginator(r.client, r.input(name))
	for number := 1; pages.HasMorePages(); number++ {
		if err := r.wait(ctx); err != nil {
			return err
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("look up the calls %s in %s, page %d: %w", name, r.region, number, err)
		}
		if len(page.Events) > 0 {
			r.sendPage(ctx, fmt.Sprintf("event history of %s, %s, page %d", r.region, name, number), page.Events)
		}
	}
	return nil
}

func (r *regionHistory) input(name string) *cloudtrail.LookupEventsInput {
	input := &cloudtrail.LookupEventsInput{
		MaxResults:       aws.Int32(mostEvents),
		LookupAttributes: []types.LookupAttribute{{AttributeKey: types.LookupAttributeKeyEventName, AttributeValue: &name}},
	}
	// Whether CloudTrail takes a start before its oldest event is not documented, so it is not asked to.
	if from := r.selection.From; !from.IsZero() && r.clock.Now().Sub(from) < Kept {
		input.StartTime = &from
	}
	if to := r.selection.To; !to.IsZero() {
		input.EndTime = &to
	}
	return input
}

// wait keeps the pace. A request that CloudTrail throttles all the same is tried again by the client's retryer.
func (r *regionHistory) wait(ctx context.Context) error {
	if rest := pace - r.clock.Now().Sub(r.last); rest > 0 && !r.last.IsZero() {
		if err := r.clock.Sleep(ctx, rest); err != nil {
			return err
		}
	}
	r.last = r.clock.Now()
	return nil
}

func (r *regionHistory) send(ctx context.Context, a answer) {
	select {
	case <-ctx.Done():
	case r.answers <- a:
	}
}

// sendPage sends a source of the events of a page: each holds the CloudTrail record as a text of JSON.
func (r *regionHistory) sendPage(ctx context.Context, name string, events []types.Event) {
	var records [][]byte
	for _, event := range events {
		record := []byte(aws.ToString(event.CloudTrailEvent))
		if !json.Valid(record) {
			source := traillog.Source{Name: name + ", event " + aws.ToString(event.EventId)}
			r.send(ctx, answer{source, errors.New("the event has no record that is JSON")})
			continue
		}
		records = append(records, record)
	}
	log := slices.Concat([]byte(`{"Records":[`), bytes.Join(records, []byte(",")), []byte("]}"))
	r.send(ctx, answer{source: traillog.Source{Name: name, Size: int64(len(log)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(log)), nil
	}}})
}
