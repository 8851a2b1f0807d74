// Package clonemap reads the file that says what each group and prefix list becomes
// where baselines are rewritten for other groups.
package clonemap

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Table says what each group and prefix list is to become.
type Table struct {
	Path    string
	entries []*TableEntry // in the file's order
	By      map[string]*TableEntry
}

// TableEntry is one line of it, as sg-…, pl-… or name:….
type TableEntry struct {
	From, To     string
	line, column int
	Used         bool
}

// ReadTable reads a map file, YAML or JSON. All that is wrong with it is reported at
// once, with its positions.
func ReadTable(path string) (Table, error) {
	t := Table{Path: path, By: map[string]*TableEntry{}}
	root, err := readMapping(path)
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	var problems []string
	targets := map[string]*TableEntry{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		e := &TableEntry{From: key.Value, To: value.Value, line: key.Line, column: key.Column}
		other := targets[e.To]
		switch err := e.check(key, value); {
		case err != nil:
			problems = append(problems, t.At(e)+err.Error())
			continue
		case t.By[e.From] != nil:
			problems = append(problems, fmt.Sprintf("%s%s is there twice, first in line %d", t.At(e), e.From, t.By[e.From].line))
		case other != nil:
			problems = append(problems, fmt.Sprintf("%s%s and %s can't both become %s", t.At(e), other.From, e.From, e.To))
		}
		t.By[e.From], targets[e.To] = e, e
		t.entries = append(t.entries, e)
	}
	if len(problems) > 0 {
		return t, fmt.Errorf("nothing was written:\n%s", words.Lines(problems))
	}
	return t, nil
}

func readMapping(path string) (*yaml.Node, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(file)
	if err := decoder.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode || len(doc.Content[0].Content) == 0 {
		return nil, errors.New("want lines such as sg-0a1b: sg-0c2d or name:staging-web: name:prod-web, at least one")
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one document in it: write one map")
	}
	return doc.Content[0], nil
}

func (e *TableEntry) check(key, value *yaml.Node) error {
	for _, n := range []*yaml.Node{key, value} {
		if n.Kind != yaml.ScalarNode {
			return fmt.Errorf("%s: want one sg-…, pl-… or name:… for one", key.Value)
		}
		if err := baseline.ParseReference(n.Value); err != nil {
			return fmt.Errorf("%w; a group's name is written name:…", err)
		}
	}
	if isPrefixList(e.From) != isPrefixList(e.To) {
		return fmt.Errorf("%s can't become %s: one is a group, the other a prefix list", e.From, e.To)
	}
	return nil
}

func isPrefixList(text string) bool { return strings.HasPrefix(text, "pl-") }

func (t Table) At(e *TableEntry) string { return fmt.Sprintf("%s:%d:%d: ", t.Path, e.line, e.column) }

// Recognise lets an entry for name:web stand for the id of the group whose file
// says groupName: web, too.
func (t Table) Recognise(files []basefile.File) (problems []string) {
	ids := map[string]string{} // by groupName
	for _, f := range files {
		if f.Doc == nil || f.Doc.GroupName == "" {
			continue
		}
		id, name := f.Doc.GroupID, "name:"+f.Doc.GroupName
		e := t.By[name]
		if _, isName := baseline.Name(id); e == nil || isName {
			continue
		}
		if other := ids[name]; other != "" {
			problems = append(problems, fmt.Sprintf("%s%s may be %s or %s, whose files both say that they are called so: use their ids", t.At(e), name, other, id))
			continue
		}
		if byID := t.By[id]; byID != nil && byID != e {
			problems = append(problems, fmt.Sprintf("%s%s is there by its name and, in line %d, by its id: keep one of them", t.At(e), id, byID.line))
			continue
		}
		ids[name], t.By[id] = id, e
	}
	return problems
}

// Unused returns the entries that no file needed.
func (t Table) Unused() []*TableEntry {
	return slices.DeleteFunc(slices.Clone(t.entries), func(e *TableEntry) bool { return e.Used })
}
