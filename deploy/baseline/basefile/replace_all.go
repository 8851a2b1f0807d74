package basefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Replacement is what a file is to become.
type Replacement struct {
	Name string
	Data []byte

	real      string // Name, or where it leads as a link
	temporary string // the new content, until it is in place
	old       []byte // nil where there was no file
	replaced  bool
}

// ReplaceAll switches all files, or none.
func ReplaceAll(all []Replacement) error {
	for i := range all {
		if err := all[i].Stage(); err != nil {
			return undo(all, err)
		}
	}
	return SwitchAll(all)
}

// SwitchAll puts in place what was written beside it: what can go wrong, such as
// a full disk, mostly did before.
func SwitchAll(all []Replacement) error {
	for i := range all {
		if err := all[i].switchIn(); err != nil {
			return undo(all, err)
		}
	}
	return nil
}

// undo puts everything back because of an error, which it returns.
func undo(all []Replacement, err error) error {
	errs := []error{err}
	for i := range all {
		errs = append(errs, all[i].undo())
	}
	return errors.Join(errs...)
}

// Stage writes the new content beside the file, and keeps the old content.
func (r *Replacement) Stage() (err error) {
	if r.real, err = realName(r.Name); err != nil {
		return fmt.Errorf("write the file %s: %w", r.Name, err)
	}
	if r.old, err = os.ReadFile(r.real); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the file %s, which is to be replaced: %w", r.Name, err)
	}
	r.temporary, err = stage(r.real, r.Data)
	return err
}

func (r *Replacement) switchIn() error {
	if err := os.Rename(r.temporary, r.real); err != nil {
		return fmt.Errorf("write the file %s: %w", r.Name, err)
	}
	r.replaced = true
	return nil
}

func (r *Replacement) undo() error {
	switch {
	case !r.replaced && r.temporary != "":
		return os.Remove(r.temporary)
	case !r.replaced:
		return nil
	case r.old == nil:
		return os.Remove(r.real)
	}
	_, err := replaceFile(r.real, r.old)
	return err
}

// MakeDir makes a directory. undo removes what it made, if that is empty again.
func MakeDir(dir string) (undo func() error, err error) {
	var made []string // the deepest first
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		made = append(made, at)
	}
	undo = func() error {
		for _, name := range made {
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	}
	return undo, os.MkdirAll(dir, 0o755)
}
