package reverts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

var (
	from  = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	until = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
)

// line is what package metrics writes at the end of an invocation.
func line(at time.Time, alertID, findings string, rest string) string {
	return fmt.Sprintf(`{"time":%q,"level":"INFO","msg":"invocation","function":"remediator","requestId":"8f5a","eventId":"e-%s","eventName":"AuthorizeSecurityGroupIngress","groupId":"sg-0a","actor":"arn:aws:iam::111122223333:user/bo","outcome":"reverted","kind":"drift","severity":"high","alertId":%q,"findings":[%s]%s}`,
		at.Format(time.RFC3339Nano), alertID, alertID, findings, rest)
}

// insights answers queries from lines, as CloudWatch Logs Insights does.
type insights struct {
	lines    []row
	states   []types.QueryStatus // that come before the query is complete
	startErr []error
	readErr  error

	started []*cloudwatchlogs.StartQueryInput
}

func (i *insights) StartQuery(_ context.Context, in *cloudwatchlogs.StartQueryInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.StartQueryOutput, error) {
	i.started = append(i.started, in)
	if len(i.startErr) > 0 {
		err := i.startErr[0]
		i.startErr = i.startErr[1:]
		return nil, err
	}
	return &cloudwatchlogs.StartQueryOutput{QueryId: aws.String(fmt.Sprint(len(i.started)))}, nil
}

func (i *insights) GetQueryResults(context.Context, *cloudwatchlogs.GetQueryResultsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.GetQueryResultsOutput, error) {
	if i.readErr != nil {
		return nil, i.readErr
	}
	if len(i.states) > 0 {
		state := i.states[0]
		i.states = i.states[1:]
		return &cloudwatchlogs.GetQueryResultsOutput{Status: state}, nil
	}
	out := &cloudwatchlogs.GetQueryResultsOutput{Status: types.QueryStatusComplete}
	in := i.started[len(i.started)-1]
	for _, r := range i.lines {
		if r.at.Unix() < *in.StartTime || r.at.Unix() > *in.EndTime || len(out.Results) == int(*in.Limit) {
			continue
		}
		out.Results = append(out.Results, []types.ResultField{
			{Field: aws.String("@timestamp"), Value: aws.String(r.at.Format(insightsTime))}, {Field: aws.String("@message"), Value: &r.message}, {Field: aws.String("@ptr"), Value: &r.pointer},
		})
	}
	return out, nil
}

func find(t *testing.T, i *insights) (Reverts, []time.Duration) {
	t.Helper()
	var waits []time.Duration
	wait := func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
	got, err := Logs{Client: i, Groups: []string{"remediator-log", "sweeper-log"}, Wait: wait}.Find(t.Context(), Period{From: from, Until: until})
	if err != nil {
		t.Fatal(err)
	}
	return got, waits
}

