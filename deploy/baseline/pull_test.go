package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// pulling is a group with a file that was pushed, and what others may do to its baseline.
type pulling struct {
	cfg               aws.Config
	id, dir, file     string
	prefix, parameter string
}

// ourWeb is a file as people write it; GROUP is the group.
const ourWeb = `# The front end, owned by team web.
schema: 1
groupId: GROUP   # web
groupName: web

ingress:
  # the balancer
  - protocol: tcp
    ports: "443"
    sources: [10.0.0.0/8, 192.0.2.0/24]   # both sites
  # administrators
  - {protocol: tcp, ports: "22", sources: [192.0.2.7/32], description: SSH}
`

// pushedFile makes the group, and pushes its file.
func pushedFile(t *testing.T) pulling {
	t.Helper()
	w := unpushedFile(t)
	expect(t, w.do(t, "push", w.dir, "--yes"), 0, "1 written")
	return w
}

func unpushedFile(t *testing.T) pulling {
	t.Helper()
	w := pulling{cfg: motoConfig(t), dir: t.TempDir(), prefix: prefixOf(t)}
	w.id = mustMake(t, w.cfg, "web "+w.prefix)
	w.file, w.parameter = filepath.Join(w.dir, "web.yaml"), w.prefix+"/groups/"+w.id
	w.ours(t)
	return w
}

func (w pulling) do(t *testing.T, args ...string) ran {
	t.Helper()
	return runCommand(t, &w.cfg, "", append(args, "--prefix", w.prefix)...)
}

// text returns the file with changes.
func (w pulling) text(changes ...string) string {
	return strings.NewReplacer(append([]string{"GROUP", w.id}, changes...)...).Replace(ourWeb)
}

func (w pulling) ours(t *testing.T, changes ...string) {
	t.Helper()
	write(t, w.file, w.text(changes...))
}

// theirs makes others write the baseline, changed, as with the AWS CLI.
func (w pulling) theirs(t *testing.T, changes ...string) {
	t.Helper()
	doc, err := yamlfile.Decode([]byte(w.text(changes...)), w.id)
	if err != nil {
		t.Fatal(err)
	}
	data, err := baseline.Encode(doc)
	if err != nil {
		t.Fatal(err)
	}
	putParameter(t, w.cfg, w.parameter, string(data))
}

func (w pulling) expectFile(t *testing.T, changes ...string) {
	t.Helper()
	if diff := cmp.Diff(w.text(changes...), contents(t, w.dir)["web.yaml"]); diff != "" {
		t.Error(diff)
	}
}

func TestAPullGivesAllBaselinesOfAnAccount(t *testing.T) {
	t.Parallel()
	w, dir := unpushedFile(t), filepath.Join(t.TempDir(), "new", "baselines")
	other := mustMake(t, w.cfg, "other"+strings.ReplaceAll(w.prefix, "/", "-"))
	w.theirs(t)
	putParameter(t, w.cfg, w.prefix+"/groups/"+other, `{"schema":1,"groupId":"`+other+`","mode":"alert","ingress":[]}`)
	got := w.do(t, "pull", dir)
	expect(t, got, 0, "wrote "+filepath.Join(dir, "web."+w.id+".yaml")+": version 1, a new file", "wrote "+filepath.Join(dir, other+".yaml"), "2 files: 2 written, 0 unchanged, 0 without a baseline, 0 not written")
	if first, _, _ := strings.Cut(got.out, "\n"); !strings.HasPrefix(first, "account 123456789012") || !strings.HasSuffix(first, ", region us-east-1, prefix "+w.prefix) {
		t.Errorf("the first line is %q", first)
	}
	want := map[string]string{
		other + ".yaml":         "schema: 1\ngroupId: " + other + "\nmode: alert\ningress: []\n",
		"web." + w.id + ".yaml": "schema: 1\ngroupId: " + w.id + "\ngroupName: web\ningress:\n  - protocol: tcp\n    ports: \"443\"\n    sources: [10.0.0.0/8, 192.0.2.0/24]\n  - protocol: tcp\n    ports: \"22\"\n    sources: [192.0.2.7/32]\n    description: SSH\n",
	}
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
	expect(t, w.do(t, "pull", dir), 0, "2 files: 0 written, 2 unchanged")
	expect(t, w.do(t, "diff", dir), 0, "2 groups the same, 0 different")
}

