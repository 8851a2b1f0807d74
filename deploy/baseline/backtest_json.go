package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// jsonReport writes one document. The reverts are written as they come. The rules that would
// only have been reported, and those that would have waited, are kept in files of their own
// until that list ends, so that a million of them need no memory.
type jsonReport struct {
	out      *bufio.Writer
	reverts  int
	reported spool
	pending  spool
}

func startJSONReport(out io.Writer) (*jsonReport, error) {
	r := &jsonReport{out: bufio.NewWriter(out)}
	_, err := r.out.WriteString("{\n  \"reverts\": [")
	return r, err
}

func (r *jsonReport) add(x replay.Revert) error {
	switch x.Outcome {
	case alert.WouldRevert:
		return r.reported.add(x)
	case alert.Pending:
		return r.pending.add(x)
	}
	r.reverts++
	return writeItem(r.out, r.reverts, x)
}

// writeItem writes an item of a list, the first one with the number 1.
func writeItem(out io.Writer, number int, x replay.Revert) error {
	text, err := compactJSON(x)
	if err != nil {
		return err
	}
	separator := ",\n    "
	if number == 1 {
		separator = "\n    "
	}
	_, err = fmt.Fprintf(out, "%s%s", separator, text)
	return err
}

func compactJSON(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSpace(text.Bytes()), err
}

func (r *jsonReport) finish(s backtestSummary, failed error) error {
	lists := errors.Join(
		writeText(r.out, "],\n  \"reported\": ["), r.reported.copyTo(r.out),
		writeText(r.out, "],\n  \"pending\": ["), r.pending.copyTo(r.out),
	)
	rest, err := summaryJSON(s, failed)
	return errors.Join(lists, err, writeText(r.out, "],\n  "+rest+"\n"), r.out.Flush())
}

func writeText(out io.Writer, text string) error {
	_, err := io.WriteString(out, text)
	return err
}

// summaryJSON writes the summary without the brace that begins it.
func summaryJSON(s backtestSummary, failed error) (string, error) {
	var rest any = s
	if failed != nil {
		rest = map[string]any{"records": s.Records, "bytes": s.Bytes, "skipped": s.Skipped, "problem": failed.Error()}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(rest)
	_, body, _ := bytes.Cut(text.Bytes(), []byte("{\n"))
	return string(bytes.TrimSpace(body)), err
}

// spool is a list that waits in a file. The file has no name any more once it is open,
// where the operating system allows that, so that nothing is left if the command is killed.
type spool struct {
	file       *os.File // nil while the list is empty
	isNameless bool
	out        *bufio.Writer
	number     int
}

func (s *spool) add(x replay.Revert) (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "backtest-*"); err != nil {
			return fmt.Errorf("put aside what is reported at the end (TMPDIR names another folder for that): %w", err)
		}
		s.isNameless = os.Remove(s.file.Name()) == nil
		s.out = bufio.NewWriter(s.file)
	}
	s.number++
	return writeItem(s.out, s.number, x)
}

// copyTo writes the list and removes the file.
func (s *spool) copyTo(out io.Writer) error {
	if s.file == nil {
		return nil
	}
	err := s.out.Flush()
	if err == nil {
		_, err = s.file.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = io.Copy(out, s.file)
	}
	err = errors.Join(err, s.file.Close())
	if !s.isNameless {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}
