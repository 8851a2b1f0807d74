package reverts

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// longestLine is the most that a line of an archive may have. A message of SNS has at most
// 256 KB, which its envelope escapes.
const longestLine = 4 << 20

// mostSkipped is how many lines that hold no alert are listed with their positions.
const mostSkipped = 10

// Origin is an account and a region.
type Origin struct{ Account, Region string }

// has reports whether an alert is of the account and the region. An alert that doesn't say counts.
func (p Origin) has(a alert.Alert) bool {
	return (a.Account == "" || a.Account == p.Account) && (a.Region == "" || a.Region == p.Region)
}

// FromFiles reads archives of alerts: one alert of the alert topic a line, as JSON or in
// the envelope of SNS; text or gzip. A line that holds no alert is skipped and reported. So is
// the rest of a file that is torn. A file that can't be opened is an error. Alerts of other accounts and regions, which
// the archive of an organisation has too, are left out and counted in From.
func FromFiles(paths []string, origin Origin, period Period) (Reverts, error) {
	c := newCollection(period)
	skipped, others := 0, 0
	for _, path := range paths {
		err := eachLine(path, func(number int, line []byte, tooLong bool) {
			a, err := deadletters.DecodeAlert(string(line))
			if tooLong {
				err = fmt.Errorf("the line has more than %d bytes", longestLine)
			}
			switch {
			case err == nil && !origin.has(a):
				others++
				return
			case err == nil:
				c.add(ofAlert(a))
				return
			}
			if skipped++; skipped <= mostSkipped {
				c.found.Skipped = append(c.found.Skipped, fmt.Sprintf("%s, line %d: %v", path, number, err))
			}
		})
		var torn tornError
		switch {
		case errors.As(err, &torn): // what stood before counts
			c.found.Skipped = append(c.found.Skipped, fmt.Sprintf("%s, the rest of the file: %v", path, err))
		case err != nil:
			return Reverts{}, fmt.Errorf("read the alerts of %s: %w", path, err)
		}
	}
	if more := skipped - mostSkipped; more > 0 {
		c.found.Skipped = append(c.found.Skipped, fmt.Sprintf("and %d more lines", more))
	}
	c.found.From = strings.Join(paths, ", ")
	if others > 0 {
		c.found.From += fmt.Sprintf(" (without %s of other accounts and regions)", words.Count(others, "alert"))
	}
	return c.sorted(), nil
}

// eachLine calls take for each line of a file that is not blank.
func eachLine(path string, take func(number int, line []byte, tooLong bool)) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := bufio.NewReaderSize(file, 64<<10)
	if magic, _ := lines.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(lines)
		if err != nil {
			return err
		}
		lines = bufio.NewReaderSize(unpacked, 64<<10)
	}
	for number := 1; ; number++ {
		line, tooLong, err := nextLine(lines)
		if len(bytes.TrimSpace(line)) > 0 || tooLong {
			take(number, bytes.TrimSpace(line), tooLong)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return tornError{err}
		}
	}
}

// tornError says that a file ends in the middle, or can't be read to its end.
type tornError struct{ error }

func (e tornError) Unwrap() error { return e.error }

// nextLine reads one line. Of one that is too long nothing is returned.
func nextLine(lines *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := lines.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > longestLine; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// ofAlert returns what an alert says was reverted.
func ofAlert(a alert.Alert) Revert {
	r := Revert{
		Time: a.MadeAt.UTC(), AlertID: a.ID, GroupID: a.GroupID, GroupName: a.GroupName,
		EventID: a.Event.ID, EventName: a.Event.Name, Severity: string(a.Severity), Kind: string(a.Kind),
	}
	if a.PrefixListID != "" {
		r.GroupID, r.GroupName = a.PrefixListID, a.PrefixListName
	}
	if r.Time.IsZero() { // alerts of earlier versions don't say when they were made
		r.Time = a.Event.Time.UTC()
	}
	if a.Actor != nil {
		r.Actor = a.Actor.ARN
		if r.Actor == "" {
			r.Actor = a.Actor.InvokedBy
		}
	}
	for _, f := range a.Findings {
		if f.Action == alert.ActionRevoked || f.Action == alert.ActionRestored {
			r.Rules = append(r.Rules, Rule{Text: f.Rule, ID: f.RuleID, Restored: f.Action == alert.ActionRestored})
		}
	}
	return r
}
