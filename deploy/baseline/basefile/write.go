package basefile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// Write writes a document as YAML. A file that would not change is left alone, and so
// is one that would lose nothing but an old stamp.
func Write(name string, doc *baseline.Document) (changed bool, err error) {
	data, err := yamlfile.Encode(doc)
	if err != nil {
		return false, err
	}
	return writeOver(name, data)
}

// WriteList writes the document of a prefix list as Write writes a baseline.
func WriteList(name string, doc *baseline.PrefixList) (changed bool, err error) {
	data, err := yamlfile.EncodePrefixList(doc)
	if err != nil {
		return false, err
	}
	return writeOver(name, data)
}

// writeOver writes the data of a file with the line ends of the old content.
func writeOver(name string, data []byte) (changed bool, err error) {
	if old, err := os.ReadFile(name); err == nil {
		if data = Like(old, data); bytes.Equal(WithoutStamp(old), data) {
			return false, nil
		}
	}
	return replaceFile(name, data)
}

// Like returns the new content of a file with the line ends and the byte order mark of
// the old content.
func Like(old, data []byte) []byte {
	if bytes.Contains(old, []byte("\r\n")) {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	if mark := []byte("\ufeff"); bytes.HasPrefix(old, mark) {
		data = slices.Concat(mark, data)
	}
	return data
}

// replaceFile switches a file's content at once; the same content is left alone.
func replaceFile(name string, data []byte) (changed bool, err error) {
	if old, err := os.ReadFile(name); err == nil && string(old) == string(data) {
		return false, nil
	}
	r := Replacement{Name: name, Data: data}
	if err := r.Stage(); err != nil {
		return false, err
	}
	if err := r.switchIn(); err != nil {
		return false, errors.Join(err, r.undo())
	}
	return true, nil
}

// stage writes a file beside the one that it is to replace, with the same permissions.
func stage(name string, data []byte) (temporary string, err error) {
	mode := fs.FileMode(0o644)
	if old, err := os.Stat(name); err == nil {
		mode = old.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".baseline-*")
	if err != nil {
		return "", fmt.Errorf("write the file %s: %w", name, err)
	}
	_, writeErr := f.Write(data)
	if err := errors.Join(writeErr, f.Chmod(mode), f.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("write the file %s: %w", name, err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// realName follows links, so that a link stays one when its file is replaced.
func realName(name string) (string, error) {
	real, err := filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		return name, nil
	}
	return real, err
}
