package basefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// maxBytes is the most that a document may have, as package baseline has it. A larger
// one is not read.
const maxBytes = 1 << 20

// ReadOne reads a baseline file. An error of the file is in its Problem.
func ReadOne(name string) File { return ReadOneAs(Strictly, name) }

// ReadOneAs is ReadOne with a decoder of the caller's choice.
func ReadOneAs(decode Reading, name string) File {
	f := File{Path: name}
	if f.Data, f.Problem = load(name); f.Problem != nil {
		return f
	}
	f.Version = stampOf(f.Data)
	f.Contents, f.Problem = decode(f.Data)
	harmless(f.Problem)
	return f
}

// harmless makes what is wrong with a document printable: it quotes what the document
// says.
func harmless(problem error) {
	var wrong *baseline.Error
	if !errors.As(problem, &wrong) {
		return
	}
	for i := range wrong.Problems {
		p := &wrong.Problems[i]
		p.Path, p.Message = Printable(p.Path), Printable(p.Message)
	}
}

// load reads a file that is no larger than a document may be. A pipe is read, so that
// a shell's <(…) works.
func load(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, notRead(name, err)
	}
	switch {
	case info.IsDir():
		return nil, errors.New("it is a directory, and no file")
	case info.Mode().IsRegular() && info.Size() > maxBytes:
		return nil, tooLarge(info.Size())
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, notRead(name, err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, notRead(name, err)
	}
	if len(data) > maxBytes {
		return nil, tooLarge(int64(len(data)))
	}
	return data, nil
}

func tooLarge(size int64) error {
	return fmt.Errorf("too large: %d bytes; the most that a baseline may have is %d: is it another file?", size, maxBytes)
}

// notRead says what to do about a file that can't be read.
func notRead(name string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err // the path stands before the problem already
	}
	if target, linkErr := os.Readlink(name); linkErr == nil && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("it is a link to %s, which is not there: repair or remove the link", Printable(target))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("no such file: check the path, and the directory that the command runs in")
	}
	return fmt.Errorf("it can't be read: %w", err)
}
