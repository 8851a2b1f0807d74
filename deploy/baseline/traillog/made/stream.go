package made

import (
	"io"
	"iter"
)

// Reader gives the whole history as one file of CloudTrail's, on one line and not packed. It makes records as they are
// read, so that no history is too long.
func (o Options) Reader() io.ReadCloser {
	next, stop := iter.Pull(o.Records())
	return &reader{next: next, stop: stop, left: []byte(`{"Records":[`), first: true}
}

type reader struct {
	next   func() (Record, bool)
	stop   func()
	buffer []byte
	left   []byte // of the buffer, still to be read
	first  bool
	ended  bool
}

func (r *reader) Read(b []byte) (int, error) {
	total := 0
	for total < len(b) {
		if len(r.left) == 0 && !r.fill() {
			break
		}
		n := copy(b[total:], r.left)
		r.left = r.left[n:]
		total += n
	}
	if total == 0 && len(b) > 0 {
		return 0, io.EOF
	}
	return total, nil
}

func (r *reader) fill() bool {
	if r.ended {
		return false
	}
	record, ok := r.next()
	r.buffer = r.buffer[:0]
	switch {
	case !ok:
		r.ended = true
		r.buffer = append(r.buffer, `]}`...)
	case !r.first:
		r.buffer = append(append(r.buffer, ','), record.JSON...)
	default:
		r.buffer = append(r.buffer, record.JSON...)
	}
	r.first = false
	r.left = r.buffer
	return true
}

func (r *reader) Close() error {
	r.stop()
	return nil
}
