package deadletters_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

func TestLinesAreKeptInTheStreamOfTheDay(t *testing.T) {
	t.Parallel()
	client := cloudwatchlogs.NewFromConfig(motoConfig(t))
	const group = "TestLinesAreKept"
	if _, err := client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group)}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	log := deadletters.CloudWatchLogs{Client: client}
	for _, line := range []string{`{"n":1}` + "\n", `{"n":2}`} {
		if err := log.Record(t.Context(), group, now, line); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := client.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String(group), LogStreamName: aws.String("redrive-discard/" + now.UTC().Format("2006/01/02")),
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range kept.Events {
		lines = append(lines, *e.Message)
	}
	if diff := cmp.Diff([]string{`{"n":1}`, `{"n":2}`}, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := log.Record(t.Context(), "nowhere", now, "x"); err == nil || !strings.Contains(err.Error(), "of log group nowhere") {
		t.Errorf("a group that isn't there: %v", err)
	}
}

// TestALineThatIsNotKeptIsAnError has what CloudWatch Logs answers beside success (API
// reference, PutLogEvents, rejectedLogEventsInfo).
func TestALineThatIsNotKeptIsAnError(t *testing.T) {
	t.Parallel()
	empty := func(awsstub.Request) (any, error) { return nil, nil }
	refusing := func(awsstub.Request) (any, error) {
		return nil, &awsstub.Error{Code: "AccessDeniedException", Message: "you may not"}
	}
	rejecting := func(awsstub.Request) (any, error) {
		return map[string]any{"rejectedLogEventsInfo": map[string]int{"tooNewLogEventStartIndex": 0}}, nil
	}
	there := func(awsstub.Request) (any, error) {
		return nil, &awsstub.Error{Code: "ResourceAlreadyExistsException", Message: "it is there"}
	}
	for name, c := range map[string]struct {
		create, put awsstub.Handler
		want        string
	}{
		"a line that is kept":         {empty, empty, ""},
		"a stream that is there":      {there, empty, ""},
		"no permission for a stream":  {refusing, empty, "create the log stream redrive-discard/2026/11/29 of log group g: "},
		"no permission to write":      {empty, refusing, "write to the log stream redrive-discard/2026/11/29 of log group g: "},
		"a clock that is hours ahead": {empty, rejecting, "does not take a line of 2026-11-29T10:36:00Z: is this machine's clock right?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := awsstub.New(0, map[string]awsstub.Handler{"CreateLogStream": c.create, "PutLogEvents": c.put})
			t.Cleanup(stub.Close)
			err := deadletters.CloudWatchLogs{Client: cloudwatchlogs.NewFromConfig(stub.Config())}.Record(t.Context(), "g", why.At, "x")
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
