package terminal

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// screen is a terminal that keeps what was written.
type screen struct{ bytes.Buffer }

func (*screen) IsTerminal() bool { return true }

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func TestWhatTheBarSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		done, total int64
		passed      time.Duration
		want        string
	}{
		"nothing is known yet":                {0, 0, 0, "0 bytes, 7 events, 0s"},
		"the total is not known":              {2_500_000, 0, 90 * time.Second, "2.5 MB, 7 events, 1m30s"},
		"more was read than was announced":    {11, 10, time.Second, "11 bytes, 7 events, 1s"},
		"it is too early to foretell":         {1000, 4000, time.Second, "[#####...............] 1.0 kB of 4.0 kB, 7 events"},
		"nothing was read for a while":        {0, 4000, time.Minute, "[....................] 0 bytes of 4.0 kB, 7 events"},
		"a quarter is read in ten seconds":    {1000, 4000, 10 * time.Second, "[#####...............] 1.0 kB of 4.0 kB, 7 events, about 30 s left"},
		"a quarter is read in ten minutes":    {1e9, 4e9, 10 * time.Minute, "[#####...............] 1.0 GB of 4.0 GB, 7 events, about 30 min left"},
		"all is read":                         {4000, 4000, 10 * time.Second, "[####################] 4.0 kB of 4.0 kB, 7 events, about 0 s left"},
		"numbers that would run over":         {math.MaxInt64 / 2, math.MaxInt64, 4 * time.Second, "[##########..........] 4611686.0 TB of 9223372.0 TB, 7 events, about 4 s left"},
		"a rest that no duration could state": {1, math.MaxInt64, time.Hour, "[....................] 1 byte of 9223372.0 TB, 7 events, about 553402322211286548480 min left"},
	} {
		if diff := cmp.Diff(c.want, barText(c.done, c.total, "7 events", c.passed)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheBarIsOneLineThatGoesAway(t *testing.T) {
	t.Parallel()
	var out screen
	now := noon
	bar := StartBar(&out, "reading", func() time.Time { return now })
	bar.Show(1, 4, "1 event")
	now = now.Add(199 * time.Millisecond) // too early to be shown
	bar.Show(2, 4, "2 events")
	now = now.Add(time.Millisecond)
	bar.Show(4, 4, "3 events")
	bar.Clear()
	want := "\rreading: [#####...............] 1 byte of 4 bytes, 1 event\x1b[K\rreading: [####################] 4 bytes of 4 bytes, 3 events\x1b[K\r\x1b[K"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithoutATerminalThereIsNoBar(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	bar := StartBar(&out, "reading", func() time.Time { return noon })
	bar.Show(1, 4, "1 event")
	bar.Clear()
	if out.Len() > 0 {
		t.Errorf("got %q", out.String())
	}
}
