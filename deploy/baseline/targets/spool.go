package targets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// inMemory is how much of one stream of one target waits in memory, in bytes. With
// maxTargets that have two streams each, that is 128 MB at the very most.
const inMemory = 64 << 10

// spool keeps what is written until it can be read, in memory and from inMemory on
// in a temporary file. The zero value is empty.
type spool struct {
	memory bytes.Buffer
	file   *os.File // nil while memory is enough
	err    error    // the first of the file: nothing is kept from there on
}

// result is what became of a target.
type result struct {
	index     int
	out, errs spool
	status    int
	fate      fate
	err       error
}

func (r *result) close() error { return errors.Join(r.out.close(), r.errs.close()) }

// Write keeps p.
func (s *spool) Write(p []byte) (int, error) {
	if s.err == nil && s.file == nil && s.memory.Len()+len(p) > inMemory {
		s.file, s.err = unnamedFile()
	}
	if s.err != nil {
		return 0, s.err
	}
	if s.file == nil {
		return s.memory.Write(p)
	}
	n, err := s.file.Write(p)
	s.err = err
	return n, err
}

// unnamedFile is a temporary file without a name, so that nothing stays behind
// however the process ends.
func unnamedFile() (*os.File, error) {
	file, err := os.CreateTemp("", "baseline-targets-*")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("take the name of a temporary file away: %w", err), file.Close())
	}
	return file, nil
}

// reader returns all that was written, from its beginning.
func (s *spool) reader() (io.Reader, error) {
	kept := bytes.NewReader(s.memory.Bytes())
	if s.file == nil {
		return kept, nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read a temporary file: %w", err)
	}
	return io.MultiReader(kept, s.file), nil
}

// copyTo writes all that was written to w.
func (s *spool) copyTo(w io.Writer) error {
	reader, err := s.reader()
	if err == nil {
		_, err = io.Copy(w, reader)
	}
	return err
}

func (s *spool) isEmpty() bool { return s.memory.Len() == 0 && s.file == nil }

// close forgets what was written.
func (s *spool) close() error {
	file := s.file
	*s = spool{}
	if file == nil {
		return nil
	}
	return file.Close()
}
