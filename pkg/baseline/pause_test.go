package baseline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

const pauseText = `{"schema": 1, "until": "2026-11-25T23:00:00Z", "reason": "migration CHG-77"}`

var pauseEnd = time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC)

// TestAPauseLastsADayFromWhenItWasWritten: a pause that is old is read for as long
// as the parameter is there.
func TestAPauseLastsADayFromWhenItWasWritten(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		written    time.Time
		json, yaml string
	}{
		"24 hours before":           {pauseEnd.Add(-24 * time.Hour), "", ""},
		"more than 24 hours before": {pauseEnd.Add(-24*time.Hour - time.Second), "until: is later than 2026-11-25T22:59:59Z, which is 24 hours after the document was written", "until: is later than 2026-11-25T22:59:59Z, which is 24 hours from now"},
		"a moment before":           {pauseEnd.Add(-time.Nanosecond), "", ""},
		"that moment":               {pauseEnd, "", "until: has passed, so the pause would have no effect"},
		"after the pause has ended": {pauseEnd.Add(time.Hour), "", "until: has passed, so the pause would have no effect"},
	}
	want := &baseline.Pause{Until: pauseEnd, Reason: "migration CHG-77"}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for format, f := range map[string]struct {
				decode func([]byte, time.Time) (*baseline.Pause, error)
				want   string
			}{"JSON": {baseline.DecodePause, c.json}, "YAML": {yamlfile.DecodePause, c.yaml}} {
				got, err := f.decode([]byte(pauseText), c.written)
				if message(err) != f.want {
					t.Errorf("%s: got %v", format, err)
				}
				if diff := cmp.Diff(map[bool]*baseline.Pause{true: want}[f.want == ""], got); diff != "" {
					t.Errorf("%s: %s", format, diff)
				}
			}
		})
	}
}

func TestAPauseEndsTheMomentItSays(t *testing.T) {
	t.Parallel()
	p := baseline.Pause{Until: now}
	for at, want := range map[time.Time]bool{now.Add(-time.Nanosecond): true, now: false, now.Add(time.Hour): false} {
		if p.Active(at) != want {
			t.Errorf("at %s it is active: %v", at, !want)
		}
	}
}

func TestAPauseThatIsEncodedDecodesToTheSame(t *testing.T) {
	t.Parallel()
	want := &baseline.Pause{Until: pauseEnd.In(time.FixedZone("CET", 3600)), Reason: "migration CHG-77"}
	data, err := baseline.EncodePause(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"schema":1,"until":"2026-11-25T23:00:00Z","reason":"migration CHG-77"}`, string(data)); diff != "" {
		t.Error(diff)
	}
	got, err := baseline.DecodePause(data, pauseEnd.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAPauseThatWouldBeRefusedIsNotEncoded(t *testing.T) {
	t.Parallel()
	for says, p := range map[string]baseline.Pause{
		"it has no end":                 {Reason: "x"},
		"reason: is missing or blank: ": {Until: now},
	} {
		if data, err := baseline.EncodePause(&p); err == nil || !strings.HasPrefix(err.Error(), "encode the pause: "+says) {
			t.Errorf("got %s, %v", data, err)
		}
	}
}
