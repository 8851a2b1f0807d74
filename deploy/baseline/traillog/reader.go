package traillog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// reader reads one source after the other and adds what concerns us to the sorter. Each worker has one.
type reader struct {
	options  Options
	sorter   *sorter
	progress *progress
	buffer   []byte
	unpacker *unpacker
	tally    Tally // Sources, Records, Bytes, Outside, Others and Skipped
}

func newReader(o Options, s *sorter, p *progress) *reader {
	return &reader{options: o, sorter: s, progress: p, buffer: make([]byte, 0, firstBuffer), unpacker: newUnpacker(p.read)}
}

// contents counts what a source holds.
type contents struct {
	records, foreign, insights   int64
	tooLarge, tooEarly, timeless int64
	digest                       bool
}

// read reads a source. It fails only where the whole reading can't go on.
func (r *reader) read(ctx context.Context, source Source) error {
	defer r.progress.finished()
	if isAside(source.Name) {
		r.tally.Others++
		return nil
	}
	packed, err := source.Open(ctx)
	if err != nil {
		r.skip(source, err.Error())
		return ctx.Err()
	}
	defer func() { _ = packed.Close() }() // only read from
	var c contents
	if err = r.unpacker.open(ctx, packed); err == nil {
		var stop error
		if err, stop = r.scan(source, &c); stop != nil {
			return stop
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.account(source, c, err)
	return nil
}

// scan returns how the file is damaged, if it is, and why the whole reading can't go on.
func (r *reader) scan(source Source, c *contents) (damage, stop error) {
	s := newSplitter(r.unpacker, r.buffer)
	for {
		p, err := s.next()
		c.tooLarge = s.tooLarge
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return err, nil
		}
		aspect, m, at := p.judge()
		switch aspect {
		case foreign:
			c.lookAt(p)
			continue
		case concernsUs:
			if err := r.take(source, c, p, m, at); err != nil {
				return nil, err
			}
		}
		c.records++
	}
}

// take adds a record that concerns us, unless the record's time is out of the question.
func (r *reader) take(source Source, c *contents, p piece, m members, at span) error {
	when := timeOf(p, m)
	switch {
	case when.IsZero():
		c.timeless++
		return nil
	case when.Before(beginning):
		c.tooEarly++
		return nil
	case when.Before(r.options.From), !r.options.To.IsZero() && !when.Before(r.options.To):
		r.tally.Outside++
		return nil
	}
	name, _ := unquote(m[eventName].of(p.raw))
	r.progress.event()
	return r.sorter.add(entry{
		time: when, rank: concerning[string(name)], source: source.Name, offset: p.offset, message: p.raw, record: at,
	})
}

// account notes what a source contained and what of it was left out.
func (r *reader) account(source Source, c contents, damage error) {
	r.tally.Bytes += r.unpacker.bytes
	r.tally.Records += c.records
	r.progress.records(c.records)
	if c.records > 0 {
		r.tally.Sources++
	}
	if damage != nil {
		r.skip(source, fmt.Sprintf("%v; read before that: %s", damage, plural(c.records, "record")))
	}
	r.count(source, c.tooLarge, "larger than 4 MiB, which no record of CloudTrail is")
	r.count(source, c.tooEarly, "from before November 2013, when CloudTrail began: a clock was wrong")
	r.count(source, c.timeless, "without an eventTime that can be read")
	switch {
	case c.records > 0 || damage != nil:
		if c.foreign > 0 {
			r.skip(source, plural(c.foreign, "object")+" in the file: no record of CloudTrail")
		}
	case c.digest, c.insights > 0:
		r.tally.Others++
	case c.foreign > 0:
		r.skip(source, "the file is JSON and holds no record of CloudTrail")
	case r.unpacker.bytes == 0:
		r.skip(source, "the file is empty")
	default:
		r.tally.Sources++ // {"Records": []}
	}
}

func (r *reader) count(source Source, n int64, what string) {
	if n > 0 {
		r.skip(source, plural(n, "record")+" "+what)
	}
}

func (r *reader) skip(source Source, reason string) {
	r.tally.Skipped = append(r.tally.Skipped, Skipped{File: source.Name, Reason: reason})
}

// lookAt says what an object is that is no record.
func (c *contents) lookAt(p piece) {
	var object struct {
		EventType string          `json:"eventType"`
		Digest    json.RawMessage `json:"digestS3Object"`
	}
	_ = json.Unmarshal(p.raw, &object) // where it fails the object is foreign
	switch {
	case object.Digest != nil:
		c.digest = true
	case object.EventType == "AwsCloudTrailInsight":
		c.insights++
	default:
		c.foreign++
	}
}

// isAside says of a file, by the name that CloudTrail gives it, that it holds no history: digests prove that nobody
// changed log files, and Insights report unusual rates of calls (CloudTrail User Guide, "CloudTrail log file structure"
// and "Log file location for Insights events").
func isAside(name string) bool {
	for _, kind := range []string{"CloudTrail-Digest", "CloudTrail-Insight"} {
		if strings.Contains(name, "/"+kind+"/") || strings.Contains(name, "_"+kind+"_") {
			return true
		}
	}
	return false
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
