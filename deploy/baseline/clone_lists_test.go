package main

import (
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
)

const officesFile = "# ours\nschema: 1\nprefixListId: pl-0a\nprefixListName: offices\nentries:\n  - {cidr: 10.0.0.0/8} # head office\n"

// TestAFileOfAPrefixListStopsNoClone: the files of the groups beside it are rewritten.
func TestAFileOfAPrefixListStopsNoClone(t *testing.T) {
	t.Parallel()
	from, table, out := cloneDirs(t, "sg-01: sg-02\n", map[string]string{"offices.yaml": officesFile, "web.yaml": "schema: 1\ngroupId: sg-01\ningress: []\n"})
	clone := func(flags ...string) ran {
		return runCommand(t, &aws.Config{}, "", append([]string{"clone", "--from", from, "--map", table, "--out", out}, flags...)...)
	}
	expect(t, clone(), 0, "note: "+filepath.Join(from, "offices.yaml")+": left alone", "prefix list pl-0a", "1 file: 1 written")
	if diff := cmp.Diff(map[string]string{"sg-02.yaml": "schema: 1\ngroupId: sg-02\ningress: []\n"}, contents(t, out)); diff != "" {
		t.Error(diff)
	}
	expect(t, clone(), 0, "1 file: nothing changed")
}

// TestResolveCopiesTheFileOfAPrefixList: what resolve wrote is what push is given.
func TestResolveCopiesTheFileOfAPrefixList(t *testing.T) {
	t.Parallel()
	cfg, from, out := regionConfig(t, "af-south-1"), t.TempDir(), filepath.Join(t.TempDir(), "out")
	web := mustMake(t, cfg, "web")
	write(t, filepath.Join(from, "lists.yml"), officesFile)
	write(t, filepath.Join(from, "web.yaml"), "schema: 1\ngroupId: name:web\ningress: []\n")
	resolve := func(flags ...string) ran {
		return runCommand(t, &cfg, "", append([]string{"resolve", from, "--out", out}, flags...)...)
	}
	expect(t, resolve(), 0, "2 files: 2 written")
	want := map[string]string{"offices.pl-0a.yaml": officesFile, "web." + web + ".yaml": "schema: 1\ngroupId: " + web + "\ningress: []\n"}
	if diff := cmp.Diff(want, contents(t, out)); diff != "" {
		t.Error(diff)
	}
	expect(t, resolve("--output", "json"), 0, `"prefixListId": "pl-0a"`, `"changed": false`)
	write(t, filepath.Join(out, "offices.pl-0a.yaml"), officesFile+"  - {cidr: 20.0.0.0/24}\n")
	expect(t, resolve(), 1, "offices.pl-0a.yaml is there and says something else")
}
