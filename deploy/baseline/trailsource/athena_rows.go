package trailsource

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
)

// rows gives the rows of a result, one after the other, and io.EOF at the end. The first row is the header.
type rows func() ([]string, error)

// openResult gives the records of a result as a log file of CloudTrail. A result in S3 is one file of CSV (Athena User Guide, "Work with
// query results and recent queries"), which is read as a stream. A workgroup with managed query results has no such file:
// its result comes by the API, a thousand rows a page.
func openResult(ctx context.Context, client *athena.Client, cfg aws.Config, execution *types.QueryExecution, columns []column) (io.ReadCloser, error) {
	location := ""
	if execution.ResultConfiguration != nil {
		location = aws.ToString(execution.ResultConfiguration.OutputLocation)
	}
	if location == "" {
		return assembled(pagedRows(ctx, client, aws.ToString(execution.QueryExecutionId)), columns, io.NopCloser(nil)), nil
	}
	object, err := objectAt(location)
	if err != nil {
		return nil, fmt.Errorf("find the result of the query: %w", err)
	}
	bucket, err := clientOf(ctx, cfg, object.Bucket)
	if err != nil {
		return nil, err
	}
	file, err := open(ctx, bucket, object)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bufio.NewReader(file))
	reader.ReuseRecord = true
	return assembled(reader.Read, columns, file), nil
}

// pagedRows are the rows of a result by the API.
func pagedRows(ctx context.Context, client athena.GetQueryResultsAPIClient, id string) rows {
	pages := athena.NewGetQueryResultsPaginator(client, &athena.GetQueryResultsInput{QueryExecutionId: &id})
	var waiting []types.Row
	return func() ([]string, error) {
		for len(waiting) == 0 {
			if !pages.HasMorePages() {
				return nil, io.EOF
			}
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("read the result of Athena's query %s: %w", id, err)
			}
			waiting = page.ResultSet.Rows
		}
		row := waiting[0]
		waiting = waiting[1:]
		values := make([]string, len(row.Data))
		for i, datum := range row.Data {
			values[i] = aws.ToString(datum.VarCharValue)
		}
		return values, nil
	}
}

// assembly makes a log file from rows, as they are read.
type assembly struct {
	io.Closer
	next    rows
	columns []column
	text    []byte // that is ready to be read
	begun   bool   // the header was read
	before  string // stands before the next record
	ended   bool
}

func assembled(next rows, columns []column, closer io.Closer) io.ReadCloser {
	return &assembly{Closer: closer, next: next, columns: columns}
}

func (a *assembly) Read(p []byte) (int, error) {
	for len(a.text) == 0 {
		if a.ended {
			return 0, io.EOF
		}
		var err error
		if a.text, err = a.more(); err != nil {
			return 0, err
		}
	}
	n := copy(p, a.text)
	a.text = a.text[n:]
	return n, nil
}

// more is the text of the next row.
func (a *assembly) more() ([]byte, error) {
	row, err := a.next()
	switch {
	case errors.Is(err, io.EOF) && a.begun:
		a.ended = true
		return []byte("]}\n"), nil
	case errors.Is(err, io.EOF):
		return nil, errors.New("the result of Athena's query has no header")
	case err != nil:
		return nil, err
	case len(row) != len(a.columns):
		return nil, fmt.Errorf("a row of the result of Athena's query has %d values: want %d", len(row), len(a.columns))
	case !a.begun:
		a.begun = true
		return []byte("{\"Records\":[\n"), nil
	}
	record, err := recordOf(a.columns, row)
	text := append([]byte(a.before), record...)
	a.before = ",\n"
	return text, err
}

// recordOf is the record that a row is of. A value that is empty is absent: CSV does not distinguish
// the two, and neither does pkg/trail.
func recordOf(columns []column, row []string) ([]byte, error) {
	record := map[string]any{}
	for i, c := range columns {
		if row[i] == "" {
			continue
		}
		in := record
		for _, name := range c.path[:len(c.path)-1] {
			inner, _ := in[name].(map[string]any)
			if inner == nil {
				inner = map[string]any{}
				in[name] = inner
			}
			in = inner
		}
		in[c.path[len(c.path)-1]] = c.valueOf(row[i])
	}
	text, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("assemble a record: %w", err)
	}
	return text, nil
}

// valueOf is what stands in the record. Text that should be JSON and is not stays text, so that the record's reader says
// what is wrong.
func (c column) valueOf(text string) any {
	if c.json && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return text
}
