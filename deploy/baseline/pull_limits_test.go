package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

func TestAFileWithoutABaselineAndABrokenBaselineStopNoOther(t *testing.T) {
	t.Parallel()
	w := unpushedFile(t)
	w.theirs(t)
	w.theirs(t, "SSH", "theirs")
	deleted := filepath.Join(w.dir, "gone.json")
	write(t, deleted, `{"schema": 1, "groupId": "sg-0gone", "ingress": []}`)
	expect(t, w.do(t, "pull", w.dir), 2, "left "+deleted+": sg-0gone has no baseline any more: remove the file, or push it to guard the group again", "2 files: 1 written, 0 unchanged, 1 without a baseline")
	w.expectFile(t, "SSH", "theirs")

	w.theirs(t)
	putParameter(t, w.cfg, w.prefix+"/groups/sg-0broken", `{"schema": 1`)
	putParameter(t, w.cfg, w.prefix+"/groups/sg-0gone", `{"schema": 1`)
	got := w.do(t, "pull", w.dir)
	expect(t, got, 1, "wrote "+w.file, deleted+": sg-0gone: "+w.prefix+"/groups/sg-0gone (version 1) is broken", "sg-0broken: "+w.prefix+"/groups/sg-0broken (version 1) is broken", "3 files: 1 written, 0 unchanged, 0 without a baseline, 2 not written")
	w.expectFile(t)
}

// TestAPullIsReportedToPeople has one file of each fate.
func TestAPullIsReportedToPeople(t *testing.T) {
	t.Parallel()
	w := pulling{cfg: motoConfig(t), dir: t.TempDir(), prefix: prefixOf(t)}
	fates := map[string]struct{ ours, was, theirs string }{ // ports
		"sg-0changed": {"22", "22", "23"}, "sg-0same": {"22", "22", "22"}, "sg-0gone": {"22", "", ""}, "sg-0new": {"", "", "22"}, "sg-0unknown": {"24", "22", "23"},
	}
	text := func(id, port string) string {
		return "schema: 1\ngroupId: " + id + "\ngroupName: web\ningress:\n- {protocol: tcp, ports: " + port + ", sources: [self]}\n"
	}
	for id, f := range fates {
		if f.ours != "" {
			write(t, filepath.Join(w.dir, id+".yaml"), text(id, f.ours))
		}
		for _, port := range []string{f.was, f.theirs} {
			if port == "" {
				continue
			}
			doc, err := yamlfile.Decode([]byte(text(id, port)), id)
			if err != nil {
				t.Fatal(err)
			}
			data, err := baseline.Encode(doc)
			if err != nil {
				t.Fatal(err)
			}
			putParameter(t, w.cfg, w.prefix+"/groups/"+id, string(data))
		}
	}
	got := w.do(t, "pull", w.dir)
	goldenText(t, "pull", strings.NewReplacer(w.dir, "DIR", w.prefix, "PREFIX").Replace(got.out+got.errs))
	if got.status != 1 {
		t.Errorf("status %d", got.status)
	}
}

func TestAPullOfSomeGroups(t *testing.T) {
	t.Parallel()
	w, dir := unpushedFile(t), t.TempDir()
	w.theirs(t)
	putParameter(t, w.cfg, w.prefix+"/groups/sg-0other", `{"schema":1,"groupId":"sg-0other","ingress":[]}`)
	expect(t, w.do(t, "pull", dir, "--group", "sg-0none"), 1, "nothing was written: sg-0none has no baseline at "+w.prefix+"/groups/sg-0none")
	expect(t, w.do(t, "pull", dir, "--group", "web"), 1, `--group: "web" is not the id of a security group`)
	expect(t, w.do(t, "pull", dir, "--group", "name:no such group"), 1, `--group name:no such group: no security group of account 123456789012, region us-east-1, is called "no such group"`)
	expect(t, w.do(t, "pull", dir, "--group", "name:web "+w.prefix), 0, "1 file: 1 written")
	if files := contents(t, dir); len(files) != 1 || files["web."+w.id+".yaml"] == "" {
		t.Errorf("got %v", files)
	}
	expect(t, w.do(t, "pull", dir, "--group", "sg-0other", "--group", w.id), 0, "2 files: 1 written, 1 unchanged")
}

