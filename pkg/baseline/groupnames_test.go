package baseline_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

const fileWithNames = `schema: 1
ingress:
  - {protocol: tcp, ports: "80", sources: [name:alb, self, 10.0.0.0/8, "name:a, b: #1"]}
groupId: name:web
egress:
  - {protocol: tcp, ports: "443", destinations: [pl-0a, sg-0b]}
exceptions:
  - {direction: ingress, protocol: tcp, ports: 22, sources: [name:bastion], expires: 2026-12-01T09:00:00Z}
`

func TestNamesAreForFilesOnly(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"the document's group": `{"schema":1,"groupId":"name:web","ingress":[]}`,
		"a source":             `{"schema":1,"groupId":"sg-0a","ingress":[{"protocol":"all","sources":["name:web"]}]}`,
		"a destination":        `{"schema":1,"groupId":"sg-0a","egress":[{"protocol":"all","destinations":["name:web"]}]}`,
		"an exception's peer":  `{"schema":1,"groupId":"sg-0a","ingress":[],"exceptions":[{"direction":"ingress","protocol":"all","sources":["name:web"],"expires":"2026-12-01T09:00:00Z"}]}`,
	}
	for name, document := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for reader, read := range map[string]func([]byte, string) (*baseline.Document, error){"JSON": baseline.Decode, "YAML": yamlfile.Decode} {
				if _, err := read([]byte(document), ""); err == nil || !strings.Contains(err.Error(), "name:web names a group, which is for files") {
					t.Errorf("%s: got %v", reader, err)
				}
			}
			if _, err := yamlfile.DecodeWithNames([]byte(document), nil); err != nil {
				t.Errorf("a file may not say so: %v", err)
			}
		})
	}
}

func TestReferencesAreReportedWithTheirPositionsTheGroupFirst(t *testing.T) {
	t.Parallel()
	var got []baseline.Reference
	doc, err := yamlfile.DecodeWithNames([]byte(fileWithNames), func(r baseline.Reference) (string, error) {
		got = append(got, r)
		if name, ok := baseline.Name(r.Text); ok {
			return "sg-0" + name[:1], nil
		}
		return r.Text, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []baseline.Reference{
		{Path: "groupId", Line: 4, Column: 10, Text: "name:web"},
		{Path: "ingress[0].sources[0]", Line: 3, Column: 44, Text: "name:alb"},
		{Path: "ingress[0].sources[3]", Line: 3, Column: 72, Text: "name:a, b: #1"},
		{Path: "egress[0].destinations[0]", Line: 6, Column: 50, Text: "pl-0a"},
		{Path: "egress[0].destinations[1]", Line: 6, Column: 57, Text: "sg-0b"},
		{Path: "exceptions[0].sources[0]", Line: 8, Column: 62, Text: "name:bastion"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	data, err := baseline.Encode(doc)
	if err != nil {
		t.Fatal(err)
	}
	again, err := baseline.Decode(data, "sg-0w")
	if err != nil {
		t.Fatalf("with ids instead of names, %s is no document: %v", data, err)
	}
	if diff := cmp.Diff(texts(doc.Permitted(now)), texts(again.Permitted(now))); diff != "" {
		t.Error(diff)
	}
}

func TestGroupsGivenByNameAreJudgedLikeOthers(t *testing.T) {
	t.Parallel()
	doc, err := yamlfile.DecodeWithNames([]byte(fileWithNames), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ingress tcp 80 name:alb", "ingress tcp 80 name:web", "ingress tcp 80 10.0.0.0/8", "ingress tcp 80 name:a, b: #1", "egress tcp 443 pl-0a", "egress tcp 443 sg-0b", "ingress tcp 22 name:bastion"}
	if diff := cmp.Diff(want, texts(doc.Permitted(now))); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsOfNamesSayWhereTheyStand(t *testing.T) {
	t.Parallel()
	text := "schema: 1\ngroupId: name:web\ningress:\n  - {protocol: tcp, ports: 70-60, sources: [name:one, name:two, sg-0B]}\n"
	_, err := yamlfile.DecodeWithNames([]byte(text), func(r baseline.Reference) (string, error) {
		if r.Text == "name:two" {
			return "", errors.New("no such group")
		}
		return "sg-01", nil
	})
	var wrong *baseline.Error
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, p := range wrong.Problems {
		got = append(got, p.String())
	}
	want := []string{"ingress[0].ports: ", "ingress[0].sources[1]: no such group", `ingress[0].sources[2]: "sg-0B" is not an id`}
	if len(got) != len(want) || wrong.Problems[1].Line != 4 || wrong.Problems[1].Column != 55 {
		t.Fatalf("got %q at %+v", got, wrong.Problems)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}

func TestNamesAreThoseThatEC2Takes(t *testing.T) {
	t.Parallel()
	cases := map[string]bool{
		"web": true, "My group 1._-:/()#,@[]+=&;{}!$*": true, "name:name:x": true, strings.Repeat("x", 255): true, "s": true, "sgroup": true,
		"": false, strings.Repeat("x", 256): false, "sg-0a": false, "café": false, "a\"b": false, "a\\b": false, "a|b": false, " web": false, "web ": false, "a\nb": false,
	}
	for name, valid := range cases {
		if err := baseline.ParseReference("name:" + name); (err == nil) != valid {
			t.Errorf("%q: %v", name, err)
		}
	}
	for text, valid := range map[string]bool{"sg-0a": true, "pl-0a": true, "sg-": false, "10.0.0.0/8": false, "self": false, "web": false, "": false} {
		if err := baseline.ParseReference(text); (err == nil) != valid {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzDecodeWithNames: a file without names is read as by DecodeYAML, and one with
// names is never taken by that.
func FuzzDecodeWithNames(f *testing.F) {
	f.Add([]byte(fileWithNames))
	f.Add([]byte(strings.ReplaceAll(strings.ReplaceAll(fileWithNames, "name:a, b: #1", "sg-01"), "name:", "sg-0")))
	f.Fuzz(func(t *testing.T, data []byte) {
		withNames := false
		loose, looseErr := yamlfile.DecodeWithNames(data, func(r baseline.Reference) (string, error) {
			_, isName := baseline.Name(r.Text)
			withNames = withNames || isName
			return r.Text, nil
		})
		strict, strictErr := yamlfile.Decode(data, "")
		if withNames && strictErr == nil {
			t.Errorf("%q has names and is taken", data)
		}
		if strictErr != nil {
			return
		}
		if looseErr != nil {
			t.Fatalf("%q: %v", data, looseErr)
		}
		if diff := cmp.Diff(texts(strict.Permitted(now)), texts(loose.Permitted(now))); diff != "" || strict.GroupID != loose.GroupID {
			t.Errorf("%q: %s", data, diff)
		}
	})
}
