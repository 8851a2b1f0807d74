package made

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
)

// Written says what Write wrote.
type Written struct {
	Files, Records, Copies int64
	Bytes                  int64 // before packing
}

// Write writes the history into a folder, in the files and folders that CloudTrail writes into a bucket:
// AWSLogs/ACCOUNT/CloudTrail/REGION/2026/10/01/ACCOUNT_CloudTrail_REGION_20261001T0005Z_….json.gz
func (o Options) Write(folder string) (Written, error) {
	o = o.withDefaults()
	w := &writer{folder: folder, perFile: o.PerFile, open: map[origin]*file{}}
	var order []origin // of the files, since a map has none
	for r := range o.Records() {
		at := origin{r.Account, r.Region}
		if w.open[at] == nil {
			w.open[at] = &file{}
			order = append(order, at)
		}
		if err := w.add(at, r); err != nil {
			return w.done, err
		}
	}
	for _, at := range order {
		if err := w.flush(at); err != nil {
			return w.done, err
		}
	}
	return w.done, nil
}

type origin struct{ account, region string }

// file is a file that is not yet full.
type file struct {
	content bytes.Buffer
	records int
	name    string
	day     string // of the folder: a file holds no event of a later day, since CloudTrail delivers within minutes
}

type writer struct {
	folder  string
	perFile int
	open    map[origin]*file
	done    Written
}

func (w *writer) add(at origin, r Record) error {
	f := w.open[at]
	day := r.Time.Format("2006/01/02")
	if f.records > 0 && day > f.day {
		if err := w.flush(at); err != nil {
			return err
		}
	}
	if f.records == 0 {
		f.day = day
		f.name = fmt.Sprintf("AWSLogs/%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s_%016x.json.gz",
			at.account, at.region, day, at.account, at.region, r.Time.Format("20060102T1504Z"), w.done.Files)
		f.content.WriteString(`{"Records":[`)
	} else {
		f.content.WriteByte(',')
	}
	f.content.Write(r.JSON)
	f.records++
	w.done.Records++
	if r.Copy {
		w.done.Copies++
	}
	if f.records < w.perFile {
		return nil
	}
	return w.flush(at)
}

func (w *writer) flush(at origin) error {
	f := w.open[at]
	if f.records == 0 {
		return nil
	}
	f.content.WriteString(`]}`)
	var packed bytes.Buffer
	pack := gzip.NewWriter(&packed)
	if _, err := pack.Write(f.content.Bytes()); err != nil {
		return fmt.Errorf("pack a log file: %w", err)
	}
	if err := pack.Close(); err != nil {
		return fmt.Errorf("pack a log file: %w", err)
	}
	name := filepath.Join(w.folder, filepath.FromSlash(f.name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make the folder of a log file: %w", err)
	}
	if err := os.WriteFile(name, packed.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write a log file: %w", err)
	}
	w.done.Files++
	w.done.Bytes += int64(f.content.Len())
	f.content.Reset()
	f.records = 0
	return nil
}
