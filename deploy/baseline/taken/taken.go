// Package taken notes, on this machine, which baseline was taken from Parameter Store into
// which file. Files carry no version, and who has just pulled a baseline and goes on to
// edit the file knows what is in force. The notes are a convenience: where they are
// missing, as in a pipeline, push asks the parameter's history alone.
package taken

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Notes is a directory of notes. The zero value has none, and takes none.
type Notes struct{ Dir string }

// Of returns the notes of the person who runs the command: below XDG_CACHE_HOME, or else
// below .cache in HOME (XDG Base Directory Specification). Without either there are none.
func Of(getenv func(string) string) Notes {
	if cache := getenv("XDG_CACHE_HOME"); filepath.IsAbs(cache) {
		return Notes{filepath.Join(cache, "sgwarden", "taken")}
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return Notes{filepath.Join(home, ".cache", "sgwarden", "taken")}
	}
	return Notes{}
}

// Copy is a baseline and the file that it was taken into.
type Copy struct {
	Account, Region, Parameter string
	File                       string
}

// name is that of the copy's note. The file counts by its whole path, so that another
// checkout is another copy.
func (n Notes) name(p Copy) (string, error) {
	file, err := filepath.Abs(p.File)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{p.Account, p.Region, p.Parameter, file}, "\n")))
	return filepath.Join(n.Dir, fmt.Sprintf("%x", sum)), nil
}

// Note notes that the file of a copy was made from a baseline with a digest.
func (n Notes) Note(p Copy, digest string) error {
	if n.Dir == "" {
		return nil
	}
	name, err := n.name(p)
	if err == nil {
		err = os.MkdirAll(n.Dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(name, []byte(digest+"\n"), 0o600)
	}
	if err != nil {
		return fmt.Errorf("note what was taken from Parameter Store into %s: %w", p.File, err)
	}
	return nil
}

// Has reports whether the file of a copy was made from the baseline with a digest.
func (n Notes) Has(p Copy, digest string) (bool, error) {
	if n.Dir == "" {
		return false, nil
	}
	name, err := n.name(p)
	if err != nil {
		return false, err
	}
	noted, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return strings.TrimSpace(string(noted)) == digest, err
}
