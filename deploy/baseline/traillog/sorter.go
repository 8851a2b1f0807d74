package traillog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

const (
	chunkSize = 3 << 20 // of entries that are sorted in memory; there are two chunks, and the garbage collector lets as much again stand
	// fanIn is how many runs are merged into one of the next level, so that neither open files nor buffers grow with the
	// history.
	fanIn = 64
)

// sorter puts entries in order. Entries beyond one chunk are kept in files.
type sorter struct {
	limit   int // bytes of a chunk
	tempDir string
	dir     string // of the files; "" while there are none
	adding  sync.Mutex
	current *chunk
	free    chan *chunk
	writing sync.Mutex
	levels  [][]string // names of the runs, by level
	made    int
}

// chunk holds entries in memory. Their messages stand one behind the other in bytes.
type chunk struct {
	bytes   []byte
	entries []entry
	size    int
}

func newSorter(tempDir string, limit int) *sorter {
	s := &sorter{limit: limit, tempDir: tempDir, current: &chunk{}, free: make(chan *chunk, 1)}
	s.free <- &chunk{}
	return s
}

// add takes a copy of an entry. Goroutines may call add at the same time.
func (s *sorter) add(e entry) error {
	s.adding.Lock()
	if s.current.size == 0 || s.current.size+e.size() <= s.limit {
		s.current.add(e, s.limit)
		s.adding.Unlock()
		return nil
	}
	full := s.current
	s.current = <-s.free
	s.current.add(e, s.limit)
	s.adding.Unlock()
	err := s.putAside(full)
	*full = chunk{bytes: full.bytes[:0], entries: full.entries[:0]}
	s.free <- full
	return err
}

// add copies an entry's message. Where c.bytes moves, earlier entries keep what they point to. A history that fills one
// buffer will fill a chunk, so that c.bytes grows once.
func (c *chunk) add(e entry, limit int) {
	from := len(c.bytes)
	if need := from + len(e.message); need > cap(c.bytes) && from > firstBuffer {
		c.bytes = slices.Grow(c.bytes, max(limit, need)-from)
	}
	c.bytes = append(c.bytes, e.message...)
	e.message = c.bytes[from:]
	c.entries = append(c.entries, e)
	c.size += e.size()
}

func (c *chunk) sort() {
	slices.SortFunc(c.entries, func(a, b entry) int { return a.compare(&b) })
}

// putAside writes a chunk to a run of the first level.
func (s *sorter) putAside(c *chunk) error {
	c.sort()
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.keep(0, &memory{entries: c.entries})
}

// keep writes what comes from a stream of ordered entries to a run, and merges runs where a level has enough of them.
func (s *sorter) keep(level int, from stream) error {
	name, err := s.write(from)
	if err != nil {
		return fmt.Errorf("put events aside for sorting (TMPDIR names another folder for that): %w", err)
	}
	if level == len(s.levels) {
		s.levels = append(s.levels, nil)
	}
	s.levels[level] = append(s.levels[level], name)
	if len(s.levels[level]) < fanIn {
		return nil
	}
	names := s.levels[level]
	s.levels[level] = nil
	merged, err := openRuns(names)
	if err != nil {
		return err
	}
	defer merged.close()
	if err := s.keep(level+1, merged); err != nil {
		return err
	}
	return removeAll(names)
}

// write writes a run and returns the file's name.
func (s *sorter) write(from stream) (string, error) {
	if s.dir == "" {
		var err error
		if s.dir, err = os.MkdirTemp(s.tempDir, "sgwarden-history-"); err != nil {
			return "", err
		}
	}
	s.made++
	file, err := os.Create(filepath.Join(s.dir, strconv.Itoa(s.made)))
	if err != nil {
		return "", err
	}
	err = writeRun(bufio.NewWriterSize(file, 64<<10), from)
	return file.Name(), errors.Join(err, file.Close())
}

func writeRun(to *bufio.Writer, from stream) error {
	var b []byte
	for {
		e, err := from.next()
		if errors.Is(err, io.EOF) {
			return to.Flush()
		}
		if err != nil {
			return err
		}
		b = e.append(b[:0])
		if _, err := to.Write(b); err != nil {
			return err
		}
	}
}

// sorted returns all entries in order. Nothing may be added any more.
func (s *sorter) sorted() (*merge, error) {
	<-s.free // what that chunk takes is needed for decoding
	s.current.sort()
	merged, err := openRuns(slices.Concat(s.levels...))
	if err != nil {
		return nil, err
	}
	return merged, merged.include(&memory{entries: s.current.entries})
}

// close removes the files.
func (s *sorter) close() error {
	if s.dir == "" {
		return nil
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove what was put aside for sorting: %w", err)
	}
	return nil
}

func removeAll(names []string) error {
	var failed []error
	for _, name := range names {
		failed = append(failed, os.Remove(name))
	}
	return errors.Join(failed...)
}
