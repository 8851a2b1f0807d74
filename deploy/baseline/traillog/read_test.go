package traillog

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog/made"
	"github.com/sgwarden/sgwarden/events"
)

// reportedEvent is what a test compares of an event.
type reportedEvent struct {
	ID, Name, Group string
	Time            time.Time
}

func truth(o made.Options) (all []reportedEvent) {
	for c := range o.Truth() {
		group := c.GroupID
		if c.Failed || strings.HasPrefix(c.Name, "Update") {
			group = "" // trail reads no group where nothing changed
		}
		all = append(all, reportedEvent{c.EventID, c.Name, group, c.Time})
	}
	return all
}

func collectAll(all *[]reportedEvent) func(Event) error {
	return func(e Event) error {
		*all = append(*all, reportedEvent{e.Trigger.EventID, e.Trigger.EventName, e.Trigger.GroupID, e.Trigger.Time})
		return nil
	}
}

func mustRead(t *testing.T, sources Sources, o Options) ([]reportedEvent, Tally) {
	t.Helper()
	var all []reportedEvent
	tally, err := Read(t.Context(), sources, o, collectAll(&all))
	if err != nil {
		t.Fatal(err)
	}
	return all, tally
}

// difference returns what differs, and nothing where all calls are the same. cmp looks at each field of thousands of
// calls by reflection, which takes half a minute with the race detector: it is asked where there is something to show.
func difference(want, got []reportedEvent) string {
	if slices.Equal(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

func TestAHistoryIsReadInOrderAndEachCallOnce(t *testing.T) {
	t.Parallel()
	calls := 3000
	if testing.Short() {
		calls = 1000
	}
	o := made.Options{Seed: 1, Calls: calls, Others: 3, Doubled: 5, Disorder: 400, Odd: true, PerFile: 100}
	folder := t.TempDir()
	written, err := o.Write(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := truth(o)
	for _, workers := range []int{1, 8} {
		got, tally := mustRead(t, Files([]string{folder}), Options{Workers: workers})
		if diff := difference(want, got); diff != "" {
			t.Errorf("with %d workers (-truth +read):\n%s", workers, diff)
		}
		if tally.Records != written.Records || tally.Bytes != written.Bytes || tally.Sources != written.Files || len(tally.Skipped) > 0 {
			t.Errorf("with %d workers: %+v, but %+v was written", workers, tally, written)
		}
		if tally.Events != int64(calls) || tally.Doubled == 0 || tally.Doubled > written.Copies {
			t.Errorf("with %d workers: %d events, %d doubled", workers, tally.Events, tally.Doubled)
		}
		if len(tally.Accounts) != 2 || len(tally.Regions) != 2 || tally.First != want[0].Time || tally.Last != want[calls-1].Time {
			t.Errorf("with %d workers: accounts %v, regions %v, from %s to %s", workers, tally.Accounts, tally.Regions, tally.First, tally.Last)
		}
	}
}

func TestWhatDoesNotFitIntoMemoryIsPutAsideAndRemovedAtTheEnd(t *testing.T) {
	t.Parallel()
	o := made.Options{Seed: 2, Calls: 5000, Disorder: 5000}
	// Some 5 records a chunk: a thousand runs, so that runs of three levels are merged.
	s := newSorter(t.TempDir(), 8<<10)
	var got []reportedEvent
	tally, err := read(t.Context(), of("history", o.Reader()), Options{Workers: 2}, s, collectAll(&got))
	if err != nil {
		t.Fatal(err)
	}
	if diff := difference(truth(o), got); diff != "" {
		t.Errorf("(-truth +read):\n%s", diff)
	}
	if s.made < 1000 || len(s.levels) < 2 {
		t.Errorf("%d runs on %d levels: the test puts too little aside", s.made, len(s.levels))
	}
	if tally.Events != 5000 {
		t.Errorf("%+v", tally)
	}
	mustBeEmpty(t, s.tempDir)
}

func mustBeEmpty(t *testing.T, folder string) {
	t.Helper()
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func of(name string, content io.ReadCloser) Sources {
	return func(yield func(Source, error) bool) {
		yield(Source{Name: name, Open: func(context.Context) (io.ReadCloser, error) { return content, nil }}, nil)
	}
}

func text(name, content string) Sources { return of(name, io.NopCloser(strings.NewReader(content))) }

func TestNothingIsLeftBehindWhereTheReadingStops(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	for name, stop := range map[string]func(cancel func()) error{
		"each fails":        func(func()) error { return enough },
		"the context ended": func(cancel func()) error { cancel(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := newSorter(t.TempDir(), 8<<10)
			calls := 0
			_, err := read(ctx, of("history", made.Options{Calls: 1000}.Reader()), Options{}, s, func(Event) error {
				calls++
				return stop(cancel)
			})
			if !errors.Is(err, enough) && !errors.Is(err, context.Canceled) || calls != 1 {
				t.Errorf("error %v after %d calls", err, calls)
			}
			if s.made == 0 {
				t.Error("the test puts nothing aside")
			}
			mustBeEmpty(t, s.tempDir)
		})
	}
}

func TestTheReadingEndsWithTheContextInTheMiddleOfASource(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := newSorter(t.TempDir(), 8<<10)
	o := Options{Report: func(p Progress) {
		if p.BytesDone > 2<<20 {
			cancel()
		}
	}}
	_, err := read(ctx, of("endless", made.Options{Calls: 1 << 60}.Reader()), o, s, func(Event) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	mustBeEmpty(t, s.tempDir)
}

func TestOnlyTheTimeAskedForIsReported(t *testing.T) {
	t.Parallel()
	o := made.Options{Seed: 3, Calls: 500}
	all := truth(o)
	from, to := all[100].Time, all[200].Time
	got, tally := mustRead(t, of("history", o.Reader()), Options{From: from, To: to})
	if diff := cmp.Diff(all[100:200], got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if tally.Records != 500 {
		t.Errorf("records %d", tally.Records)
	}
}

func TestWhatCreatesComesFirstInASecondAndWhatDeletesLast(t *testing.T) {
	t.Parallel()
	record := func(id, name string) string {
		return fmt.Sprintf(`{"eventID":%q,"eventName":%q,"eventSource":"ec2.amazonaws.com","eventTime":"2026-10-01T00:00:00Z"}`, id, name)
	}
	got, _ := mustRead(t, text("a", record("1", "DeleteSecurityGroup")+record("2", "RevokeSecurityGroupIngress")+
		record("3", "AuthorizeSecurityGroupIngress")+record("4", "CreateSecurityGroup")), Options{})
	var ids []string
	for _, e := range got {
		ids = append(ids, e.ID)
	}
	if diff := cmp.Diff([]string{"4", "2", "3", "1"}, ids); diff != "" {
		t.Error(diff)
	}
}

func packed(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEveryShapeOfAFileIsRead(t *testing.T) {
	t.Parallel()
	sample := strings.TrimSpace(string(events.MustRead("authorize-ingress-ipv4")))
	object, _ := decodedObject([]byte(sample))
	record := string(object["detail"])
	line := strings.Join(strings.Fields(record), " ")
	for name, content := range map[string]string{
		"a file of CloudTrail":                       `{"Records":[` + record + `]}`,
		"two files one after the other":              `{"Records":[` + record + `]}` + "\n" + `{"Records":[]}`,
		"other members beside the records":           `{"a":[{"b":"]}"}],"Records":[` + record + `],"c":{"d":1}}`,
		"one record a line":                          line + "\n",
		"an envelope":                                sample,
		"envelopes without anything between":         `{"detail-type":"Scheduled Event","detail":{}}` + sample + `{"detail-type":"x","detail":{"a":1}}`,
		"a list of records":                          `[` + record + `]`,
		"a list of envelopes":                        `[` + sample + `]`,
		"a mark of Windows at the beginning":         "\ufeff" + `{"Records":[` + record + `]}`,
		"packed, whatever its name":                  string(packed(t, `{"Records":[`+record+`]}`)),
		"packed in two pieces, as tools append them": string(packed(t, `{"Records":[`+record)) + string(packed(t, `]}`)),
		"null and numbers among the records":         `{"Records":[null,5,` + record + `,"x",[]]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []Event
			tally, err := Read(t.Context(), text("a", content), Options{}, func(e Event) error {
				e.Record = slices.Clone(e.Record)
				got = append(got, e)
				return nil
			})
			if err != nil || len(got) != 1 || len(tally.Skipped) > 0 {
				t.Fatalf("%d events, %+v, %v", len(got), tally, err)
			}
			if r := string(got[0].Record); r != record && r != line {
				t.Errorf("the record is\n%s\ninstead of\n%s", r, record)
			}
			if tr := got[0].Trigger; tr.GroupID != "sg-0a1b2c3d4e5f60718" || tr.Account != "111122223333" || len(tr.Changes) != 1 || got[0].Source != "a" {
				t.Errorf("%+v", got[0])
			}
		})
	}
}

func TestAFolderIsReadWithAllBelow(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	deep := filepath.Join(folder, "a", "b", "c")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{filepath.Join(deep, "one.json.gz"), filepath.Join(folder, "two.log")} {
		content := fmt.Appendf(nil, `{"Records":[{"eventID":"%d",%s]}`, i, authorizeAt("2026-10-01T00:00:00Z")[1:])
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, tally := mustRead(t, Files([]string{folder, filepath.Join(folder, "two.log")}), Options{})
	if len(got) != 2 || tally.Doubled != 1 || len(tally.Skipped) != 0 {
		t.Errorf("%v, %+v", got, tally)
	}
}

func authorizeAt(at string) string {
	return `{"eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress","eventTime":"` + at + `"}`
}
