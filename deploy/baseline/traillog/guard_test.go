package traillog

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog/made"
)

// TestARecordThatDoesNotConcernUsIsNotDecoded guards the speed without a clock: what is allocated and copied does not grow
// with the number of records.
func TestARecordThatDoesNotConcernUsIsNotDecoded(t *testing.T) {
	const size = 4 << 20
	file := manyRecords(false, size)
	buffer := make([]byte, 0, firstBuffer)
	records := 0
	allocations := testing.AllocsPerRun(3, func() {
		records = 0
		s := newSplitter(bytes.NewReader(file), buffer)
		for {
			p, err := s.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if aspect, _, _ := p.judge(); aspect != unrelated {
				t.Fatalf("a record is taken for something else: %s", p.raw)
			}
			records++
		}
	})
	if records < 2000 || allocations > 5 {
		t.Errorf("%.0f allocations for %d records", allocations, records)
	}
}

// TestRecordsAreReadOnceIntoTheBuffer counts what is moved within the buffer: the record at its end, and no more.
func TestRecordsAreReadOnceIntoTheBuffer(t *testing.T) {
	t.Parallel()
	file := manyRecords(false, 4<<20)
	s := newSplitter(bytes.NewReader(file), make([]byte, 0, firstBuffer))
	moved, largest := 0, 0
	for before := s.before; ; {
		p, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, len(p.raw))
		if s.before != before { // the buffer was filled, and the record's beginning was moved
			moved += len(p.raw)
			before = s.before
		}
	}
	if fills := len(file)/firstBuffer + 2; moved == 0 || moved > fills*largest || moved > len(file)/20 || cap(s.b) != firstBuffer {
		t.Errorf("%d of %d bytes moved, the buffer is %d bytes", moved, len(file), cap(s.b))
	}
}

// manyRecords is a file of records of one kind, of about that size.
func manyRecords(concernUs bool, size int) []byte {
	file := []byte(`{"Records":[`)
	for r := range (made.Options{Seed: 1, Calls: size, Others: 3}).Records() {
		if (r.Call != nil) != concernUs {
			continue
		}
		if file = append(file, r.JSON...); len(file) > size {
			break
		}
		file = append(file, ',')
	}
	return append(file, `]}`...)
}
