package basefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replacement is what a file is to become.
type Replacement struct {
	Name string
	Data []byte

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
		if err := os.Rename(all[i].temporary, all[i].Name); err != nil {
			return undo(all, err)
		}
		all[i].replaced = true
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

func (r *Replacement) Stage() (err error) {
	if r.old, err = os.ReadFile(r.Name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r.temporary, err = stage(r.Name, r.Data)
	return err
}

func (r *Replacement) undo() error {
	switch {
	case !r.replaced && r.temporary != "":
		return os.Remove(r.temporary)
	case !r.replaced:
		return nil
	case r.old == nil:
		return os.Remove(r.Name)
	}
	_, err := replaceFile(r.Name, r.old)
	return err
}

// MakeDir makes a directory. undo removes what it made, if that is empty again.
func MakeDir(dir string) (undo func() error, err error) {
	var made []string // the deepest first
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) {
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