func TestRevertsAreReadFromTheLog(t *testing.T) {
	t.Parallel()
	at := from.Add(time.Hour)
	const revoked = `"revoked ingress tcp 22 0.0.0.0/0 sgr-1","restored ingress tcp 443 10.0.0.0/8 sgr-2","none ingress tcp 9 10.0.0.0/8 sgr-3"`
	want := Revert{
		Time: at, AlertID: "a1", GroupID: "sg-0a", Actor: "arn:aws:iam::111122223333:user/bo", EventID: "e-a1", EventName: "AuthorizeSecurityGroupIngress", Severity: "high", Kind: "drift",
		Rules: []Rule{{Text: "ingress tcp 22 0.0.0.0/0", ID: "sgr-1"}, {Text: "ingress tcp 443 10.0.0.0/8", ID: "sgr-2", Restored: true}},
	}
	more := want
	more.More = 3
	for _, c := range []struct {
		name   string
		lines  []string
		want   []Revert
		sweeps int
	}{
		{"a line of a revert", []string{line(at, "a1", revoked, `,"Reverted":1,"Restored":1`)}, []Revert{want}, 0},
		{"a prefix before the JSON", []string{"2026-11-01T01:00:00Z INFO " + line(at, "a1", revoked, `,"Reverted":1,"Restored":1`)}, []Revert{want}, 0},
		{"more rules than the line lists", []string{line(at, "a1", revoked, `,"Reverted":4,"Restored":1`)}, []Revert{more}, 0},
		{"the same alert twice", []string{line(at, "a1", revoked, `,"Reverted":1,"Restored":1`), line(at, "a1", revoked, `,"Reverted":1,"Restored":1`)}, []Revert{want}, 0},
		{"a line of the sweeper", []string{strings.Replace(line(at, "", "", `,"Reverted":2`), "remediator", "sweeper", 1)}, nil, 2},
		{"nothing was reverted", []string{line(at, "a1", `"failed ingress tcp 22 0.0.0.0/0 sgr-1"`, `,"Failed":1`)}, nil, 0},
		{"the canary's test rule", []string{strings.Replace(line(at, "a1", revoked, `,"Reverted":1,"Restored":1`), `"drift"`, `"canary"`, 1)}, nil, 0},
		{"before the time", []string{line(from.Add(-time.Second), "a1", revoked, `,"Reverted":1,"Restored":1`)}, nil, 0},
		{"another message", []string{`{"msg":"START"}`, "END RequestId: 8f5a", "{"}, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := &insights{states: []types.QueryStatus{types.QueryStatusScheduled, types.QueryStatusRunning}}
			for n, text := range c.lines {
				i.lines = append(i.lines, row{pointer: fmt.Sprint(n), message: text, at: at})
			}
			got, waits := find(t, i)
			if diff := cmp.Diff(Reverts{From: "remediator-log, sweeper-log", Events: c.want, BySweeps: c.sweeps}, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]time.Duration{firstWait, 2 * firstWait}, waits); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALogOfManyLinesIsAskedForMoreThanOnce(t *testing.T) {
	t.Parallel()
	i := &insights{}
	for n := range mostRows + 5 {
		at := from.Add(time.Duration(n/3) * time.Second)
		i.lines = append(i.lines, row{pointer: fmt.Sprint(n), message: line(at, fmt.Sprint(n), `"revoked ingress tcp 22 0.0.0.0/0 sgr-1"`, `,"Reverted":1`), at: at})
	}
	got, _ := find(t, i)
	if len(got.Events) != mostRows+5 || len(i.started) != 2 || got.NotRead != "" {
		t.Errorf("%d reverts by %d queries: %s", len(got.Events), len(i.started), got.NotRead)
	}
	for n := range i.lines { // all of one second: no second query would see the rest
		i.lines[n].at = from
	}
	if got, _ := find(t, i); !strings.Contains(got.NotRead, "are of one second") {
		t.Errorf("got %d reverts and %q", len(got.Events), got.NotRead)
	}
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized"}
	busy := &types.LimitExceededException{Message: aws.String("too many queries")}
	for _, c := range []struct {
		name string
		i    *insights
		want string
	}{
		{"the query is denied", &insights{startErr: []error{denied}}, "these credentials may not query the log groups remediator-log, sweeper-log (logs:StartQuery, logs:GetQueryResults)"},
		{"the answer is denied", &insights{readErr: denied}, "these credentials may not query"},
		{"the query fails", &insights{states: []types.QueryStatus{types.QueryStatusFailed}}, "ended the query with the status Failed"},
		{"the query never ends", &insights{states: make([]types.QueryStatus, 1000)}, "no answer after 15m0s"},
		{"others query for a moment", &insights{startErr: []error{busy, busy}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, _ := find(t, c.i)
			if (c.want == "") != (got.NotRead == "") || !strings.Contains(got.NotRead, c.want) {
				t.Errorf("NotRead %q, want %q", got.NotRead, c.want)
			}
		})
	}
}

func TestAnInterruptEndsTheWaiting(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	wait := func(ctx context.Context, _ time.Duration) error { stop(); return ctx.Err() }
	_, err := Logs{Client: &insights{states: []types.QueryStatus{types.QueryStatusRunning}}, Wait: wait}.Find(ctx, Period{From: from, Until: until})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got the error %v", err)
	}
}

func TestTheLinesOfTheTestsAreJSON(t *testing.T) {
	t.Parallel()
	if text := line(from, "a1", `"x"`, `,"Reverted":1`); !json.Valid([]byte(text)) {
		t.Error(text)
	}
}