func TestWhatOthersChangedIsTakenIntoAFileInPlace(t *testing.T) {
	t.Parallel()
	w := pushedFile(t)
	mustAuthorize(t, w.cfg, w.id, "ingress tcp 23 0.0.0.0/0") // drift, which no pull may approve
	changes := []string{"groupName: web\n", "groupName: web\nmode: alert\n", "192.0.2.0/24]", "192.0.2.0/24, 198.51.100.0/24]", "  # administrators\n  - {protocol: tcp, ports: \"22\", sources: [192.0.2.7/32], description: SSH}\n", ""}
	w.theirs(t, changes...)

	expect(t, w.do(t, "pull", w.dir, "--dry-run"), 2, "would write "+w.file+": version 2", "1 file: 1 would be written")
	w.expectFile(t)
	got := w.do(t, "pull", w.dir)
	expect(t, got, 0, "~ mode: enforce -> alert", "+ ingress tcp 443 198.51.100.0/24", "- ingress tcp 22 192.0.2.7/32", "wrote "+w.file+": version 2", "1 file: 1 written, 0 unchanged")
	w.expectFile(t, changes...)
	expect(t, w.do(t, "pull", w.file), 0, "1 file: 0 written, 1 unchanged")
	expect(t, w.do(t, "pull", w.dir, "--dry-run"), 0, "1 unchanged")
	expect(t, w.do(t, "push", w.dir, "--yes"), 0, "0 written, 1 unchanged")
}

func TestAPushThatWasRefusedGoesThroughAfterAPull(t *testing.T) {
	t.Parallel()
	w := pushedFile(t)
	w.ours(t, "SSH", "ours")
	w.theirs(t, "groupName: web\n", "groupName: web\nmode: alert\n")
	expect(t, w.do(t, "push", w.dir, "--yes"), 1, "nothing was written", "others changed the baseline of "+w.id, "Take the changes of others into the files with baseline pull ")
	expect(t, w.do(t, "pull", w.dir), 0, "kept: your change", "1 written")
	w.expectFile(t, "SSH", "ours", "groupName: web\n", "groupName: web\nmode: alert\n")
	expect(t, w.do(t, "push", w.dir, "--yes"), 0, "1 written")
	expect(t, w.do(t, "pull", w.dir), 0, "1 unchanged")
}

