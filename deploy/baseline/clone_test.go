package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/clonemap"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

const stagingWeb = `# version: 7
# The front end.
schema: 1
groupId: sg-01   # of staging
groupName: staging-web
ingress:
  - {protocol: tcp, ports: "443", sources: [sg-02, self, 10.0.0.0/8]} # the balancer

egress:
  - protocol: tcp
    ports: "5432"
    destinations: ['name:staging db', pl-0a]
exceptions:
  - {direction: ingress, protocol: tcp, ports: 22, sources: [sg-03], expires: 2026-12-01T09:00:00Z, reason: "it's broken"}
# the end
`

const stagingDB = `{"schema": 1, "groupId": "name:staging db", "groupName": "the database",
 "ingress": [{"protocol": "tcp", "ports": "5432", "sources": ["sg-01"]}], "egress": [], "exceptions": []}
`

const promote = `name:staging-web: name:prod-web   # the id of this one is in its file
sg-02: sg-12
name:staging db: "name:prod db"
pl-0a: pl-0a
sg-03: sg-13
`

func cloneDirs(t *testing.T, table string, files map[string]string) (from, tableFile, out string) {
	t.Helper()
	from, tableFile, out = t.TempDir(), filepath.Join(t.TempDir(), "map.yaml"), filepath.Join(t.TempDir(), "out")
	write(t, tableFile, table)
	for name, text := range files {
		write(t, filepath.Join(from, name), text)
	}
	return from, tableFile, out
}

func TestAStagingBaselineIsPromoted(t *testing.T) {
	t.Parallel()
	from, table, out := cloneDirs(t, promote, map[string]string{"web.yaml": stagingWeb, "db.json": stagingDB})
	clone := func(flags ...string) ran {
		return runCommand(t, &aws.Config{}, "", append([]string{"clone", "--from", from, "--map", table, "--out", out}, flags...)...)
	}
	expect(t, clone(), 0, "wrote "+filepath.Join(out, "prod-web.yaml")+" from ", "2 files: 2 written, 0 unchanged",
		"note: "+filepath.Join(from, "web.yaml")+": 1 exception left out", "note: "+table+":5:1: no file needs sg-03")
	web := `# The front end.
schema: 1
groupId: name:prod-web   # of staging
groupName: prod-web
ingress:
  - {protocol: tcp, ports: "443", sources: [sg-12, self, 10.0.0.0/8]} # the balancer

egress:
  - protocol: tcp
    ports: "5432"
    destinations: ['name:prod db', pl-0a]
# the end
`
	db := `{"schema": 1, "groupId": "name:prod db", "groupName": "prod db",
 "ingress": [{"protocol": "tcp", "ports": "5432", "sources": ["name:prod-web"]}], "egress": []}
`
	got := contents(t, out)
	for name, text := range got {
		if strings.HasPrefix(name, "prod-db.") && strings.HasSuffix(name, ".json") { // what the space was is in its checksum
			delete(got, name)
			got["db"] = text
		}
	}
	if diff := cmp.Diff(map[string]string{"prod-web.yaml": web, "db": db}, got); diff != "" {
		t.Error(diff)
	}
	expect(t, clone(), 0, "2 files: nothing changed")
	expect(t, clone("--exceptions"), 1, "nothing was written", "prod-web.yaml is there and says something else")
	again := clone("--exceptions", "--force")
	expect(t, again, 0, "2 written")
	if strings.Contains(again.errs, "note") {
		t.Errorf("got %s", again.errs)
	}
	if text := contents(t, out)["prod-web.yaml"]; !strings.Contains(text, "sources: [sg-13], expires: 2026-12-01T09:00:00Z") {
		t.Errorf("the exception is not in %s", text)
	}
}

func TestACloneWithOutputJSON(t *testing.T) {
	t.Parallel()
	from, table, out := cloneDirs(t, `{"sg-01": "sg-11", "sg-02": "sg-12"}`, map[string]string{"a.yaml": "schema: 1\ngroupId: sg-01\ngroupName: web\ningress: []\n"})
	got := runCommand(t, &aws.Config{}, "", "clone", "--from", from, "--map", table, "--out", out, "--output", "json")
	var output struct {
		Files []rewritten `json:"files"`
		Notes []string    `json:"notes"`
	}
	if err := json.Unmarshal([]byte(got.out), &output); err != nil || got.status != 0 || got.errs != "" {
		t.Fatalf("%v in %+v", err, got)
	}
	want := []rewritten{{Source: filepath.Join(from, "a.yaml"), File: filepath.Join(out, "sg-11.yaml"), GroupID: "sg-11", Changed: true}}
	if diff := cmp.Diff(want, output.Files, cmp.AllowUnexported(rewritten{})); diff != "" || len(output.Notes) != 1 {
		t.Errorf("%s, %v", diff, output.Notes)
	}
	if diff := cmp.Diff(map[string]string{"sg-11.yaml": "schema: 1\ngroupId: sg-11\ningress: []\n"}, contents(t, out)); diff != "" {
		t.Error(diff)
	}
}

