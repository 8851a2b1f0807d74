package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// layoutProgram has the program layout lay out a DOT graph. deploy/baseline.sh
// builds that program beside the command. It is a program of its own since to link
// Graphviz makes every verb start many times slower.
func layoutProgram(ctx context.Context, dot []byte) ([]byte, error) {
	command, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program layout, which is beside this command: %w", err)
	}
	if real, err := filepath.EvalSymlinks(command); err == nil {
		command = real
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = "" // people without a home have no cache, and wait longer
	}
	return layoutBy(ctx, filepath.Join(filepath.Dir(command), "layout"), cache, dot)
}

// layoutBy has a program lay out a DOT graph. The code that the program compiles stays in a
// directory below cache; where cache is empty, nothing stays.
func layoutBy(ctx context.Context, program, cache string, dot []byte) ([]byte, error) {
	if _, err := os.Stat(program); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no program %s, which lays out SVG: run deploy/baseline.sh, which builds it, or use --format dot and Graphviz's dot -Tsvg", program)
	}
	dir, remove, err := privateDirectory(cache)
	if err != nil {
		return nil, err
	}
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, program)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(dot), &out, &errs
	c.Env = append(os.Environ(), "TMPDIR="+dir)
	err = c.Run()
	switch says := strings.TrimSpace(errs.String()); {
	case ctx.Err() != nil:
		err = ctx.Err()
	case err != nil && says != "":
		err = fmt.Errorf("run %s: %w: %s", program, err, says)
	case err != nil:
		err = fmt.Errorf("run %s: %w", program, err)
	}
	return out.Bytes(), errors.Join(err, remove())
}

// privateDirectory returns a directory that nobody else may write to. The program keeps
// machine code there, which it made of WebAssembly, and runs that the next time; it would
// use the directory for temporary files, to which every user of the machine may write.
// remove is to be called at the end.
func privateDirectory(cache string) (dir string, remove func() error, err error) {
	if cache != "" {
		dir = filepath.Join(cache, "sgwarden")
		if os.MkdirAll(dir, 0o700) == nil && isPrivate(dir) {
			return dir, func() error { return nil }, nil
		}
	}
	dir, err = os.MkdirTemp("", "sgwarden-layout-")
	if err != nil {
		return "", nil, fmt.Errorf("make a directory for what the layout compiles: %w", err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}

// isPrivate reports whether nobody but the owner may write to a directory.
func isPrivate(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode().Perm()&0o022 == 0
}
