package rewrite_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/deploy/baseline/rewrite"
)

func word(value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: value} }

// at returns the value of a field.
func at(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// without takes the i-th of a list, or the i-th half of a field, out.
func without(n *yaml.Node, i, count int) {
	n.Content = append(n.Content[:i:i], n.Content[i+count:]...)
}

func TestATreeIsChangedWhereItStands(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text   string
		change func(root *yaml.Node)
		want   string // empty: it is refused
	}{
		"an item with comments over lines is removed":        {"a: [\n  x, # about x\n  # above y\n  y, # about y\n  z\n]\n", func(n *yaml.Node) { without(at(n, "a"), 1, 1) }, "a: [\n  x, # about x\n  z\n]\n"},
		"the last item is removed, and comments stay":        {"a: [\n  x, # about x\n  y # about y\n]\n", func(n *yaml.Node) { without(at(n, "a"), 1, 1) }, "a: [\n  x # about x\n]\n"},
		"an item comes behind a comment":                     {"a: [\n  x # about x\n]\n", func(n *yaml.Node) { at(n, "a").Content = append(at(n, "a").Content, word("y")) }, "a: [\n  x, # about x\n  y\n]\n"},
		"an item comes behind a comma":                       {"a: [x, y,]\n", func(n *yaml.Node) { at(n, "a").Content = append(at(n, "a").Content, word("z")) }, "a: [x, y, z,]\n"},
		"all items go":                                       {"a: [x, y] # none\n", func(n *yaml.Node) { at(n, "a").Content = nil }, "a: [] # none\n"},
		"all items of a block go":                            {"a: # none\n  # about x\n  - x\n  - y\nb: 1\n", func(n *yaml.Node) { at(n, "a").Content = nil }, "a: [] # none\nb: 1\n"},
		"an item comes at the end of a file":                 {"a:\n- x", func(n *yaml.Node) { at(n, "a").Content = append(at(n, "a").Content, word("y")) }, "a:\n- x\n- y"},
		"an item comes before a blank line":                  {"a:\n  - x\n\n# b\nb: 1\n", func(n *yaml.Node) { at(n, "a").Content = append(at(n, "a").Content, word("y")) }, "a:\n  - x\n  - y\n\n# b\nb: 1\n"},
		"the first field behind a dash is removed":           {"a:\n  - x: 1\n    y: 2\n", func(n *yaml.Node) { without(at(n, "a").Content[0], 0, 2) }, "a:\n  - y: 2\n"},
		"the first two fields behind a dash go":              {"a:\n  - x: 1\n    y: 2\n    z: 3\n", func(n *yaml.Node) { without(at(n, "a").Content[0], 0, 4) }, "a:\n  - z: 3\n"},
		"a field before another is removed with its comment": {"a:\n  - x: 1 # one\n    y: 2 # two\n", func(n *yaml.Node) { without(at(n, "a").Content[0], 2, 2) }, "a:\n  - x: 1 # one\n"},
		"a comment that is further in is removed too":        {"a:\n  - x\n    # of x\n  # of y\n  - y\n", func(n *yaml.Node) { without(at(n, "a"), 0, 1) }, "a:\n  # of y\n  - y\n"},
		"a number becomes another":                           {"a: 1 # one\n", func(n *yaml.Node) { at(n, "a").Value = "2" }, "a: 2 # one\n"},
		"a hash within a word is no comment":                 {"a: [x#1, y] # c\n", func(n *yaml.Node) { without(at(n, "a"), 1, 1) }, "a: [x#1] # c\n"},
		"nothing changes":                                    {"a: [x , y ] # c\n", func(*yaml.Node) {}, "a: [x , y ] # c\n"},
		"all fields go":                                      {"a: 1\n", func(n *yaml.Node) { n.Content = nil }, ""},
		"a field before all others":                          {"a: 1\n", func(n *yaml.Node) { n.Content = append([]*yaml.Node{word("b"), word("2")}, n.Content...) }, ""},
		"a value of another kind":                            {"a: 1\n", func(n *yaml.Node) { n.Content[1] = &yaml.Node{Kind: yaml.SequenceNode, Line: 1, Column: 4} }, ""},
		"a text over lines":                                  {"a: |\n  x\n  y\n", func(n *yaml.Node) { at(n, "a").Value = "z" }, ""},
		"an item behind two dashes is removed":               {"a:\n- - x\n  - y\n- z\n", func(n *yaml.Node) { without(at(n, "a").Content[0], 0, 1) }, ""},
		"a list with a tag":                                  {"a: !!seq [x, y]\n", func(n *yaml.Node) { without(at(n, "a"), 1, 1) }, ""},
		"aliases":                                            {"a: &x 1\nb: *x\n", func(*yaml.Node) {}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rewrite.Tree([]byte(c.text), c.change)
			if diff := cmp.Diff(c.want, string(got)); diff != "" || (err == nil) != (c.want != "") {
				t.Errorf("%v: %s", err, diff)
			}
		})
	}
}

// FuzzTree takes items and fields out of any text and puts one in. What comes out
// without an error says exactly that, and taking nothing out changes nothing.
func FuzzTree(f *testing.F) {
	f.Add([]byte("a: [x, 'y'] # c\nb:\n  # d\n  - {e: f}\n  - g: h\n    i: j\n"), uint8(1))
	f.Add([]byte("{\"a\": [\"b\", {\"c\": 1}],\r\n \"d\": []}"), uint8(0))
	f.Add([]byte("\ufeffa:\n- [b, # c\n d]\n- |\n e\n# f\n..."), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		if same, err := rewrite.Tree(data, func(*yaml.Node) {}); err == nil && string(same) != string(data) {
			t.Fatalf("%q became %q", data, same)
		}
		var want *yaml.Node
		got, err := rewrite.Tree(data, func(root *yaml.Node) {
			want = root
			for _, n := range root.Content {
				if n.Kind == yaml.SequenceNode && len(n.Content) > 0 {
					without(n, int(which)%len(n.Content), 1)
					n.Content = append(n.Content, word("new"))
				}
			}
		})
		if err != nil {
			return
		}
		var after yaml.Node
		if err := yaml.Unmarshal(got, &after); err != nil {
			t.Fatalf("%q became %q: %v", data, got, err)
		}
		if is, should := plainOf(after.Content[0]), plainOf(want); is != should {
			t.Fatalf("%q became %q: %s instead of %s", data, got, is, should)
		}
	})
}

// plainOf writes the values of a tree, without positions and styles.
func plainOf(n *yaml.Node) string {
	var texts []string
	for _, child := range n.Content {
		texts = append(texts, plainOf(child))
	}
	return n.Value + "(" + strings.Join(texts, ",") + ")"
}
