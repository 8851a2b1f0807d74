package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
)

// TestARunOverTargetsThatCannotBegin reads no account: there is no configuration.
func TestARunOverTargetsThatCannotBegin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, bad := file("good.yaml", fourTargets), file("bad.yaml", "schema: 1\ntargets:\n\t- x\n")
	cases := map[string]struct {
		args []string
		want string
	}{
		"a file that is wrong":                      {[]string{"diff", "--targets", bad}, bad + ":3:1: there is a tab: YAML wants spaces for indentation"},
		"a file that is not there":                  {[]string{"diff", "--targets", dir + "/none"}, "read the file of targets: open " + dir + "/none: no such file or directory"},
		"an empty name, as of an unset variable":    {[]string{"diff", "--targets="}, "--targets is empty: name the file of accounts and regions"},
		"none at a time":                            {[]string{"diff", "--targets", good, "--parallel", "0"}, "--parallel 0: want 1 or more"},
		"a number of targets without a file":        {[]string{"diff", "--parallel", "2"}, "--parallel is for --targets FILE, which is not there"},
		"a verb that reads no account":              {[]string{"lint", dir, "--targets", good}, "lint reads no account: run it without --targets"},
		"a verb under another that reads none":      {[]string{"import", "terraform", "x", "--targets", good}, "import terraform reads no account: run it without --targets"},
		"completion":                                {[]string{"completion", "bash", "--targets", good}, "completion bash reads no account: run it without --targets"},
		"help":                                      {[]string{"help", "diff", "--targets", good}, "help reads no account: run it without --targets"},
		"files that all targets would write":        {[]string{"capture", "--all", "--out", dir + "/b", "--targets", good}, "shop us-east-1 and shop eu-west-1 would both write in " + dir + "/b: use the placeholders {account} (or {name}) and {region} in the path, such as '" + dir + "/b/{account}/{region}'"},
		"files that the regions of one would write": {[]string{"resolve", dir, "--out", dir + "/{name}", "--targets", good}, "shop us-east-1 and shop eu-west-1 would both write in " + dir + "/shop: use the placeholders {account} (or {name}) and {region} in the path, such as '" + dir + "/{name}/{region}'"},
		"arguments that the verb refuses":           {[]string{"show", "--targets", good}, "show: an argument is missing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, nil, "", c.args...)
			if got.status != 1 || got.out != "" || !strings.Contains(got.errs, "baseline: "+c.want) {
				t.Errorf("got %+v\nwant %s", got, c.want)
			}
			if made, err := os.ReadDir(dir); err != nil || len(made) != 2 {
				t.Errorf("%v, %v", made, err)
			}
		})
	}
}

func newTestApp() *app {
	return &app{Account: account.Account{Getenv: func(string) string { return "" }}}
}

// visible is a stream that says to be a terminal.
type visible struct{ bytes.Buffer }

func (*visible) IsTerminal() bool { return true }

// TestATerminalSeesTheProgressOfTargets fails all targets without a call, since the
// environment has no profile of that name.
func TestATerminalSeesTheProgressOfTargets(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "targets.yaml")
	if err := os.WriteFile(path, []byte("schema: 1\ntargets:\n  - {account: \"210000000001\", regions: [us-east-1], profile: sgwarden-no-such-profile}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const line = "\r\x1b[Ktargets: 0 of 1 done"
	var terminal visible
	for name, errs := range map[string]interface {
		Write([]byte) (int, error)
		String() string
	}{"a terminal": &terminal, "a file": &bytes.Buffer{}} {
		a := newTestApp()
		a.out, a.Errs = &bytes.Buffer{}, errs
		c := a.command()
		c.SetArgs([]string{"diff", "--targets", path})
		err := c.ExecuteContext(t.Context())
		if err == nil || err.Error() != "1 target: 1 failed: 210000000001 us-east-1" || !strings.Contains(errs.String(), "sgwarden-no-such-profile") {
			t.Errorf("%s: %v: %s", name, err, errs)
		}
		if strings.HasPrefix(errs.String(), line) != (errs == &terminal) {
			t.Errorf("%s: %q", name, errs)
		}
	}
}
