package traillog

import (
	"bufio"
	"container/heap"
	"errors"
	"fmt"
	"io"
	"os"
)

// stream is entries in order. An entry is valid until the next call of next, which returns io.EOF at the end.
type stream interface{ next() (*entry, error) }

// memory is a stream of entries in memory.
type memory struct {
	entries []entry
	at      int
}

func (m *memory) next() (*entry, error) {
	if m.at == len(m.entries) {
		return nil, io.EOF
	}
	m.at++
	return &m.entries[m.at-1], nil
}

// run is a stream of entries in a file.
type run struct {
	file *os.File
	from *bufio.Reader
	e    entry
}

func (r *run) next() (*entry, error) { return &r.e, r.e.read(r.from) }

// merge is the streams that it includes as one stream in order.
type merge struct {
	heads heads
	files []*os.File
	begun bool
}

// head is a stream and the entry that comes next in the stream.
type head struct {
	entry *entry
	from  stream
}

func openRuns(names []string) (*merge, error) {
	m := &merge{}
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			m.close()
			return nil, fmt.Errorf("read what was put aside for sorting: %w", err)
		}
		m.files = append(m.files, file)
		if err := m.include(&run{file: file, from: bufio.NewReaderSize(file, 16<<10)}); err != nil {
			m.close()
			return nil, err
		}
	}
	return m, nil
}

// include adds a stream. It may not be called after next.
func (m *merge) include(from stream) error {
	e, err := from.next()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	heap.Push(&m.heads, head{e, from})
	return nil
}

func (m *merge) next() (*entry, error) {
	if m.begun {
		if err := m.advance(); err != nil {
			return nil, err
		}
	}
	m.begun = true
	if len(m.heads) == 0 {
		return nil, io.EOF
	}
	return m.heads[0].entry, nil
}

// advance steps over the entry that next returned.
func (m *merge) advance() error {
	if len(m.heads) == 0 {
		return nil
	}
	e, err := m.heads[0].from.next()
	switch {
	case errors.Is(err, io.EOF):
		heap.Pop(&m.heads)
		return nil
	case err != nil:
		return err
	}
	m.heads[0].entry = e
	heap.Fix(&m.heads, 0)
	return nil
}

func (m *merge) close() {
	for _, file := range m.files {
		_ = file.Close() // only read from
	}
}

type heads []head

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return h[i].entry.compare(h[j].entry) < 0 }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)        { *h = append(*h, x.(head)) }

func (h *heads) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
