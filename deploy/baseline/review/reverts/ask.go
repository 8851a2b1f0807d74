package reverts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// How long an answer is waited for. Insights itself ends a query after 60 minutes
// (CloudWatch Logs API reference, StartQuery).
const (
	firstWait   = 500 * time.Millisecond
	longestWait = 5 * time.Second
	patience    = 15 * time.Minute
)

// ask runs one query and returns its lines, oldest first.
func (l Logs) ask(ctx context.Context, from, until time.Time) ([]row, error) {
	id, err := l.start(ctx, from, until)
	if err != nil {
		return nil, err
	}
	first, err := l.complete(ctx, id)
	if err != nil {
		return nil, err
	}
	return l.pages(ctx, id, first)
}

// start begins a query. Where the account runs as many as it may, it waits.
func (l Logs) start(ctx context.Context, from, until time.Time) (id *string, err error) {
	input := &cloudwatchlogs.StartQueryInput{
		LogGroupNames: l.Groups, QueryString: aws.String(query), Limit: aws.Int32(mostRows),
		StartTime: aws.Int64(from.Unix()), EndTime: aws.Int64(until.Unix() + 1),
	}
	for waited, wait := time.Duration(0), firstWait; ; wait = min(2*wait, longestWait) {
		answer, err := l.Client.StartQuery(ctx, input)
		switch {
		case err == nil:
			return answer.QueryId, nil
		case !isTooMany(err) || waited >= patience:
			return nil, l.asked(err)
		}
		if err := l.Wait(ctx, wait); err != nil {
			return nil, err
		}
		waited += wait
	}
}

// complete waits for the end of a query.
func (l Logs) complete(ctx context.Context, id *string) (*cloudwatchlogs.GetQueryResultsOutput, error) {
	for waited, wait := time.Duration(0), firstWait; ; wait = min(2*wait, longestWait) {
		answer, err := l.Client.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: id})
		if err != nil {
			return nil, l.asked(err)
		}
		switch answer.Status {
		case types.QueryStatusComplete:
			return answer, nil
		case types.QueryStatusFailed, types.QueryStatusCancelled, types.QueryStatusTimeout:
			return nil, l.asked(fmt.Errorf("CloudWatch Logs ended the query with the status %s", answer.Status))
		}
		if waited >= patience {
			return nil, l.asked(fmt.Errorf("no answer after %s, the query's status is %s", patience, answer.Status))
		}
		if err := l.Wait(ctx, wait); err != nil {
			return nil, err
		}
		waited += wait
	}
}

// pages reads the lines of a query that is complete.
func (l Logs) pages(ctx context.Context, id *string, page *cloudwatchlogs.GetQueryResultsOutput) ([]row, error) {
	var rows []row
	for {
		for _, fields := range page.Results {
			rows = append(rows, rowOf(fields))
		}
		if aws.ToString(page.NextToken) == "" || len(page.Results) == 0 {
			return rows, nil
		}
		next, err := l.Client.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: id, NextToken: page.NextToken})
		if err != nil {
			return nil, l.asked(err)
		}
		if page = next; page.Status != types.QueryStatusComplete {
			return nil, l.asked(errors.New("CloudWatch Logs took back the end of the query"))
		}
	}
}
