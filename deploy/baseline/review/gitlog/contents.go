package gitlog

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxBytes is the most that a version may have to be read, as much as a baseline file may
// have.
const maxBytes = 1 << 20

// contents reads a file as each of some commits has it, with one call of git. A commit that
// deleted the file has no content.
func contents(ctx context.Context, dir, name string, commits []Commit) ([]Version, error) {
	var wanted bytes.Buffer
	for _, c := range commits {
		fmt.Fprintf(&wanted, "%s:./%s\n", c.Hash, name)
	}
	out, err := git(ctx, dir, wanted.Bytes(), "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	versions := make([]Version, len(commits))
	answers := bufio.NewReader(bytes.NewReader(out))
	for i, c := range commits {
		versions[i].Commit = c
		if versions[i].Data, err = one(answers); err != nil {
			return nil, fmt.Errorf("read %s as commit %s has it: %w", name, c.Short(), err)
		}
	}
	return versions, nil
}

// one reads one answer: a line "HASH TYPE SIZE" and the content, or a line that ends with
// "missing" (git-cat-file, "BATCH OUTPUT").
func one(answers *bufio.Reader) ([]byte, error) {
	line, err := answers.ReadString('\n')
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return nil, nil // missing
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	switch {
	case err != nil:
		return nil, nil // missing: the line begins with what was asked for, blanks and all
	case fields[1] != "blob" || size > maxBytes:
		_, err := io.CopyN(io.Discard, answers, size+1)
		return nil, err
	}
	data := make([]byte, size+1) // with the line end behind it
	_, err = io.ReadFull(answers, data)
	return data[:size], err
}
