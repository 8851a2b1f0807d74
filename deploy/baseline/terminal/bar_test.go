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
		at     Amount
		passed time.Duration
		want   string
	}{
		"nothing is known yet":                 {Amount{}, 0, "0 bytes, 0 events, 0s"},
		"the total is not known":               {Amount{Done: 2_500_000, Events: 1}, 90 * time.Second, "2.5 MB, 1 event, 1m30s"},
		"more was read than was announced":     {Amount{Done: 11, Total: 10, Events: 3}, time.Second, "11 bytes, 3 events, 1s"},
		"it is too early to foretell":          {Amount{Done: 1000, Total: 4000}, time.Second, "[#####...............] 1.0 kB of 4.0 kB, 0 events"},
		"nothing was read for a while":         {Amount{Total: 4000}, time.Minute, "[....................] 0 bytes of 4.0 kB, 0 events"},
		"a quarter is read in ten seconds":     {Amount{Done: 1000, Total: 4000, Events: 7}, 10 * time.Second, "[#####...............] 1.0 kB of 4.0 kB, 7 events, about 30 s left"},
		"a quarter is read in ten minutes":     {Amount{Done: 1e9, Total: 4e9, Events: 7}, 10 * time.Minute, "[#####...............] 1.0 GB of 4.0 GB, 7 events, about 30 min left"},
		"all is read":                          {Amount{Done: 4000, Total: 4000, Events: 9}, 10 * time.Second, "[####################] 4.0 kB of 4.0 kB, 9 events, about 0 s left"},
		"numbers that would run over an int64": {Amount{Done: math.MaxInt64 / 2, Total: math.MaxInt64}, 4 * time.Second, "[##########..........] 4611686.0 TB of 9223372.0 TB, 0 events, about 4 s left"},
	} {
		if diff := cmp.Diff(c.want, c.at.text(c.passed)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheBarIsOneLineThatGoesAway(t *testing.T) {
	t.Parallel()
	var out screen
	bar := StartBar(&out, noon)
	bar.Show(noon, Amount{Done: 1, Total: 4})
	bar.Show(noon.Add(199*time.Millisecond), Amount{Done: 2, Total: 4}) // too early to be shown
	bar.Show(noon.Add(200*time.Millisecond), Amount{Done: 4, Total: 4, Events: 1})
	bar.Clear()
	want := "\r[#####...............] 1 byte of 4 bytes, 0 events\x1b[K\r[####################] 4 bytes of 4 bytes, 1 event\x1b[K\r\x1b[K"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithoutATerminalThereIsNoBar(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	bar := StartBar(&out, noon)
	bar.Show(noon, Amount{Done: 1, Total: 4})
	bar.Clear()
	if out.Len() > 0 {
		t.Errorf("got %q", out.String())
	}
}
