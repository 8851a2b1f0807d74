package deploy_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestDeploySessions runs the scripts of testdata/deploy, each of which is a session with deploy.sh at a terminal or in a
// pipeline. The AWS CLI is aws.sh: it answers as the session's file answers says, and else as testdata/deploy/defaults. Where
// no stack is meant to be there, a session says "nostack", and else "stack MODE", before it calls deploy.sh. The command
// baseline prints the session's file drift.json.
//
//	called TEXT...     a call to AWS has all these texts
//	! called TEXT...   no call has
func TestDeploySessions(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/deploy", Setup: setUpDeploySession, RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"called": sessionCalled, "nostack": sessionNoStack, "stack": sessionStack},
	})
}

func setUpDeploySession(env *testscript.Env) error {
	work := env.WorkDir
	var errs []error
	write := func(name, content string) {
		path := filepath.Join(work, name)
		errs = append(errs, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), fs.FileMode(0o755)))
	}
	copyTo := func(from, to string) {
		content, err := os.ReadFile(from)
		errs = append(errs, err)
		write(to, string(content))
	}
	scripts, err := filepath.Glob("*.sh")
	errs = append(errs, err)
	for _, name := range append(scripts, "template.yaml") {
		copyTo(name, "repo/deploy/"+name)
	}
	for _, function := range []string{"remediator", "sweeper", "notifier", "canary"} {
		write("zips/"+function+".zip", function)
		write("repo/build/"+function+".zip", function)
	}
	write("repo/deploy/baseline.sh", "#!/bin/sh\necho \"$AWS_REGION $GRACE_MINUTES $*\" >>$WORK/baseline-calls\ncat $WORK/drift.json || exit 1\nexit 2\n")
	copyTo("testdata/deploy/aws.sh", "bin/aws")
	write("bin/sleep", "#!/bin/sh\n") // the answers don't change with time
	copyTo("testdata/deploy/defaults", "defaults")
	env.Setenv("PATH", filepath.Join(work, "bin")+string(filepath.ListSeparator)+env.Getenv("PATH"))
	env.Setenv("ANSWERS", work)
	env.Setenv("AWS_REGION", "us-east-1")
	env.Setenv("DEPLOY", filepath.Join(work, "repo/deploy/deploy.sh"))
	write("yes", "yes\n")
	write("no", "no\n")
	return errors.Join(errs...)
}

func sessionCalled(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: [!] called TEXT...")
	}
	var found string
	for call := range strings.Lines(ts.ReadFile("calls")) {
		if all(call, args) {
			found = call
		}
	}
	if neg && found != "" {
		ts.Fatalf("a call has %q: %s", args, found)
	}
	if !neg && found == "" {
		ts.Fatalf("no call has %q, of\n%s", args, ts.ReadFile("calls"))
	}
}

func all(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func sessionNoStack(ts *testscript.TestScript, _ bool, _ []string) {
	answer(ts, `* cloudformation describe-stacks *StackStatus*Parameters* !> An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id sgwarden does not exist`)
}

func sessionStack(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: stack MODE")
	}
	answer(ts, fmt.Sprintf(`* cloudformation describe-stacks *StackStatus*Parameters* => status\tUPDATE_COMPLETE\nMode\t%s\nBaselinePrefix\t/sg-baseline\nGraceMinutes\t25\nAlertEmail\t\nCodeBucket\tcode\nRemediatorCodeKey\tkey\nGone\told`, args[0]))
	answer(ts, `* cloudformation describe-stacks *MailTopicArn* => UPDATE_COMPLETE\tarn:mails\tarn:alerts\tarn:alarms\tNone\t/sg-baseline`)
}

// answer adds an answer in front of the defaults, behind the session's own.
func answer(ts *testscript.TestScript, line string) {
	path := ts.MkAbs("defaults")
	content, err := os.ReadFile(path)
	ts.Check(err)
	ts.Check(os.WriteFile(path, append([]byte(line+"\n"), content...), 0o600))
}
