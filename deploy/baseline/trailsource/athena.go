package trailsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// Athena is a query of a table of CloudTrail records.
type Athena struct {
	Table     Table
	Workgroup string // "": the one that is called primary
	Output    string // s3://bucket/prefix for the result; "": as the workgroup says
	FullScan  bool   // the query may read the whole table
	Clock     Clock
	Progress  func(string) // is called with how far the query is, once a second
	Report    func(string) // is called with what the query cost
}

var workgroupPattern = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,128}$`) // Athena API reference, StartQueryExecution, WorkGroup

func (a Athena) check() error {
	if a.Workgroup != "" && !workgroupPattern.MatchString(a.Workgroup) {
		return fmt.Errorf("--workgroup %q is not the name of a workgroup", a.Workgroup)
	}
	if a.Output != "" {
		if _, err := ParseLocation(a.Output); err != nil {
			return fmt.Errorf("--athena-output: %w", err)
		}
	}
	return nil
}

// SQL is the statement for a table such as AWS documents it. No call to AWS is made.
func (a Athena) SQL(selection Selection) (string, error) {
	q, err := queryOf(a.Table, documented, selection, a.Clock.Now(), a.FullScan)
	return q.sql, err
}

// Sources runs the query and returns its result. The query has ended when Sources returns; the result is read afterwards.
func (a Athena) Sources(ctx context.Context, cfg aws.Config, selection Selection) (traillog.Sources, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	client := athena.NewFromConfig(cfg)
	s, err := shapeOf(ctx, client, a.Table, a.Workgroup)
	if err != nil {
		return nil, err
	}
	return a.sources(ctx, client, cfg, s, selection)
}

func (a Athena) sources(ctx context.Context, client *athena.Client, cfg aws.Config, s shape, selection Selection) (traillog.Sources, error) {
	q, err := queryOf(a.Table, s, selection, a.Clock.Now(), a.FullScan)
	if err != nil {
		return nil, err
	}
	execution, err := a.run(ctx, client, q.sql)
	if err != nil {
		return nil, err
	}
	result := traillog.Source{Name: fmt.Sprintf("the result of Athena's query %s", aws.ToString(execution.QueryExecutionId))}
	result.Open = func(ctx context.Context) (io.ReadCloser, error) {
		return openResult(ctx, client, cfg, execution, q.columns)
	}
	return func(yield func(traillog.Source, error) bool) { yield(result, nil) }, nil
}

// run runs a statement to its end. Where the context ends first, the query is stopped.
func (a Athena) run(ctx context.Context, client *athena.Client, sql string) (*types.QueryExecution, error) {
	input := &athena.StartQueryExecutionInput{
		QueryString:           &sql,
		QueryExecutionContext: &types.QueryExecutionContext{Catalog: aws.String(catalog), Database: &a.Table.Database},
	}
	if a.Workgroup != "" {
		input.WorkGroup = &a.Workgroup
	}
	if a.Output != "" {
		input.ResultConfiguration = &types.ResultConfiguration{OutputLocation: &a.Output}
	}
	started, err := client.StartQueryExecution(ctx, input)
	if err != nil {
		return nil, refusedQuery("start Athena's query of "+a.Table.String(), err)
	}
	id := aws.ToString(started.QueryExecutionId)
	execution, err := a.wait(ctx, client, id)
	if ctx.Err() != nil {
		return nil, errors.Join(fmt.Errorf("wait for Athena's query %s: %w", id, ctx.Err()), stop(ctx, client, id))
	}
	return execution, err
}

// between is the time between two looks at a query.
const between = time.Second

// wait waits until a query has ended well.
func (a Athena) wait(ctx context.Context, client *athena.Client, id string) (*types.QueryExecution, error) {
	began := a.Clock.Now()
	for {
		answer, err := client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return nil, refusedQuery("ask for Athena's query "+id, err)
		}
		execution := answer.QueryExecution
		switch state := execution.Status.State; state {
		case types.QueryExecutionStateSucceeded:
			a.Report(cost(scanned(execution)))
			return execution, nil
		case types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
			return nil, fmt.Errorf("the query %s of %s in Athena ended as %s: %s", id, a.Table, state, reasonOf(execution.Status))
		default:
			a.Progress(fmt.Sprintf("Athena: %s for %s, %s scanned", state, a.Clock.Now().Sub(began).Round(time.Second), words.Bytes(scanned(execution))))
		}
		if err := a.Clock.Sleep(ctx, between); err != nil {
			return nil, err
		}
	}
}

func scanned(execution *types.QueryExecution) int64 {
	if execution.Statistics == nil {
		return 0
	}
	return aws.ToInt64(execution.Statistics.DataScannedInBytes)
}

func reasonOf(status *types.QueryExecutionStatus) string {
	reason := aws.ToString(status.StateChangeReason)
	if reason == "" && status.AthenaError != nil {
		reason = aws.ToString(status.AthenaError.ErrorMessage)
	}
	if reason == "" {
		return "Athena gives no reason"
	}
	return reason
}

// stopTime is how long stopping a query may take after the command was interrupted.
const stopTime = 10 * time.Second

// stop stops a query that nobody waits for any more, so that it costs no more.
func stop(ctx context.Context, client *athena.Client, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if _, err := client.StopQueryExecution(ctx, &athena.StopQueryExecutionInput{QueryExecutionId: &id}); err != nil {
		return fmt.Errorf("the query goes on in Athena; stop it with aws athena stop-query-execution --query-execution-id %s: %w", id, err)
	}
	return nil
}

// refusedQuery explains an error of Athena.
func refusedQuery(what string, err error) error {
	err = fmt.Errorf("%s: %w", what, err)
	if awserr.ClassOf(err) == awserr.Denied {
		return fmt.Errorf("%w\n  needed are athena:StartQueryExecution, GetQueryExecution, GetQueryResults and StopQueryExecution, glue:GetDatabase, GetTable and GetPartitions, "+
			"s3:ListBucket and GetObject on the bucket of the logs, and GetBucketLocation, GetObject and PutObject on that of the results", err)
	}
	return err
}

// Athena costs 5 US dollars for each terabyte scanned in most regions, and at least 10 MB are counted for a query
// (https://aws.amazon.com/athena/pricing/). Some regions are dearer.
const (
	dollarsPerTB  = 5.0
	leastScanned  = 10_000_000
	bytesPerTB    = 1e12
	smallestShown = 0.01
)

// cost says what a query scanned and about what it costs.
func cost(scanned int64) string {
	dollars := float64(max(scanned, leastScanned)) / bytesPerTB * dollarsPerTB
	price := fmt.Sprintf("about %.2f USD", dollars)
	if dollars < smallestShown {
		price = "less than 0.01 USD"
	}
	return fmt.Sprintf("Athena scanned %s: %s, at 5 USD a TB (some regions are dearer)", words.Bytes(scanned), price)
}
