// Package gitlog reads from git who committed which content of a file. It only reads: it
// runs no hook, no pager, no filter and no program that a repository's configuration names.
package gitlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Commit is one commit.
type Commit struct {
	Hash   string    `json:"hash"` // as long as the repository has it
	Author string    `json:"author"`
	At     time.Time `json:"at"` // when the author made the change, as the author says; zero: not known
}

// Short is as much of the hash as people quote.
func (c Commit) Short() string { return c.Hash[:min(len(c.Hash), 12)] }

// Version is the content of a file as a commit has it.
type Version struct {
	Commit
	Data []byte
}

// most is how many commits of a file are read, the newest.
const most = 200

// ErrNone says that git does not know a file: there is no git, no repository, or no commit
// of the file.
var ErrNone = errors.New("git does not know the file")

// Of returns the versions of a file, oldest first. A file that git doesn't know is an
// ErrNone, which says why.
func Of(ctx context.Context, path string) ([]Version, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find the file %s: %w", path, err)
	}
	dir, name := filepath.Split(real)
	if dir == "" {
		dir = "."
	}
	out, err := git(ctx, dir, nil, "log", "--no-show-signature", "--no-color", "--encoding=UTF-8", fmt.Sprintf("--max-count=%d", most), "--format=%H%x00%an%x00%aI%x00", "--", name)
	if err != nil {
		return nil, err
	}
	commits := parse(out)
	if len(commits) == 0 {
		return nil, fmt.Errorf("%w: it is in no commit", ErrNone)
	}
	slices.Reverse(commits)
	return contents(ctx, dir, name, commits)
}

// parse reads what git log wrote, newest first.
func parse(out []byte) []Commit {
	var commits []Commit
	fields := strings.Split(string(out), "\x00")
	for len(fields) >= 3 {
		at, _ := time.Parse(time.RFC3339, fields[2]) // zero where who committed wrote no time that exists
		commits = append(commits, Commit{Hash: strings.TrimSpace(fields[0]), Author: fields[1], At: at.UTC()})
		fields = fields[3:]
	}
	return commits
}

// git runs one command of git that reads.
func git(ctx context.Context, dir string, in []byte, args ...string) ([]byte, error) {
	harmless := []string{
		"-C", dir, "--no-pager", "--no-optional-locks", "--literal-pathspecs",
		"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false", "-c", "log.showSignature=false",
	}
	command := exec.CommandContext(ctx, "git", append(harmless, args...)...)
	command.Env = environment()
	command.Stdin = bytes.NewReader(in)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var failed *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("%w: git is not installed", ErrNone)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &failed): // no repository, no commit yet, a repository of another owner
		first, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		return nil, fmt.Errorf("%w: %s", ErrNone, strings.TrimPrefix(first, "fatal: "))
	case err != nil:
		return nil, fmt.Errorf("run git %s: %w", args[0], err)
	}
	return out.Bytes(), nil
}

// environment is the process's own, without what names another repository. A partial clone
// must not fetch what it lacks, since a fetch runs programs that the repository names.
func environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_EXTERNAL_DIFF", "GIT_TRACE"}, name)
	})
	return append(env, "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
}