func TestAFileThatCannotBeChangedInPlaceIsWrittenAnew(t *testing.T) {
	t.Parallel()
	w := unpushedFile(t)
	w.theirs(t)
	w.ours(t, "description: SSH}", "\"description\": !!str SSH}", "  - {protocol", "  - !!map {protocol")
	w.theirs(t, "description: SSH", "description: theirs")
	expect(t, w.do(t, "pull", w.dir), 0, "! the file is written anew, and its comments and layout are lost: ", "1 written")
	if got := contents(t, w.dir)["web.yaml"]; strings.Contains(got, "#") || !strings.Contains(got, "    description: theirs\n") {
		t.Error(got)
	}
	expect(t, w.do(t, "pull", w.dir), 0, "1 unchanged")
}

func TestAPullWithOutputJSON(t *testing.T) {
	t.Parallel()
	w := unpushedFile(t)
	w.theirs(t)
	w.theirs(t, "SSH", "theirs")
	var output struct {
		Identity account.Identity
		DryRun   bool
		Groups   []pulled
	}
	got := w.do(t, "pull", w.dir, "--dry-run", "--output", "json")
	if err := json.Unmarshal([]byte(got.out), &output); err != nil || got.status != 2 || !output.DryRun || output.Identity.Region != "us-east-1" || len(output.Groups) != 1 {
		t.Fatalf("%v: %+v", err, got)
	}
	if g := output.Groups[0]; g.Result != pullWritten || g.GroupID != w.id || g.File != w.file || g.Version != 2 || len(g.Changes) != 1 {
		t.Errorf("got %+v", g)
	}
	w.expectFile(t)
}

func TestAPullRefusesWhatIsUnclear(t *testing.T) {
	t.Parallel()
	w, broken := unpushedFile(t), t.TempDir()
	expect(t, w.do(t, "pull", w.dir), 1, "nothing was written: there is no baseline to pull (account 123456789012", "prefix "+w.prefix+"): check AWS_PROFILE, AWS_REGION and --prefix")
	w.theirs(t)
	write(t, filepath.Join(broken, "a.yaml"), "<<<<<<< HEAD\nschema: 1\n")
	taken := t.TempDir()
	write(t, filepath.Join(taken, "web."+w.id+".yaml"), "schema: 1\ngroupId: sg-0other\ningress: []\n")
	cases := map[string]struct {
		args []string
		want string
	}{
		"no path":                  {nil, "say which files: baseline pull DIR for all baselines of this account and region, or baseline pull FILE"},
		"two directories":          {[]string{w.dir, t.TempDir()}, "are both directories, and new files go to one: name one directory"},
		"a file that isn't there":  {[]string{w.dir + "/none.yaml"}, "there is no file " + w.dir + "/none.yaml: to have the file made, name its directory"},
		"a file that is broken":    {[]string{broken}, "nothing was written:\n" + broken + "/a.yaml: not YAML"},
		"a name that hides":        {[]string{w.dir + "/\x1b[2J"}, "has characters that can't be printed"},
		"a name that is taken":     {[]string{taken}, "its file would be " + taken + "/web." + w.id + ".yaml, and another file is there: rename that one"},
		"a path through a file":    {[]string{w.file + "/x"}, "not a directory"},
		"a file that names groups": {[]string{filepath.Join(withNames(t), "a.yaml")}, "baseline resolve"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, w.do(t, append([]string{"pull"}, c.args...)...), 1, c.want)
		})
	}
}

// withNames makes a directory with a file that names its group.
func withNames(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), "schema: 1\ngroupId: name:web\ningress: []\n")
	return dir
}

// twoToPull answers for two groups, sg-0a and sg-0b, of which DIR has the files of
// version 1. onHistory is called with the group whose history is read.
func twoToPull(t *testing.T, dir string, onHistory func(id string)) *awsstub.Stub {
	t.Helper()
	var inForce awsstub.HistoryAnswer
	for _, id := range []string{"sg-0a", "sg-0b"} {
		inForce.Parameters = append(inForce.Parameters, awsstub.Parameter{Name: "/sg-baseline/groups/" + id, Type: "String", Version: 2, Value: `{"schema":1,"groupId":"` + id + `","mode":"alert","ingress":[]}`})
		write(t, filepath.Join(dir, id+".yaml"), "schema: 1\ngroupId: "+id+"\ningress: []\n")
	}
	stub := awsstub.New(0, map[string]awsstub.Handler{
		"GetParametersByPath": func(awsstub.Request) (any, error) { return inForce, nil },
		"GetParameterHistory": func(r awsstub.Request) (any, error) {
			id := strings.TrimPrefix(r.JSON["Name"].(string), "/sg-baseline/groups/")
			onHistory(id)
			return awsstub.HistoryAnswer{Parameters: []awsstub.Parameter{{Version: 1, Value: `{"schema":1,"groupId":"` + id + `","ingress":[]}`}}}, nil
		},
	})
	t.Cleanup(stub.Close)
	return stub
}

