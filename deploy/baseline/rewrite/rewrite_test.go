package rewrite_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/deploy/baseline/rewrite"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

type values map[rewrite.Position]string

func TestAFileKeepsAllThatIsNotChanged(t *testing.T) {
	t.Parallel()
	const block = "# head\nid: sg-1 # a\n\n# about the name\nname: web   # for people\nlist: [sg-2, 'sg-3', \"sg-4\"]\n# about more\nmore:\n  - a: 1\n\n  # within\n  - b: \"x\"\n# end\n"
	cases := map[string]struct {
		text  string
		edits rewrite.Edits
		want  string
	}{
		"nothing to change":              {block, rewrite.Edits{}, block},
		"a plain string":                 {"id: sg-1 # a\n", rewrite.Edits{Values: values{{1, 5}: "sg-99"}}, "id: sg-99 # a\n"},
		"strings with quotes":            {block, rewrite.Edits{Values: values{{6, 14}: "name:it's", {6, 22}: "name:b c"}}, strings.Replace(block, `'sg-3', "sg-4"`, `'name:it''s', "name:b c"`, 1)},
		"a string that needs quotes":     {"[{id: sg-1}]", rewrite.Edits{}, ""},
		"a value that needs quotes":      {"{id: sg-1, l: [sg-2]}", rewrite.Edits{Values: values{{1, 16}: "name:a, b"}}, `{id: sg-1, l: ["name:a, b"]}`},
		"a value like a comment":         {"id: sg-1\n", rewrite.Edits{Values: values{{1, 5}: "name:a #b"}}, "id: \"name:a #b\"\n"},
		"a value like true":              {"id: sg-1\n", rewrite.Edits{Values: values{{1, 5}: "true"}}, "id: \"true\"\n"},
		"a value like none of YAML 1.1":  {"id: sg-1\n", rewrite.Edits{Values: values{{1, 5}: "null"}}, "id: \"null\"\n"},
		"what no HTML is":                {"id: \"x\"\n", rewrite.Edits{Values: values{{1, 5}: "name:a&b"}}, "id: \"name:a&b\"\n"},
		"quotes within quotes":           {`{"a": "x\"y\\", "b": "sg-1"}`, rewrite.Edits{Values: values{{1, 7}: "sg-2", {1, 22}: "sg-3"}}, `{"a": "sg-2", "b": "sg-3"}`},
		"behind wide characters":         {"{a: \"Grüße 🌍\", b: sg-1}\n", rewrite.Edits{Values: values{{1, 19}: "sg-2"}}, "{a: \"Grüße 🌍\", b: sg-2}\n"},
		"lines that end as on Windows":   {"a: x\r\nb: sg-1\r\n", rewrite.Edits{Values: values{{2, 4}: "sg-2"}}, "a: x\r\nb: sg-2\r\n"},
		"a field that is set":            {block, rewrite.Edits{Set: map[string]string{"name": "api", "other": "x"}}, strings.Replace(block, "web", "api", 1)},
		"a field that is removed":        {block, rewrite.Edits{Remove: []string{"name"}}, strings.Replace(block, "name: web   # for people\n", "", 1)},
		"the last field removed":         {block, rewrite.Edits{Remove: []string{"more", "other"}}, block[:strings.Index(block, "more:")] + "# end\n"},
		"a field of many lines":          {"a:\n  - b\n\n# c\nc: 1\n", rewrite.Edits{Remove: []string{"a"}}, "\n# c\nc: 1\n"},
		"neighbours removed":             {"a: 1\nb: 2\nc: 3\nd: 4\n", rewrite.Edits{Remove: []string{"b", "c"}}, "a: 1\nd: 4\n"},
		"without a line end at its end":  {"a: 1\nb: 2", rewrite.Edits{Remove: []string{"b"}}, "a: 1\n"},
		"a field of JSON removed":        {`{"a": [1, {"b": "}"}], "c": 2}`, rewrite.Edits{Remove: []string{"a"}}, `{"c": 2}`},
		"the last field of JSON removed": {"{\n  \"a\": 1,\n  \"b\": [\",\", {}]\n}\n", rewrite.Edits{Remove: []string{"b"}}, "{\n  \"a\": 1\n}\n"},
		"all of JSON's fields removed":   {`{"a": 1}`, rewrite.Edits{Remove: []string{"a"}}, `{}`},
		"a value in what is removed":     {"a: {b: sg-1}\nc: 1\n", rewrite.Edits{Values: values{{1, 8}: "sg-2"}, Remove: []string{"a"}}, "c: 1\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rewrite.File([]byte(c.text), c.edits)
			if c.want == "" {
				if err == nil {
					t.Errorf("got %s", got)
				}
				return
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" || err != nil {
				t.Errorf("%v: %s", err, diff)
			}
		})
	}
}

