package traillog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestADamagedFileIsReportedAndItsCompleteRecordsAreRead(t *testing.T) {
	t.Parallel()
	record := func(id int) string {
		return fmt.Sprintf(`{"eventID":"%d",`, id) + authorizeAt("2026-10-01T00:00:00Z")[1:]
	}
	whole := `{"Records":[` + record(1) + `,` + record(2) + `]}`
	half := string(packed(t, `{"Records":[`+record(1)+`,`+record(2)+`,`+noise(100_000)+`]}`))
	large := `{"a":"` + strings.Repeat("x", largestRecord) + `"}`
	for name, c := range map[string]struct {
		content string
		events  int
		reason  string // "" for none
	}{
		"a whole file":            {whole, 2, ""},
		"torn in a record":        {whole[:len(whole)-10], 1, fmt.Sprintf("the file ends in the middle, at byte %d; read before that: 1 record", len(whole)-10)},
		"torn between two":        {`{"Records":[` + record(1) + `,`, 1, "the file ends in the middle, at byte 141; read before that: 1 record"},
		"torn behind the last":    {whole[:len(whole)-1], 2, fmt.Sprintf("the file ends in the middle, at byte %d; read before that: 2 records", len(whole)-1)},
		"torn before the first":   {`{"Rec`, 0, "the file ends in the middle, at byte 5; read before that: 0 records"},
		"garbage between":         {`{"Records":[` + record(1) + `<html>` + record(2), 1, `the file is not JSON from byte 140 on: no record begins there: "<html>{\"eventID\":\"2\""; read before that: 1 record`},
		"half a gzip":             {half[:len(half)-9000], 2, "the gzip file ends in the middle; read before that: "},
		"a gzip's first bytes":    {half[:5], 0, "the gzip file ends in the middle; read before that: 0 records"},
		"a gzip with a bad byte":  {half[:len(half)-8] + "xxxx" + half[len(half)-4:], 2, "the gzip file is damaged: "},
		"a picture":               {"\x89PNG\r\n", 0, `the file is not JSON from byte 0 on: neither an object nor a list begins there: "\x89PNG\r"; read before that: 0 records`},
		"text":                    {"hello", 0, `the file is not JSON from byte 0 on: neither an object nor a list begins there: "hello"; read before that: 0 records`},
		"empty":                   {"", 0, "the file is empty"},
		"other JSON":              {`{"a":1}`, 0, "the file is JSON and holds no record of CloudTrail"},
		"no records in a period":  {`{"Records":[]}`, 0, ""},
		"a record over 4 MiB":     {`{"Records":[` + record(1) + `,` + large + `,` + record(2) + `]}`, 2, "1 record larger than 4 MiB, which no record of CloudTrail is"},
		"an object over 4 MiB":    {large + whole, 2, "1 record larger than 4 MiB, which no record of CloudTrail is"},
		"much behind the records": {whole[:len(whole)-1] + `,"b":` + large + `}` + record(3), 3, ""},
		"a clock before 2013":     {record(1) + authorizeAt("2001-01-01T00:00:00Z") + authorizeAt("1970-01-01T00:00:00Z"), 1, "2 records from before November 2013, when CloudTrail began: a clock was wrong"},
		"no time":                 {record(1) + authorizeAt("yesterday"), 1, "1 record without an eventTime that can be read"},
		"no JSON after all":       {`{"Records":[` + strings.Replace(record(1), `"}`, `","x":nul}`, 1) + `,` + record(2) + `]}`, 1, "1 record whose JSON is damaged"},
		"other objects":           {record(1) + `{"a":1}{"b":{}}`, 1, "2 objects in the file: no record of CloudTrail"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, tally := mustRead(t, text("the file", c.content), Options{})
			if len(got) != c.events {
				t.Errorf("%d events instead of %d", len(got), c.events)
			}
			reason := ""
			for _, s := range tally.Skipped {
				reason += s.Reason
				if s.File != "the file" {
					t.Errorf("named as %q", s.File)
				}
			}
			if c.reason == "" && reason != "" || !strings.HasPrefix(reason, c.reason) {
				t.Errorf("the reason is\n%s\ninstead of\n%s", reason, c.reason)
			}
		})
	}
}

// noise is records that a packer can't make small.
func noise(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `{"eventName":"%x","eventSource":"x"},`, uint64(i)*0x9e3779b97f4a7c15)
	}
	return strings.TrimSuffix(b.String(), ",")
}

func TestDigestsAndInsightsAreNoHistoryAndNoMistake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, content string }{
		"a digest by its folder":  {"x/CloudTrail-Digest/us-east-1/a.json.gz", "not opened"},
		"a digest by its name":    {"1_CloudTrail-Digest_us-east-1_t_us-east-1_20261001T000000Z.json.gz", "not opened"},
		"a digest by its content": {"a.json", `{"awsAccountId":"1","digestS3Object":"AWSLogs/1","logFiles":[]}`},
		"Insights by the folder":  {"x/CloudTrail-Insight/us-east-1/a.json.gz", "not opened"},
		"Insights by the content": {"a.json", `{"Records":[{"eventVersion":"1.07","eventType":"AwsCloudTrailInsight","insightDetails":{"eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress"}}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, tally := mustRead(t, text(c.file, c.content), Options{})
			if len(got) != 0 || len(tally.Skipped) != 0 || tally.Others != 1 || tally.Records != 0 {
				t.Errorf("%v, %+v", got, tally)
			}
		})
	}
}

func TestWhatCannotBeOpenedOrListedIsReportedAndTheRestIsRead(t *testing.T) {
	t.Parallel()
	refused := errors.New("access denied")
	sources := func(yield func(Source, error) bool) {
		_ = yield(Source{Name: "b"}, fmt.Errorf("list the folder: %w", refused)) &&
			yield(Source{Name: "a", Open: func(context.Context) (io.ReadCloser, error) { return nil, refused }}, nil) &&
			yield(Source{Name: "c", Open: func(context.Context) (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(authorizeAt("2026-10-01T00:00:00Z"))), nil
			}}, nil)
	}
	got, tally := mustRead(t, sources, Options{})
	want := []Skipped{{File: "a", Reason: "access denied"}, {File: "b", Reason: "list the folder: access denied"}}
	if diff := cmp.Diff(want, tally.Skipped); diff != "" || len(got) != 1 {
		t.Errorf("%v\n%s", got, diff)
	}
}

func TestAPathThatIsNotThereAndAnEmptyFolderAreReported(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	_, tally := mustRead(t, Files([]string{filepath.Join(folder, "nothing"), empty}), Options{})
	if len(tally.Skipped) != 2 {
		t.Fatalf("%+v", tally.Skipped)
	}
	for i, want := range []string{"the folder has no files", "no such file or directory"} {
		if !strings.Contains(tally.Skipped[i].Reason, want) {
			t.Errorf("%q does not say %q", tally.Skipped[i].Reason, want)
		}
	}
}

func TestAFailingDiskEndsTheReading(t *testing.T) {
	t.Parallel()
	s := newSorter(filepath.Join(t.TempDir(), "nowhere"), 100)
	_, err := read(t.Context(), text("a", authorizeAt("2026-10-01T00:00:00Z")+authorizeAt("2026-10-02T00:00:00Z")), Options{}, s, func(Event) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "put events aside for sorting") {
		t.Errorf("error %v", err)
	}
}
