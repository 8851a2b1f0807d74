package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/spf13/cobra"
)

// rewriting writes baseline files anew into another directory, with other groups
// in them: all of them, or none.
type rewriting struct {
	*app
	dir   string
	force bool
	notes func() []string // what people should know once all is written; may be nil
}

// rewritten is one file on its way.
type rewritten struct {
	Source    string `json:"source"`
	File      string `json:"file"`
	GroupID   string `json:"groupId,omitempty"` // or name:…
	GroupName string `json:"groupName,omitempty"`
	// PrefixListID and PrefixListName replace them for a prefix list.
	PrefixListID   string `json:"prefixListId,omitempty"`
	PrefixListName string `json:"prefixListName,omitempty"`
	Changed        bool   `json:"changed"`

	data []byte
}

// id is that of the group or prefix list.
func (g *rewritten) id() string { return cmp.Or(g.PrefixListID, g.GroupID) }

func (r *rewriting) flags(c *cobra.Command) {
	c.Flags().StringVar(&r.dir, "out", "", "the directory of the files, made if it isn't there")
	c.Flags().BoolVar(&r.force, "force", false, "overwrite files of that directory that would change")
}

// check refuses a directory that the next run would read its own files from.
func (r *rewriting) check(paths []string) error {
	if r.dir == "" {
		return errors.New("say where to write the files: --out DIR")
	}
	if info, err := os.Stat(r.dir); err == nil && !info.IsDir() {
		return fmt.Errorf("--out %s is not a directory", r.dir)
	}
	out, err := realPath(r.dir)
	if err != nil {
		return err
	}
	for _, path := range paths {
		from, err := realPath(path)
		if err != nil {
			return err
		}
		if below, err := filepath.Rel(from, out); err == nil && filepath.IsLocal(below) {
			return fmt.Errorf("--out %s is in %s, from where its files would be read the next time: choose another directory", r.dir, path)
		}
	}
	return nil
}

// realPath follows links as far as the path exists.
func realPath(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(absolute)
	if !errors.Is(err, fs.ErrNotExist) || absolute == filepath.Dir(absolute) {
		return real, err
	}
	parent, err := realPath(filepath.Dir(absolute))
	return filepath.Join(parent, filepath.Base(absolute)), err
}

// run rewrites files one by one. The errors of all of them are reported at once, and
// then nothing is written.
func (r *rewriting) run(ctx context.Context, files []basefile.File, decode basefile.Reading, one func(basefile.File) (*rewritten, error)) error {
	target, err := basefile.ReadDirectory(decode, r.dir)
	if err != nil {
		return err
	}
	var results []*rewritten
	var problems []string
	for _, f := range files {
		var result *rewritten
		if f.Problem == nil {
			result, f.Problem = one(f)
		}
		if f.Problem != nil {
			problems = append(problems, f.Problems()...)
			continue
		}
		results = append(results, result)
	}
	for i, g := range results {
		if err := r.setTarget(g, target, results[:i]); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", g.Source, err))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("nothing was written:\n%s", words.Lines(problems))
	}
	if ctx.Err() != nil {
		return fmt.Errorf("nothing was written: interrupted: %w", ctx.Err())
	}
	if err := r.write(results); err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	return r.report(results)
}

func (r *rewriting) write(results []*rewritten) error {
	var all []basefile.Replacement
	for _, g := range results {
		if g.Changed {
			all = append(all, basefile.Replacement{Name: g.File, Data: g.data})
		}
	}
	if len(all) == 0 {
		return nil
	}
	undo, err := basefile.MakeDir(r.dir)
	if err == nil {
		err = basefile.ReplaceAll(all)
	}
	if err != nil {
		err = errors.Join(err, undo())
	}
	return err
}

func (r *rewriting) report(results []*rewritten) error {
	var notes []string
	if r.notes != nil {
		notes = r.notes()
	}
	if r.output == "json" {
		return r.printJSON(struct {
			Files []*rewritten `json:"files"`
			Notes []string     `json:"notes,omitempty"`
		}{results, notes})
	}
	for _, note := range notes {
		fmt.Fprintf(r.Errs, "note: %s\n", note)
	}
	written := 0
	for _, g := range results {
		if g.Changed {
			written++
			fmt.Fprintf(r.out, "wrote %s from %s\n", g.File, g.Source)
		}
	}
	text := fmt.Sprintf("%d written, %d unchanged", written, len(results)-written)
	if written == 0 {
		text = "nothing changed"
	}
	_, err := fmt.Fprintf(r.out, "%s: %s\n", words.Count(len(results), "file"), text)
	return err
}