func TestWhatCannotBeChangedInPlaceIsRefusedWithItsPosition(t *testing.T) {
	t.Parallel()
	change := func(line, column int) rewrite.Edits { return rewrite.Edits{Values: values{{line, column}: "sg-2"}} }
	cases := map[string]struct {
		text  string
		edits rewrite.Edits
		line  int // 0: the error has none
	}{
		"a block of text":              {"a: 1\nb: |\n  sg-1\n", change(2, 4), 2},
		"a string on two lines":        {"b: sg-1\n  x\n", change(1, 4), 1},
		"a quoted one":                 {"b: \"sg-1\n  x\"\n", change(1, 4), 1},
		"a string with a tag":          {"b: !!str sg-1\n", change(1, 4), 1},
		"a string with an anchor":      {"b: &x sg-1\n", change(1, 4), 1},
		"where no string begins":       {"b: sg-1\n", change(7, 7), 7},
		"a field that is no line":      {"  a: 1\n  b: 2\n", rewrite.Edits{Remove: []string{"a"}}, 1},
		"no YAML":                      {"a: [", rewrite.Edits{}, 0},
		"a list":                       {"[a]", rewrite.Edits{}, 0},
		"nothing":                      {"", rewrite.Edits{}, 0},
		"a field that others refer to": {"a: &x 1\nb: *x\n", rewrite.Edits{Remove: []string{"a"}}, 0},
		"a value that is referred to":  {"a: &x 1\nb: &x 2\nc: *x\n", rewrite.Edits{Remove: []string{"b"}}, 0},
		"a comma in a comment":         {"{a: 1, # x, y\n b: 2}", rewrite.Edits{Remove: []string{"b"}}, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rewrite.File([]byte(c.text), c.edits)
			var wrong *baseline.Error
			switch {
			case err == nil:
				t.Errorf("got %q", got)
			case errors.As(err, &wrong) != (c.line > 0), c.line > 0 && wrong.Problems[0].Line != c.line:
				t.Errorf("got %v, %+v", err, wrong)
			}
		})
	}
}

// FuzzFile changes every string value of a text, and removes its first field. What
// comes out without an error says exactly that.
func FuzzFile(f *testing.F) {
	f.Add([]byte("a: sg-1 # x\nb: [x, 'y', \"z\"]\n# c\nc:\n  - {d: e}\n"))
	f.Add([]byte("{\"a\": \"b\", \"c\": [\"d\"]}"))
	f.Add([]byte("\ufeffa: ü\u2028b: \"\\u00e9\"\r\nc: &x y\n...\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var doc yaml.Node
		if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 || len(doc.Content[0].Content) == 0 {
			return
		}
		root := doc.Content[0]
		edits := rewrite.Edits{Values: values{}, Remove: []string{root.Content[0].Value}}
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			for i, child := range n.Content {
				if child.Kind == yaml.ScalarNode && child.ShortTag() == "!!str" && (n.Kind != yaml.MappingNode || i%2 == 1) {
					edits.Values[rewrite.Position{Line: child.Line, Column: child.Column}] = "name:new, one"
				}
				walk(child)
			}
		}
		walk(root)
		edited, err := rewrite.File(data, edits)
		if err != nil {
			return
		}
		var got yaml.Node
		if err := yaml.Unmarshal(edited, &got); err != nil {
			t.Fatalf("%q became %q: %v", data, edited, err)
		}
		if n := len(got.Content[0].Content); n != len(root.Content)-2 {
			t.Errorf("%q became %q, which has %d of %d", data, edited, n, len(root.Content))
		}
		var rest func(n *yaml.Node)
		rest = func(n *yaml.Node) {
			for i, child := range n.Content {
				if child.Kind == yaml.ScalarNode && child.ShortTag() == "!!str" && (n.Kind != yaml.MappingNode || i%2 == 1) && child.Value != "name:new, one" {
					t.Errorf("%q became %q, which still has %q", data, edited, child.Value)
				}
				rest(child)
			}
		}
		rest(got.Content[0])
	})
}
