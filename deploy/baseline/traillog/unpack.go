package traillog

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// unpacker reads a file as it was before it was packed. It can be used for one file after the other.
type unpacker struct {
	ctx      context.Context
	packed   io.Reader
	buffered *bufio.Reader
	gzip     *gzip.Reader
	plain    io.Reader
	read     func(packed int64) // is called with what was read
	bytes    int64              // after unpacking
}

func newUnpacker(read func(int64)) *unpacker {
	return &unpacker{buffered: bufio.NewReaderSize(nil, 32<<10), read: read}
}

// open begins with a file. A packed file is recognised by its first bytes, since S3 and people rename files.
func (u *unpacker) open(ctx context.Context, packed io.Reader) error {
	u.ctx, u.packed, u.bytes = ctx, packed, 0
	u.buffered.Reset(packedReader{u})
	u.plain = u.buffered
	first, err := u.buffered.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the file: %w", err)
	}
	switch {
	case bytes.HasPrefix(first, []byte{0x1f, 0x8b}):
		return u.openGzip()
	case bytes.HasPrefix(first, []byte("\xef\xbb\xbf")): // the mark that some editors for Windows put before UTF-8
		_, _ = u.buffered.Discard(3)
	}
	return nil
}

func (u *unpacker) openGzip() error {
	var err error
	if u.gzip == nil {
		u.gzip, err = gzip.NewReader(u.buffered)
	} else {
		err = u.gzip.Reset(u.buffered)
	}
	if err != nil {
		return gzipFailure(err)
	}
	u.plain = u.gzip
	return nil
}

// Read returns what was packed.
func (u *unpacker) Read(b []byte) (int, error) {
	n, err := u.plain.Read(b)
	u.bytes += int64(n)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	if u.plain == u.gzip {
		return n, gzipFailure(err)
	}
	return n, fmt.Errorf("read the file: %w", err)
}

func gzipFailure(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the gzip file ends in the middle")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("the gzip file is damaged: %w", err)
	}
	return fmt.Errorf("unpack the gzip file: %w", err)
}

// packedReader reads the file as it is, counts, and ends where the context ends.
type packedReader struct{ u *unpacker }

func (p packedReader) Read(b []byte) (int, error) {
	if err := p.u.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := p.u.packed.Read(b)
	p.u.read(int64(n))
	return n, err
}
