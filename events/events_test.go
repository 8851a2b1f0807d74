package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
)

func TestNamesListsEveryFileInOrder(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, path := range paths {
		want = append(want, strings.TrimSuffix(path, ".json"))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, events.Names()); diff != "" {
		t.Errorf("names (-files +Names):\n%s", diff)
	}
	if len(want) == 0 {
		t.Error("there is no sample event")
	}
}

func TestReadReturnsTheFile(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("authorize-ingress-ipv4.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := events.Read("authorize-ingress-ipv4")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) || !bytes.Equal(want, events.MustRead("authorize-ingress-ipv4")) {
		t.Error("Read or MustRead returned something else than the file")
	}
}

func TestReadFailsForAnUnknownName(t *testing.T) {
	t.Parallel()
	if _, err := events.Read("no-such-event"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("MustRead did not panic")
		}
	}()
	events.MustRead("no-such-event")
}

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func TestEverySampleIsNamedInKebabCaseAndIndentedByTwo(t *testing.T) {
	t.Parallel()
	for _, name := range events.Names() {
		if !kebab.MatchString(name) {
			t.Errorf("%s: not lower kebab case", name)
		}
		content := events.MustRead(name)
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, content, "", "  "); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(pretty.String(), string(content)); diff != "" {
			t.Errorf("%s is not indented by two spaces:\n%s", name, diff)
		}
	}
}

// What all of CloudTrail's events share: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
func TestEveryCloudTrailSampleIsAWholeEnvelope(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range events.Names() {
		var event struct {
			ID         string
			DetailType string `json:"detail-type"`
			Source     string
			Time       string
			Detail     json.RawMessage
		}
		if err := json.Unmarshal(events.MustRead(name), &event); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if event.DetailType != "AWS API Call via CloudTrail" {
			continue
		}
		var detail struct{ EventID, EventTime, EventSource, ErrorCode string }
		if err := json.Unmarshal(event.Detail, &detail); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if detail.EventTime != event.Time {
			t.Errorf("%s: eventTime %s, envelope's time %s", name, detail.EventTime, event.Time)
		}
		if want := "aws." + strings.TrimSuffix(detail.EventSource, ".amazonaws.com"); event.Source != want {
			t.Errorf("%s: source %s, want %s", name, event.Source, want)
		}
		for _, id := range []string{event.ID, detail.EventID} {
			if other, twice := seen[id]; twice || id == "" {
				t.Errorf("%s: id %q is empty or already that of %s", name, id, other)
			}
			seen[id] = name
		}
	}
}