func TestAHistoryThatMayNotBeReadStopsNoOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stub := twoToPull(t, dir, func(string) {})
	cfg := stub.Config()
	denied := awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not you", Status: 400}}
	stub.Inject("GetParameterHistory", 1, denied)
	expect(t, runCommand(t, &cfg, "", "pull", dir), 1, "2 files: 1 written, 0 unchanged, 0 without a baseline, 1 not written", "sg-0a.yaml: sg-0a: ", "not you", "without them, use --theirs")
	stub.Inject("GetParameterHistory", 1, denied)
	expect(t, runCommand(t, &cfg, "", "pull", dir, "--theirs"), 0, "2 files: 1 written, 1 unchanged")
}

func TestThrottlingInTheMiddleWritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stub := twoToPull(t, dir, func(string) {})
	cfg, before := stub.Config(), contents(t, dir)
	stub.Inject("GetParameterHistory", awsstub.Attempts, awsstub.Fault{Error: &awsstub.Error{Code: "ThrottlingException", Message: "Rate exceeded", Status: 400}})
	expect(t, runCommand(t, &cfg, "", "pull", dir), 1, "nothing was written: get the history of parameter /sg-baseline/groups/sg-0a", "Rate exceeded")
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
	expect(t, runCommand(t, &cfg, "", "pull", dir), 0, "2 files: 2 written")
}

// TestAnInterruptedPullWritesNothing: the interrupt comes while the second file is
// looked at; the next run finishes.
func TestAnInterruptedPullWritesNothing(t *testing.T) {
	t.Parallel()
	dir, interrupt := t.TempDir(), func() {}
	stub := twoToPull(t, dir, func(id string) {
		if id == "sg-0b" {
			interrupt()
		}
	})
	before, cfg := contents(t, dir), stub.Config()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	interrupt = cancel
	var out, errs bytes.Buffer
	a := &app{Account: account.Account{Getenv: func(string) string { return "" }, Config: &cfg, Errs: &errs}, in: strings.NewReader(""), out: &out}
	c := a.command()
	c.SetArgs([]string{"pull", dir})
	if err := c.ExecuteContext(ctx); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "nothing was written: ") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
	interrupt = func() {}
	expect(t, runCommand(t, &cfg, "", "pull", dir), 0, "2 files: 2 written")
}

// TestAPullThatCannotMakeItsDirectoryWritesNothing: the directory is to be made behind a
// link that leads nowhere.
func TestAPullThatCannotMakeItsDirectoryWritesNothing(t *testing.T) {
	t.Parallel()
	w, outside := unpushedFile(t), t.TempDir()
	w.theirs(t)
	w.theirs(t, "SSH", "theirs")
	putParameter(t, w.cfg, w.prefix+"/groups/sg-0other", `{"schema":1,"groupId":"sg-0other","ingress":[]}`)
	link := filepath.Join(outside, "link")
	if err := os.Symlink(filepath.Join(outside, "nowhere"), link); err != nil {
		t.Fatal(err)
	}
	expect(t, w.do(t, "pull", w.file, filepath.Join(link, "baselines")), 1, "nothing was written: ", link)
	w.expectFile(t)
	if _, err := os.Lstat(link); err != nil {
		t.Errorf("what was there is gone: %v", err)
	}
	if err := os.Mkdir(filepath.Join(outside, "nowhere"), 0o755); err != nil {
		t.Fatal(err)
	}
	expect(t, w.do(t, "pull", w.file, filepath.Join(link, "baselines")), 0, "2 files: 2 written")
	w.expectFile(t, "SSH", "theirs")
}