func TestAGroupThatTheMapDoesNotNameIsRefused(t *testing.T) {
	t.Parallel()
	doc := func(group, name string, sources ...string) string {
		text := "schema: 1\ngroupId: " + group + "\n"
		if name != "" {
			text += "groupName: " + name + "\n"
		}
		return text + "ingress:\n  - {protocol: tcp, ports: 80, sources: [" + strings.Join(append(sources, "self"), ", ") + "]}\n"
	}
	one := map[string]string{"a.yaml": doc("sg-01", "web", "sg-02")}
	cases := map[string]struct {
		table string
		files map[string]string
		want  []string // none: it is cloned
	}{
		"everything by id":                  {"sg-01: sg-11\nsg-02: sg-12\n", one, nil},
		"a swap":                            {"sg-01: sg-02\nsg-02: sg-01\n", one, nil},
		"the group itself by its groupName": {"name:web: sg-11\nsg-02: sg-12\n", one, nil},
		"JSON":                              {`{"sg-01": "name:x", "sg-02": "sg-02"}`, one, nil},
		"a group that is not in it":         {"sg-02: sg-12\n", one, []string{"a.yaml:2:10: groupId: sg-01 is not in "}},
		"a source that is not in it":        {"sg-01: sg-11\n", one, []string{"a.yaml:5:42: ingress[0].sources[0]: sg-02 is not in "}},
		"a name that is not in it":          {"sg-01: sg-11\n", map[string]string{"a.yaml": doc("sg-01", "", "name:db")}, []string{"name:db is not in "}},
		"a prefix list that is not in it":   {"sg-01: sg-11\n", map[string]string{"a.yaml": doc("sg-01", "", "pl-0a")}, []string{"pl-0a is not in "}},
		"all that is not in it":             {"sg-09: sg-19\n", map[string]string{"a.yaml": doc("sg-01", "", "sg-02"), "b.yaml": doc("sg-03", "")}, []string{"a.yaml:2:10", "a.yaml:4:42", "b.yaml:2:10"}},
		"two groups that become one":        {"sg-01: sg-11\nsg-02: sg-11\n", one, []string{"map.yaml:2:1: sg-01 and sg-02 can't both become sg-11"}},
		"two names for one group":           {"sg-01: sg-11\nname:web: name:x\nsg-02: sg-12\n", one, []string{"map.yaml:2:1: sg-01 is there by its name and, in line 1, by its id"}},
		"a name of two groups": {
			"name:web: name:x\nsg-02: sg-12\n",
			map[string]string{"a.yaml": doc("sg-01", "web"), "b.yaml": doc("sg-02", "web")},
			[]string{"map.yaml:1:1: name:web may be sg-01 or sg-02"},
		},
		"names whose files would be one": {
			"sg-01: 'name:a b'\nsg-02: name:a-b.c8687a08\n",
			map[string]string{"a.yaml": doc("sg-01", ""), "b.yaml": doc("sg-02", "")},
			[]string{"b.yaml: it would be written to ", "a-b.c8687a08.yaml, and so would "},
		},
		"an entry twice":               {"sg-01: sg-11\nsg-02: sg-12\nsg-01: sg-13\n", one, []string{"map.yaml:3:1: sg-01 is there twice, first in line 1"}},
		"a group that becomes a list":  {"sg-01: pl-11\n", one, []string{"map.yaml:1:1: sg-01 can't become pl-11"}},
		"a name without name:":         {"sg-01: prod-web\n", one, []string{"map.yaml:1:1: \"prod-web\" is not", "is written name:…"}},
		"an address":                   {"10.0.0.0/8: sg-01\n", one, []string{"\"10.0.0.0/8\" is not sg-…, pl-… or name:…"}},
		"a list":                       {"sg-01: [sg-11]\n", one, []string{"map.yaml:1:1: sg-01: want one"}},
		"an alias":                     {"sg-01: &x sg-11\nsg-02: *x\n", one, []string{"map.yaml:2:1: sg-02: want one"}},
		"no map":                       {"- sg-01\n", one, []string{"map.yaml: want lines such as"}},
		"an empty map":                 {"# nothing\n", one, []string{"map.yaml: want lines such as"}},
		"no YAML":                      {"{", one, []string{"map.yaml: not YAML"}},
		"two maps":                     {"sg-01: sg-11\n---\nsg-02: sg-12\n", one, []string{"more than one document"}},
		"several things wrong with it": {"a: b\nsg-01: x\n", one, []string{"map.yaml:1:1", "map.yaml:2:1"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, table, out := cloneDirs(t, c.table, c.files)
			got := runCommand(t, &aws.Config{}, "", "clone", "--from", from, "--map", table, "--out", out)
			if c.want == nil {
				expect(t, got, 0, "1 file: 1 written")
				return
			}
			expect(t, got, 1, c.want...)
			if _, err := os.Stat(out); !os.IsNotExist(err) {
				t.Errorf("%s is there: %v", out, err)
			}
		})
	}
}

