package traillog

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog/made"
)

// memoryLimit is what reading may take, whatever is read.
const memoryLimit = 64 << 20

// again is a file on one line that says the same records again and again, each time with other event ids: the generator's
// own memory would be more than that of the reader.
type again struct {
	block []byte
	ids   []int // where event ids stand in the block
	times int
	left  []byte
	ended bool
	look  func()
}

func newAgain(calls, times int, look func()) *again {
	a := &again{times: times, look: look, left: []byte(`{"Records":[`)}
	for r := range (made.Options{Seed: 9, Calls: calls, Others: 1}).Records() {
		for at := 0; r.Call != nil; { // requestID has the same value
			n := bytes.Index(r.JSON[at:], []byte(r.Call.EventID))
			if n < 0 {
				break
			}
			a.ids = append(a.ids, len(a.block)+at+n)
			at += n + 1
		}
		a.block = append(append(a.block, r.JSON...), ',')
	}
	return a
}

func (a *again) Read(b []byte) (int, error) {
	if len(a.left) == 0 {
		if a.ended {
			return 0, io.EOF
		}
		if a.times--; a.times < 0 {
			a.ended, a.left = true, []byte(`{"eventName":"x"}]}`)
		} else {
			for _, at := range a.ids {
				copy(a.block[at:], fmt.Sprintf("%08x", a.times))
			}
			a.left = a.block
		}
		a.look()
	}
	n := copy(b, a.left)
	a.left = a.left[n:]
	return n, nil
}

func (a *again) Close() error { return nil }

// heapInUse is the bytes of objects on the heap, dead ones that are not yet collected among them.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// TestALongHistoryOnOneLineIsReadInLittleMemory reads 300 MB, more than half of it about security groups, so that these
// would not fit into the memory. It is not parallel, so that no other test's memory counts.
func TestALongHistoryOnOneLineIsReadInLittleMemory(t *testing.T) {
	if raceDetected {
		t.Skip("the race detector takes memory of its own, and minutes for 300 MB")
	}
	const calls, times = 1000, 115
	most := uint64(0)
	look := func() { most = max(most, heapInUse()) }
	history := newAgain(calls, times, look)
	runtime.GC()
	s := newSorter(t.TempDir(), chunkSize)
	events := 0
	tally, err := read(t.Context(), of("one line", history), Options{}, s, func(Event) error {
		if events++; events%500 == 0 {
			look()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MB read, %d MB of memory at most, %d runs", tally.Bytes>>20, most>>20, s.made)
	if tally.Events != calls*times || tally.Doubled != 0 || tally.Bytes < 300e6 || s.made < 50 {
		t.Errorf("%+v, %d runs", tally, s.made)
	}
	if most > memoryLimit {
		t.Errorf("%d MB of memory, not below %d", most>>20, memoryLimit>>20)
	}
	mustBeEmpty(t, s.tempDir)
}