func TestChangesOfTheFileStayOrCollide(t *testing.T) {
	t.Parallel()
	const alert, exact, more = "groupName: web\nmode: alert\n", "groupName: web\nmatch: exact\n", "192.0.2.0/24, 198.51.100.0/24]"
	cases := map[string]struct {
		ours, theirs []string
		flags        []string
		becomes      []string
		status       int
		want         []string
	}{
		"changes that don't meet": {
			ours: []string{"192.0.2.0/24]", more}, theirs: []string{"groupName: web\n", alert}, becomes: []string{"192.0.2.0/24]", more, "groupName: web\n", alert},
			want: []string{"! kept: your change: + ingress tcp 443 198.51.100.0/24", "~ mode: enforce -> alert", "1 written"},
		},
		"changes of the file alone": {
			ours: []string{"192.0.2.0/24]", more}, becomes: []string{"192.0.2.0/24]", more},
			want: []string{"! kept: your change: + ingress tcp 443 198.51.100.0/24", "0 written, 1 unchanged"},
		},
		"changes of the file that are given up": {
			ours: []string{"192.0.2.0/24]", more}, theirs: []string{"groupName: web\n", alert}, flags: []string{"--theirs"}, becomes: []string{"groupName: web\n", alert},
			want: []string{"- ingress tcp 443 198.51.100.0/24", "~ mode: enforce -> alert", "1 written"},
		},
		"a rule that both changed": {
			ours: []string{"SSH", "ours"}, theirs: []string{"SSH", "theirs"}, becomes: []string{"SSH", "ours"}, status: 1,
			want: []string{
				`! collision: ingress tcp 22 192.0.2.7/32: was permitted for good, description "SSH", is permitted for good, description "ours" in the file and permitted for good, description "theirs" in Parameter Store`,
				"the file was left as it is: the file and Parameter Store both changed the same since version 1: edit the file, or take what Parameter Store has with --theirs", "1 not written",
			},
		},
		"a rule that both changed, and theirs wanted": {
			ours: []string{"SSH", "ours"}, theirs: []string{"SSH", "theirs"}, flags: []string{"--theirs"}, becomes: []string{"SSH", "theirs"},
			want: []string{"1 written"},
		},
		"a setting that both changed the same": {
			ours: []string{"groupName: web\n", exact}, theirs: []string{"groupName: web\n", exact}, becomes: []string{"groupName: web\n", exact},
			want: []string{"0 written, 1 unchanged"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := pushedFile(t)
			w.ours(t, c.ours...)
			if c.theirs != nil {
				w.theirs(t, c.theirs...)
			}
			expect(t, w.do(t, append([]string{"pull", w.dir}, c.flags...)...), c.status, c.want...)
			w.expectFile(t, c.becomes...)
		})
	}
}

func TestAFileThatNoPushWroteIsTakenForWhatItSays(t *testing.T) {
	t.Parallel()
	const alert = "groupName: web\nmode: alert\n"
	stamped := func(text string) []string { return []string{"# The front", text + "# The front"} }
	cases := map[string]struct {
		ours    []string
		becomes []string
		status  int
		want    string
	}{
		"what an older version says":           {nil, []string{"groupName: web\n", alert}, 0, "1 written"},
		"an old stamp and own changes":         {append(stamped("# version: 1\n"), "SSH", "ours"), []string{"groupName: web\n", alert, "SSH", "ours"}, 0, "kept: your change: ~ ingress tcp 22 192.0.2.7/32: description \"SSH\" -> \"ours\""},
		"nothing that anybody knows":           {[]string{"SSH", "ours"}, []string{"SSH", "ours"}, 1, "nobody knows which differences are changes of the file: edit the file, or take what Parameter Store has with --theirs"},
		"a stamp of a version that is deleted": {append(stamped("# version: 9\n"), "SSH", "ours"), append(stamped("# version: 9\n"), "SSH", "ours"), 1, "nobody knows"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := unpushedFile(t)
			w.theirs(t)
			w.theirs(t, "groupName: web\n", alert)
			w.ours(t, c.ours...)
			expect(t, w.do(t, "pull", w.dir), c.status, c.want)
			w.expectFile(t, c.becomes...)
			if c.status != 0 {
				expect(t, w.do(t, "pull", w.dir, "--theirs"), 0, "1 written")
				w.expectFile(t, "groupName: web\n", alert)
			}
		})
	}
}

func TestAnOldCheckoutIsReported(t *testing.T) {
	t.Parallel()
	w := pushedFile(t)
	w.ours(t, "SSH", "newer")
	expect(t, w.do(t, "push", w.dir, "--yes"), 0, "1 written")
	w.ours(t)
	expect(t, w.do(t, "pull", w.dir), 0, "! the file says what version 1 said: if this is an old checkout, update it with git, or use --theirs", "0 written, 1 unchanged")
	w.expectFile(t)
	expect(t, w.do(t, "pull", w.dir, "--theirs"), 0, "1 written")
	w.expectFile(t, "SSH", "newer")
}
