package main

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

// table says what each group and prefix list is to become.
type table struct {
	path    string
	entries []*tableEntry // in the file's order
	by      map[string]*tableEntry
}

// tableEntry is one line of it, as sg-…, pl-… or name:….
type tableEntry struct {
	from, to     string
	line, column int
	used         bool
}

// readTable reads a map file, YAML or JSON. All that is wrong with it is told at
// once, with its places.
func readTable(path string) (table, error) {
	t := table{path: path, by: map[string]*tableEntry{}}
	root, err := readMapping(path)
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	var problems []string
	targets := map[string]*tableEntry{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		e := &tableEntry{from: key.Value, to: value.Value, line: key.Line, column: key.Column}
		other := targets[e.to]
		switch err := e.check(key, value); {
		case err != nil:
			problems = append(problems, t.at(e)+err.Error())
			continue
		case t.by[e.from] != nil:
			problems = append(problems, fmt.Sprintf("%s%s is there twice, first in line %d", t.at(e), e.from, t.by[e.from].line))
		case other != nil:
			problems = append(problems, fmt.Sprintf("%s%s and %s can't both become %s", t.at(e), other.from, e.from, e.to))
		}
		t.by[e.from], targets[e.to] = e, e
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

func (e *tableEntry) check(key, value *yaml.Node) error {
	for _, n := range []*yaml.Node{key, value} {
		if n.Kind != yaml.ScalarNode {
			return fmt.Errorf("%s: want one sg-…, pl-… or name:… for one", key.Value)
		}
		if err := baseline.ParseReference(n.Value); err != nil {
			return fmt.Errorf("%w; a group's name is written name:…", err)
		}
	}
	if isPrefixList(e.from) != isPrefixList(e.to) {
		return fmt.Errorf("%s can't become %s: one is a group, the other a prefix list", e.from, e.to)
	}
	return nil
}

func isPrefixList(text string) bool { return strings.HasPrefix(text, "pl-") }

func (t table) at(e *tableEntry) string { return fmt.Sprintf("%s:%d:%d: ", t.path, e.line, e.column) }

// recognise lets an entry for name:web stand for the id of the group whose file
// says groupName: web, too.
func (t table) recognise(files []basefile.File) (problems []string) {
	ids := map[string]string{} // by groupName
	for _, f := range files {
		if f.Doc == nil || f.Doc.GroupName == "" {
			continue
		}
		id, name := f.Doc.GroupID, "name:"+f.Doc.GroupName
		e := t.by[name]
		if _, isName := baseline.Name(id); e == nil || isName {
			continue
		}
		if other := ids[name]; other != "" {
			problems = append(problems, fmt.Sprintf("%s%s may be %s or %s, whose files both say that they are called so: use their ids", t.at(e), name, other, id))
			continue
		}
		if byID := t.by[id]; byID != nil && byID != e {
			problems = append(problems, fmt.Sprintf("%s%s is there by its name and, in line %d, by its id: keep one of them", t.at(e), id, byID.line))
			continue
		}
		ids[name], t.by[id] = id, e
	}
	return problems
}

// unused returns the entries that no file needed.
func (t table) unused() []*tableEntry {
	return slices.DeleteFunc(slices.Clone(t.entries), func(e *tableEntry) bool { return e.used })
}
