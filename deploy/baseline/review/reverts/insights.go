package reverts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// QueryClient is CloudWatch Logs Insights.
type QueryClient interface {
	StartQuery(context.Context, *cloudwatchlogs.StartQueryInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.StartQueryOutput, error)
	GetQueryResults(context.Context, *cloudwatchlogs.GetQueryResultsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.GetQueryResultsOutput, error)
}

// Logs asks CloudWatch Logs Insights.
type Logs struct {
	Client QueryClient
	Groups []string // names of the log groups
	// Wait waits for a time, or until the context ends, which is its error.
	Wait func(context.Context, time.Duration) error
}

// query finds the lines that count a rule as reverted or restored. It looks at their text,
// since a field is found only where Insights has discovered it: in a log group with very
// many fields it may not (CloudWatch Logs User Guide, "Supported logs and discovered
// fields").
const query = `fields @timestamp, @message
| filter @message like /"msg":"invocation"/ and (@message like /"Reverted":/ or @message like /"Restored":/)
| sort @timestamp asc
| limit 10000`

// mostRows is how many lines one query returns. Regions differ in what they allow: 10,000
// was the most for years, and is 100,000 now with pages of 10,000 (CloudWatch Logs API
// reference, StartQuery). A query with 10,000 lines is followed by one for the time behind.
const mostRows = 10_000

// mostQueries bounds the queries, so that a log that never ends does not cost without end.
const mostQueries = 100

// Find reads what the functions logged of reverts. Where Insights can't be asked, the
// NotRead of the answer says why; only the end of the context is an error.
func (l Logs) Find(ctx context.Context, period Period) (Reverts, error) {
	c := newCollection(period)
	c.found.From = strings.Join(l.Groups, ", ")
	err := l.read(ctx, c)
	if ctx.Err() != nil {
		return Reverts{}, ctx.Err()
	}
	if err != nil {
		return Reverts{From: c.found.From, NotRead: err.Error()}, nil
	}
	return c.sorted(), nil
}

// read asks query after query until one returns all that is left.
func (l Logs) read(ctx context.Context, c *collection) error {
	seen := map[string]bool{} // pointers to lines: the time of a query is in whole seconds
	for at, n := c.from, 0; ; n++ {
		if n == mostQueries {
			return fmt.Errorf("the log has more than %d lines of reverts: choose a later --since", mostQueries*mostRows)
		}
		rows, err := l.ask(ctx, at, c.until)
		if err != nil {
			return err
		}
		last := at
		for _, row := range rows {
			if seen[row.pointer] {
				continue
			}
			seen[row.pointer] = row.pointer != ""
			c.addLine(row.message)
			last = row.at
		}
		switch {
		case len(rows) < mostRows:
			return nil
		case last.Truncate(time.Second).After(at.Truncate(time.Second)):
			at = last.Truncate(time.Second)
		default:
			return fmt.Errorf("more than %d lines of reverts are of one second, %s", mostRows, last.Format(time.RFC3339))
		}
	}
}

// row is one line of the log.
type row struct {
	pointer, message string
	at               time.Time
}

// insightsTime is how Insights writes @timestamp, in UTC.
const insightsTime = "2006-01-02 15:04:05.000"

func rowOf(fields []types.ResultField) (r row) {
	for _, f := range fields {
		switch aws.ToString(f.Field) {
		case "@ptr":
			r.pointer = aws.ToString(f.Value)
		case "@message":
			r.message = aws.ToString(f.Value)
		case "@timestamp":
			r.at, _ = time.Parse(insightsTime, aws.ToString(f.Value)) // zero: no query follows from here
		}
	}
	return r
}

// asked is what was being done, for errors.
func (l Logs) asked(err error) error {
	if awserr.ClassOf(err) == awserr.Denied {
		return fmt.Errorf("these credentials may not query the log groups %s (logs:StartQuery, logs:GetQueryResults): %w", strings.Join(l.Groups, ", "), awserr.WithSentinel(err))
	}
	return fmt.Errorf("query the log groups %s: %w", strings.Join(l.Groups, ", "), awserr.WithSentinel(err))
}

// isTooMany reports whether the account runs as many queries as it may.
func isTooMany(err error) bool {
	var limit *types.LimitExceededException
	return errors.As(err, &limit)
}
