package trailsource

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// rowOf is a record as the columns of a query give it: a text for each, as Athena's table holds it.
func rowOf(t *testing.T, text []byte) []string {
	t.Helper()
	row := make([]string, len(columns))
	for i, c := range columns {
		var at any = json.RawMessage(text)
		for _, name := range c.path {
			var fields map[string]json.RawMessage
			if raw, _ := at.(json.RawMessage); json.Unmarshal(raw, &fields) != nil {
				break
			}
			at = fields[name]
		}
		raw, _ := at.(json.RawMessage)
		var plain string
		if !c.json && json.Unmarshal(raw, &plain) == nil {
			row[i] = plain
			continue
		}
		row[i] = string(raw)
	}
	return row
}

// header is the first row of a result.
func header() (names []string) {
	for _, c := range columns {
		names = append(names, strings.Join(c.lower(), "_"))
	}
	return names
}

// TestNothingThatIsReadGetsLostInAthena: for each sample of an event, the record that comes back from Athena reads like the
// record that CloudTrail wrote.
func TestNothingThatIsReadGetsLostInAthena(t *testing.T) {
	t.Parallel()
	samples, err := filepath.Glob("../../../events/*.json")
	if err != nil || len(samples) < 50 {
		t.Fatalf("%d samples, %v", len(samples), err)
	}
	compared := 0
	for _, path := range samples {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var event struct{ Detail json.RawMessage }
		if json.Unmarshal(text, &event) != nil || !bytes.Contains(event.Detail, []byte("eventSource")) {
			continue
		}
		compared++
		var file bytes.Buffer
		if err := csv.NewWriter(&file).WriteAll([][]string{header(), rowOf(t, event.Detail)}); err != nil {
			t.Fatal(err)
		}
		log, err := io.ReadAll(assembled(csv.NewReader(&file).Read, columns, io.NopCloser(nil)))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var assembled struct{ Records []json.RawMessage }
		if err := json.Unmarshal(log, &assembled); err != nil || len(assembled.Records) != 1 {
			t.Fatalf("%s: %v: %s", path, err, log)
		}
		want, wantNothing := trail.ParseRecord(event.Detail)
		got, gotNothing := trail.ParseRecord(assembled.Records[0])
		if diff := cmp.Diff(said(want, wantNothing), said(got, gotNothing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if compared < 50 {
		t.Errorf("compared %d samples", compared)
	}
}

// said is what was read of a record, as text.
func said(trigger trail.Trigger, nothing *trail.Nothing) string {
	text := fmt.Sprintf("%+v", trigger)
	if nothing != nil {
		text += fmt.Sprintf("\nnothing: %+v", *nothing)
	}
	return text
}

func TestRowsThatAreNoRecords(t *testing.T) {
	t.Parallel()
	two := columns[:2]
	for want, file := range map[string]string{
		"the result of Athena's query has no header":                 "",
		"a row of the result of Athena's query has 1 values: want 2": "a\n",
		"wrong number of fields":                                     "a,b\n1\n",
		`extraneous or missing " in quoted-field`:                    "a,b\n\"1,2\n",
	} {
		_, err := io.ReadAll(assembled(csv.NewReader(strings.NewReader(file)).Read, two, io.NopCloser(nil)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", file, err, want)
		}
	}
	log, err := io.ReadAll(assembled(csv.NewReader(strings.NewReader("a,b\n")).Read, two, io.NopCloser(nil)))
	if err != nil || string(log) != "{\"Records\":[\n]}\n" {
		t.Errorf("no rows: %q, %v", log, err)
	}
	notJSON := column{path: []string{"requestParameters"}, json: true}.valueOf(`{groupId=sg-0a}`)
	if notJSON != "{groupId=sg-0a}" {
		t.Errorf("text that is not JSON: %v", notJSON)
	}
}

// queueResult has the local AWS answer the next query with rows.
func queueResult(t *testing.T, url string, rows ...[]string) {
	t.Helper()
	var data []any
	for _, row := range rows {
		var values []any
		for _, value := range row {
			values = append(values, map[string]string{"VarCharValue": value})
		}
		data = append(data, map[string]any{"Data": values})
	}
	body, err := json.Marshal(map[string]any{"results": []any{map[string]any{"rows": data, "column_info": []any{}}}})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(url+"/moto-api/static/athena/query-results", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Fatal(response.Status)
	}
}

// asked is a query of the test, and what it reported.
func asked(clock Clock) (a Athena, reported *[]string) {
	reported = &[]string{}
	report := func(text string) { *reported = append(*reported, text) }
	return Athena{Table: logs, Clock: clock, Report: report, Progress: report}, reported
}

// TestAResultIsReadFromS3AndByTheAPI: the local AWS runs no SQL and gives the rows that were put there. It writes CSV
// without doubling the quotes, so the rows have them doubled where the result is read from S3.
func TestAResultIsReadFromS3AndByTheAPI(t *testing.T) {
	cfg := motoConfig(t)
	doubled := strings.NewReplacer(`"`, `""`)
	bucket := newBucket(t, cfg)
	for name, c := range map[string]struct {
		output string
		quote  func(string) string
	}{
		"S3":  {scheme + bucket + "/results/", doubled.Replace},
		"API": {"", func(s string) string { return s }},
	} {
		rows := [][]string{header()[:len(columns)-1]} // the documented table has no source identity
		for _, id := range []string{"one", "two"} {
			row := rowOf(t, record(t, id, day("2026-11-01"), production, "us-east-1"))
			for i := range row {
				row[i] = c.quote(row[i])
			}
			at := slices.IndexFunc(columns, func(c column) bool { return slices.Contains(c.path, "sourceIdentity") })
			rows = append(rows, slices.Delete(row, at, at+1))
		}
		queueResult(t, localtest.SharedMoto(t), rows...)
		query, reported := asked((&stopped{now: november29}).clock())
		query.Output = c.output
		sources, err := query.sources(t.Context(), athena.NewFromConfig(cfg), cfg, documented, november)
		if err != nil {
			t.Fatal(name, err)
		}
		ids, tally := read(t, sources, november)
		if fmt.Sprint(ids) != "[one two]" || len(tally.Skipped) > 0 {
			t.Errorf("%s: %v, %+v", name, ids, tally)
		}
		if last := (*reported)[len(*reported)-1]; !strings.HasPrefix(last, "Athena scanned ") {
			t.Errorf("%s reported %q", name, *reported)
		}
	}
}

// ofTable are the columns of a table as GetTableMetadata gives them.
func ofTable(columns map[string]string) (list []any) {
	for name, kind := range columns {
		list = append(list, map[string]string{"Name": name, "Type": kind})
	}
	return list
}

// tableAnswer is the documented table.
func tableAnswer(awsstub.Request) (any, error) {
	return map[string]any{"TableMetadata": map[string]any{
		"Name": "cloudtrail_logs", "Columns": ofTable(documented.columns), "PartitionKeys": ofTable(documented.partitions), "Parameters": documented.properties,
	}}, nil
}

// states answers with one state of a query after the other.
func states(reason string, all ...string) awsstub.Handler {
	var mu sync.Mutex
	return func(awsstub.Request) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		state := all[0]
		all = all[min(1, len(all)-1):]
		return map[string]any{"QueryExecution": map[string]any{
			"QueryExecutionId": "q-1", "Status": map[string]any{"State": state, "StateChangeReason": reason}, "Statistics": map[string]any{"DataScannedInBytes": 2.4e12},
		}}, nil
	}
}

func started(awsstub.Request) (any, error) { return map[string]any{"QueryExecutionId": "q-1"}, nil }

func TestAQueryIsStartedWaitedForAndPaidFor(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{
		"GetTableMetadata": tableAnswer, "StartQueryExecution": started, "GetQueryExecution": states("", "QUEUED", "RUNNING", "SUCCEEDED"),
		"GetQueryResults": func(r awsstub.Request) (any, error) {
			row := header()
			if r.JSON["NextToken"] != nil {
				row = rowOf(t, record(t, "one", day("2026-11-01"), production, "us-east-1"))
			}
			var data []any
			for i, value := range row {
				if !slices.Contains(columns[i].path, "sourceIdentity") { // which the documented table has not
					data = append(data, map[string]any{"VarCharValue": value})
				}
			}
			answer := map[string]any{"ResultSet": map[string]any{"Rows": []any{map[string]any{"Data": data}}}}
			if r.JSON["NextToken"] == nil {
				answer["NextToken"] = "more"
			}
			return answer, nil
		},
	})
	defer stub.Close()
	clock := &stopped{now: november29}
	query, reported := asked(clock.clock())
	query.Workgroup, query.Output = "security", "s3://results/x/"
	sources, err := query.Sources(t.Context(), stub.Config(), november)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Athena: QUEUED for 0s, 2.4 TB scanned", "Athena: RUNNING for 1s, 2.4 TB scanned", "Athena scanned 2.4 TB: about 12.00 USD, at 5 USD a TB (some regions are dearer)"}
	if diff := cmp.Diff(want, *reported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	start := stub.Requests("StartQueryExecution")[0].JSON
	sql, err := query.SQL(november)
	if err != nil || start["WorkGroup"] != "security" || start["QueryString"] != sql {
		t.Errorf("%v, started %v", err, start)
	}
	if output, _ := start["ResultConfiguration"].(map[string]any); output["OutputLocation"] != "s3://results/x/" {
		t.Errorf("the result is written to %v", output)
	}
	if ids, tally := read(t, sources, november); fmt.Sprint(ids) != "[one]" || len(stub.Requests("GetQueryResults")) != 2 {
		t.Errorf("%v, %+v after %d pages", ids, tally, len(stub.Requests("GetQueryResults")))
	}
}

func TestQueriesThatFail(t *testing.T) {
	t.Parallel()
	denied := func(awsstub.Request) (any, error) {
		return nil, &awsstub.Error{Code: "AccessDeniedException", Message: "no"}
	}
	other := func(columns map[string]string) awsstub.Handler {
		return func(awsstub.Request) (any, error) {
			return map[string]any{"TableMetadata": map[string]any{"Name": "x", "Columns": ofTable(columns)}}, nil
		}
	}
	structs := map[string]string{}
	for name := range documented.columns {
		structs[name] = "struct<x:string>"
	}
	for name, c := range map[string]struct {
		handlers map[string]awsstub.Handler
		change   func(*Athena)
		want     string
	}{
		"a query with a reason":       {map[string]awsstub.Handler{"GetQueryExecution": states("SYNTAX_ERROR: line 1:8", "RUNNING", "FAILED")}, nil, "the query q-1 of default.cloudtrail_logs in Athena ended as FAILED: SYNTAX_ERROR: line 1:8"},
		"a query that somebody stops": {map[string]awsstub.Handler{"GetQueryExecution": states("", "CANCELLED")}, nil, "ended as CANCELLED: Athena gives no reason"},
		"no permission to look":       {map[string]awsstub.Handler{"GetTableMetadata": denied}, nil, "needed are athena:GetTableMetadata, glue:GetDatabase and glue:GetTable"},
		"no permission to start":      {map[string]awsstub.Handler{"StartQueryExecution": denied}, nil, "needed are athena:StartQueryExecution"},
		"another table":               {map[string]awsstub.Handler{"GetTableMetadata": other(map[string]string{"srcaddr": "string"})}, nil, "default.cloudtrail_logs is not a table of CloudTrail records as AWS documents it: it has no column eventname"},
		"a table of structs":          {map[string]awsstub.Handler{"GetTableMetadata": other(structs)}, nil, "the column requestparameters of default.cloudtrail_logs is of type struct<x:string>: want string"},
		"a workgroup that is none":    {nil, func(a *Athena) { a.Workgroup = "a b" }, `--workgroup "a b" is not the name of a workgroup`},
		"an output that is none":      {nil, func(a *Athena) { a.Output = "results" }, `--athena-output: "results" is not a place in S3`},
	} {
		handlers := map[string]awsstub.Handler{"GetTableMetadata": tableAnswer, "StartQueryExecution": started, "GetQueryExecution": states("", "SUCCEEDED")}
		for action, handler := range c.handlers {
			handlers[action] = handler
		}
		stub := awsstub.New(0, handlers)
		query, _ := asked((&stopped{now: november29}).clock())
		if c.change != nil {
			c.change(&query)
		}
		_, err := query.Sources(t.Context(), stub.Config(), november)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		stub.Close()
	}
}

func TestAnInterruptStopsTheQuery(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stop awsstub.Handler
		want string
	}{
		"it stops":    {func(awsstub.Request) (any, error) { return nil, nil }, "wait for Athena's query q-1: context canceled"},
		"it does not": {func(awsstub.Request) (any, error) { return nil, errors.New("no") }, "stop it with aws athena stop-query-execution --query-execution-id q-1"},
	} {
		stub := awsstub.New(0, map[string]awsstub.Handler{"StartQueryExecution": started, "GetQueryExecution": states("", "RUNNING"), "StopQueryExecution": c.stop})
		ctx, interrupt := context.WithCancel(t.Context())
		query, _ := asked(Clock{Now: func() time.Time { return november29 }, Sleep: func(ctx context.Context, _ time.Duration) error { interrupt(); return ctx.Err() }})
		_, err := query.sources(ctx, athena.NewFromConfig(stub.Config()), stub.Config(), documented, november)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if stops := stub.Requests("StopQueryExecution"); len(stops) == 0 || stops[0].JSON["QueryExecutionId"] != "q-1" {
			t.Errorf("%s: stopped %v", name, stops)
		}
		stub.Close()
	}
}
