package flowlog

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
)

// Tally says what was read and what was not.
type Tally struct {
	Files    int64 `json:"files"`
	Records  int64 `json:"records"`  // NODATA and SKIPDATA among them
	NoData   int64 `json:"noData"`   // windows without traffic
	SkipData int64 `json:"skipData"` // windows of which AWS recorded only a part
	Torn     int64 `json:"tornLines"`
	// Skipped are files that were not read in full, with the reason.
	Skipped []traillog.Skipped `json:"skipped"`
}

// Read reads flow logs, as text or gzip, and calls each for every record in the order of the logs. The record is valid
// until each returns. A file begins in the given format, unless the file's first line names its fields. nil stands for
// the default format of version 2. Lines that can't be read are counted in the Tally, and the rest is read. The error says that ctx
// ended.
func Read(ctx context.Context, sources traillog.Sources, begin *Format, each func(*Record)) (Tally, error) {
	tally := Tally{Skipped: []traillog.Skipped{}}
	reader := fileReader{parser: newParser(), begin: begin, each: each, tally: &tally}
	for source, err := range sources {
		if ctx.Err() != nil {
			return tally, fmt.Errorf("read the flow logs: %w", ctx.Err())
		}
		if err == nil {
			err = reader.source(ctx, source)
		}
		if err != nil && ctx.Err() == nil {
			tally.Skipped = append(tally.Skipped, traillog.Skipped{File: source.Name, Reason: err.Error()})
		}
	}
	if ctx.Err() != nil {
		return tally, fmt.Errorf("read the flow logs: %w", ctx.Err())
	}
	return tally, nil
}

// fileReader reads one file after the other.
type fileReader struct {
	*parser
	begin *Format
	each  func(*Record)
	tally *Tally
	lines *bufio.Reader
	// record is the one of the line that is being read. It is here so that no line allocates.
	record Record

	// Of the file that is being read:
	number, good, torn int64
	firstTorn          error
	hasHeader          bool // a line has named the fields
}

const (
	longestLine = 64 << 10
	// patience is how many lines may be torn before the file counts as no flow log.
	patience = 10
	// checkEvery is how many lines are read between two looks at the context.
	checkEvery = 1 << 14
)

func (f *fileReader) source(ctx context.Context, source traillog.Source) error {
	packed, err := source.Open(ctx)
	if err != nil {
		return err
	}
	defer packed.Close() // read only: nothing is lost
	f.tally.Files++
	buffered := bufio.NewReaderSize(packed, longestLine)
	plain := io.Reader(buffered)
	magic, _ := buffered.Peek(4) // an error shows again at the next read
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		if plain, err = gzip.NewReader(buffered); err != nil {
			return fmt.Errorf("unpack the gzip file: %w", err)
		}
	case string(magic) == "PAR1":
		return errors.New("the file is Apache Parquet, which is not read here: have Athena extract the records (baseline lint --flow-logs-sql)")
	}
	return f.file(ctx, plain)
}

// file reads all lines of a file. The error says what was not read.
func (f *fileReader) file(ctx context.Context, plain io.Reader) error {
	f.number, f.good, f.torn, f.firstTorn, f.hasHeader = 0, 0, 0, nil, false
	f.format = defaultFormat
	if f.begin != nil {
		f.format = *f.begin
	}
	if f.lines == nil {
		f.lines = bufio.NewReaderSize(plain, longestLine)
	} else {
		f.lines.Reset(plain)
	}
	for {
		line, err := f.next()
		if len(line) > 0 {
			if foreign := f.line(line, err == nil); foreign != nil {
				return foreign
			}
		}
		if err == nil && f.number%checkEvery == 0 {
			err = ctx.Err()
		}
		switch {
		case errors.Is(err, io.EOF):
			return f.summary()
		case err != nil:
			return fmt.Errorf("the file breaks off after line %d: %w", f.number, err)
		}
	}
}

// next returns the next line without its end. A line that is too long is counted as torn, and the result is empty.
func (f *fileReader) next() ([]byte, error) {
	line, err := f.lines.ReadSlice('\n')
	f.number++
	if errors.Is(err, bufio.ErrBufferFull) {
		f.tear(fmt.Errorf("the line is longer than %d bytes", longestLine))
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = f.lines.ReadSlice('\n')
		}
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n "), err
}

// line takes one line. The error says that the file is no flow log.
func (f *fileReader) line(line []byte, whole bool) error {
	line = withoutTime(line)
	if f.good == 0 && !f.hasHeader {
		format, is, err := headerFormat(line)
		switch {
		case err != nil:
			return err
		case is:
			f.format, f.hasHeader = format, true
			return nil
		}
	}
	r := &f.record
	if err := f.parse(line, r); err != nil {
		// Files that were put together have another line of names in the middle.
		if format, is, err := headerFormat(line); is {
			f.format = format
			return err
		}
		if !whole {
			err = fmt.Errorf("%w: the last line has no end", err)
		}
		f.tear(err)
		if f.good == 0 && f.torn >= patience {
			return f.noFlowLog()
		}
		return nil
	}
	f.good++
	f.tally.Records++
	switch r.Status {
	case NoData:
		f.tally.NoData++
	case SkipData:
		f.tally.SkipData++
	}
	f.each(r)
	return nil
}

// withoutTime takes off the time that CloudWatch Logs puts before a line when it exports a log group to S3
// (CloudWatch Logs User Guide, Exporting log data to Amazon S3): 2026-10-01T00:00:00.000Z and a space.
func withoutTime(line []byte) []byte {
	const shortest = len("2026-10-01T00:00:00Z ")
	if len(line) < shortest || line[4] != '-' || line[10] != 'T' {
		return line
	}
	word := bytes.IndexByte(line, ' ')
	if word < shortest-1 || line[word-1] != 'Z' {
		return line
	}
	return line[word+1:]
}

func (f *fileReader) tear(why error) {
	f.torn++
	f.tally.Torn++
	if f.firstTorn == nil {
		f.firstTorn = fmt.Errorf("line %d: %w", f.number, why)
	}
}

func (f *fileReader) noFlowLog() error {
	if f.hasHeader || f.begin != nil {
		return fmt.Errorf("the file does not fit its format: %w", f.firstTorn)
	}
	return fmt.Errorf("the file has no line that names the fields, and is not in the default format (%w): if this is a flow log, say its format with --flow-log-format", f.firstTorn)
}

// summary says which lines of a whole file were not read.
func (f *fileReader) summary() error {
	switch {
	case f.torn == 0:
		return nil
	case f.good == 0:
		return f.noFlowLog()
	}
	return fmt.Errorf("%d of %d lines are left out; the first is %w", f.torn, f.torn+f.good, f.firstTorn)
}
