package traillog

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"time"
	"unsafe"
)

// entry is a record that waits for being sorted.
type entry struct {
	time    time.Time
	rank    rank
	source  string
	offset  int64 // of the record in the unpacked source
	message []byte
	record  span // in message; all of the message where no envelope is around
}

// compare orders entries by time. Of one second, what creates comes first and what deletes last. Others are in the order
// of their files, and in a file as they stand there: so the order is the same in each run, whoever reads which file.
func (e *entry) compare(other *entry) int {
	return cmp.Or(
		e.time.Compare(other.time),
		cmp.Compare(e.rank, other.rank),
		cmp.Compare(e.source, other.source),
		cmp.Compare(e.offset, other.offset),
	)
}

// size is about how much memory an entry takes.
func (e *entry) size() int { return len(e.message) + int(unsafe.Sizeof(*e)) }

// append writes an entry as a run of the sort has it.
func (e *entry) append(b []byte) []byte {
	for _, n := range []int64{
		e.time.Unix(), int64(e.time.Nanosecond()), int64(e.rank), e.offset, int64(e.record.from), int64(e.record.to),
		int64(len(e.source)), int64(len(e.message)),
	} {
		b = binary.AppendVarint(b, n)
	}
	return append(append(b, e.source...), e.message...)
}

// read reads what append wrote, into the entry's own message. It returns io.EOF at the end of the run.
func (e *entry) read(from *bufio.Reader) error {
	var n [8]int64
	for i := range n {
		var err error
		if n[i], err = binary.ReadVarint(from); err != nil {
			if i == 0 && err == io.EOF {
				return io.EOF
			}
			return fmt.Errorf("read what was put aside for sorting: %w", err)
		}
	}
	e.time = time.Unix(n[0], n[1]).UTC()
	e.rank, e.offset, e.record = rank(n[2]), n[3], span{int(n[4]), int(n[5])}
	text := int(n[6])
	need := text + int(n[7])
	if cap(e.message) < need {
		e.message = make([]byte, 0, need+need/2)
	}
	all := e.message[:need]
	if _, err := io.ReadFull(from, all); err != nil {
		return fmt.Errorf("read what was put aside for sorting: %w", err)
	}
	if e.source != string(all[:text]) {
		e.source = string(all[:text])
	}
	e.message = append(e.message[:0], all[text:]...)
	return nil
}
