package trailsource

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
)

// Keep is a folder that holds, for each object that was read whole, its records about security groups, as a log file of
// their own. The next run reads that file instead of the object. A nil Keep keeps nothing.
type Keep struct{ dir string }

// NewKeep makes the folder where it does not exist.
func NewKeep(dir string) (*Keep, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of --keep: %w", err)
	}
	return &Keep{dir}, nil
}

// path is where the records of an object stand. Another version of the object has another ETag, and so another path.
func (k *Keep) path(o object) string {
	sum := sha256.Sum256([]byte(o.String() + "\n" + o.etag))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(k.dir, name[:2], name+".json")
}

// source is the source of an object, or of what is kept of it.
func (k *Keep) source(client objects, o object) traillog.Source {
	plain := sourceOf(client, o)
	if k == nil || o.etag == "" || o.err != nil {
		return plain
	}
	path := k.path(o)
	kept := plain
	if info, err := os.Stat(path); err == nil {
		kept.Size = info.Size()
	}
	kept.Open = func(ctx context.Context) (io.ReadCloser, error) {
		file, err := os.Open(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
		whole, err := extract(ctx, plain, path)
		switch {
		case err != nil:
			return nil, err
		case !whole: // the reader finds out what is wrong with the object, and says so
			return plain.Open(ctx)
		}
		return os.Open(path)
	}
	return kept
}

// extract writes the records of a source about security groups to a file. Where the source can't be read whole, no file
// is left.
func extract(ctx context.Context, source traillog.Source, path string) (whole bool, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, fmt.Errorf("keep the records of %s: %w", source.Name, err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), "unfinished-")
	if err != nil {
		return false, fmt.Errorf("keep the records of %s: %w", source.Name, err)
	}
	defer func() {
		if !whole {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	tally, err := write(ctx, source, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return false, fmt.Errorf("keep the records of %s: %w", source.Name, err)
	}
	if len(tally.Skipped) > 0 {
		return false, nil
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return false, fmt.Errorf("keep the records of %s: %w", source.Name, err)
	}
	return true, nil
}

// write writes the records of one source about security groups as CloudTrail writes a log file. A file without records is
// one too: it says that the object has none.
func write(ctx context.Context, source traillog.Source, out io.Writer) (traillog.Tally, error) {
	file := bufio.NewWriter(out)
	only := func(yield func(traillog.Source, error) bool) { yield(source, nil) }
	before := `{"Records":[`
	tally, err := traillog.Read(ctx, only, traillog.Options{Workers: 1}, func(e traillog.Event) error {
		_, err := fmt.Fprintf(file, "%s\n%s", before, e.Record)
		before = ","
		return err
	})
	if tally.Events == 0 {
		file.WriteString(before) // Flush has the error
	}
	file.WriteString("\n]}\n")
	return tally, errors.Join(err, file.Flush())
}