func TestACloneNeedsAllItsFlags(t *testing.T) {
	t.Parallel()
	from, table, out := cloneDirs(t, "sg-01: sg-11\n", map[string]string{"a.yaml": "schema: 1\ngroupId: sg-01\ningress: []\n"})
	all := []string{"--from", from, "--map", table, "--out", out}
	for i, says := range []string{"--from DIR", "--map FILE", "--out DIR"} {
		args := append([]string{"clone"}, all[:2*i]...)
		expect(t, runCommand(t, &aws.Config{}, "", append(args, all[2*i+2:]...)...), 1, says)
	}
	expect(t, runCommand(t, &aws.Config{}, "", append([]string{"clone"}, all...)...), 0)
}

// TestCloningThereAndBackProve: by a map and then its inverse, a file comes to say
// what it said, and where all is ids, it is the same to the byte.
func TestCloningThereAndBackProve(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`sg-[0-9a-z]{1,5}`), 3, 6, rapid.ID).Draw(t, "ids")
		target := rapid.SampledFrom([]string{`sg-[0-9a-z]{1,17}`, `name:[a-z][A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,9}[a-z]`}).Draw(t, "kind")
		others := rapid.SliceOfNDistinct(rapid.StringMatching(target), len(ids), len(ids), rapid.ID).Draw(t, "others")
		there, back := map[string]string{}, map[string]string{}
		for i, id := range ids {
			there[id], back[others[i]] = others[i], id
		}
		text := fileOf(t, ids)
		away := rewriteBy(t, text, there)
		home := rewriteBy(t, away, back)
		if strings.HasPrefix(target, "sg-") && home != text {
			t.Fatalf("%s\nbecame\n%s\nand that\n%s", text, away, home)
		}
		if diff := cmp.Diff(decoded(t, text), decoded(t, home)); diff != "" {
			t.Fatalf("%s became %s: %s", text, home, diff)
		}
	})
}

// fileOf writes a file of a group in one of the ways that people do.
func fileOf(t *rapid.T, ids []string) string {
	quote := rapid.SampledFrom([]string{"", "'", `"`})
	peers := func() string {
		var list []string
		for _, id := range rapid.SliceOfN(rapid.SampledFrom(append([]string{"self", "10.0.0.0/8"}, ids...)), 1, 4).Draw(t, "peers") {
			q := quote.Draw(t, "quote")
			list = append(list, q+id+q)
		}
		if rapid.Bool().Draw(t, "flow") {
			return " [" + strings.Join(list, ", ") + "] # sg-0\n"
		}
		return "\n      - " + strings.Join(list, " # sg-0\n      - ") + "\n"
	}
	q := quote.Draw(t, "quote")
	text := "# Grüße\nschema: 1\ngroupId: " + q + ids[0] + q + "\ningress:\n"
	for range rapid.IntRange(1, 3).Draw(t, "entries") {
		text += "  - protocol: all\n    description: \"to sg-0, \\\"as it were\\\"\"\n    sources:" + peers()
	}
	return text
}

func rewriteBy(t *rapid.T, text string, becomes map[string]string) string {
	by := clonemap.Table{Path: "map", By: map[string]*clonemap.TableEntry{}}
	for from, to := range becomes {
		by.By[from] = &clonemap.TableEntry{From: from, To: to}
	}
	result, err := (&cloning{}).rewrite(basefile.File{Path: "x.yaml", Data: []byte(text)}, by)
	if err != nil {
		t.Fatalf("%s by %v: %v", text, becomes, err)
	}
	return string(result.data)
}

func decoded(t *rapid.T, text string) string {
	doc, err := yamlfile.DecodeWithNames([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(doc.GroupID, doc.PermanentRules())
}

func TestFilesOfNamesAreDistinct(t *testing.T) {
	t.Parallel()
	for group, want := range map[string]string{
		"sg-0a": "sg-0a.yaml", "name:web": "web.yaml", "name:Web.1_a-b": "Web.1_a-b.yaml",
		"name:a b": "a-b.c8687a08.yaml", "name:a/b": "a-b.c14cddc0.yaml", "name:***": "596f4162.yaml",
	} {
		if got := cloneName(group); got != want {
			t.Errorf("%s: got %s, want %s", group, got, want)
		}
	}
	long := strings.Repeat("x", 200)
	if a, b := cloneName("name:"+long+"a"), cloneName("name:"+long+"b"); a == b || len(a) > 120 {
		t.Errorf("got %s and %s", a, b)
	}
}
