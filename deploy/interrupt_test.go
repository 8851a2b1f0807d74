package deploy_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// slowAWS plays an AWS CLI that is interrupted in the first region's call that the test names. It ends as the AWS CLI does
// then: with a status, not by the signal, so bash does not take the interrupt for its own.
const slowAWS = `#!/usr/bin/env bash
printf '%s\n' "$AWS_REGION $*" >>"$ANSWERS/calls"
if [[ "$AWS_REGION $*" == $SLOW ]]; then
  trap 'kill "$waiting"; exit 130' INT
  /bin/sleep 60 3>&- &
  waiting=$!
  echo reached >&3
  wait "$waiting"
fi
exec "$(dirname "$0")/quick-aws" "$@"
`

// TestAnInterruptStopsAllRegions sends to deploy.sh what Ctrl-C sends, in the middle of a call.
func TestAnInterruptStopsAllRegions(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]string{
		"in a check that may fail":         "us-east-1 lambda get-account-settings *",
		"in a call that must not fail":     "us-east-1 cloudformation describe-stacks *StackStatus*Parameters*",
		"while a stack is being made":      "us-east-1 cloudformation describe-stacks *MailTopicArn*",
		"while it finds out the account":   "us-east-1 sts get-caller-identity *",
		"while it looks for the alias":     "us-east-1 iam list-account-aliases *",
		"while it uploads the second time": "us-east-1 s3api put-object *sweeper*",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, calls, err := interrupted(t, slow)
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 130 {
				t.Errorf("it ended with %v, want status 130; it said\n%s", err, said)
			}
			if !strings.HasSuffix(said, "deploy.sh: interrupted. What CloudFormation has begun goes on: look at the stack before you run this again\n") {
				t.Errorf("it said\n%s", said)
			}
			_, after, _ := strings.Cut(calls, strings.TrimSuffix(slow, "*"))
			if _, after, _ = strings.Cut(after, "\n"); strings.TrimSpace(after) != "" {
				t.Errorf("calls after the interrupt:\n%s", after)
			}
			if strings.Contains(said, "==> deployed") {
				t.Errorf("it said that it deployed:\n%s", said)
			}
		})
	}
}

// TestWithoutAnInterruptAllRegionsAreDeployed is the same run to its end.
func TestWithoutAnInterruptAllRegionsAreDeployed(t *testing.T) {
	t.Parallel()
	command, work, said := slowDeployment(t, "no call")
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if calls := readCalls(t, work); !strings.Contains(calls, "eu-west-1 cloudformation create-stack") {
		t.Errorf("the second region has no stack; calls:\n%s", calls)
	}
}

// interrupted returns what deploy.sh printed, and the calls to AWS.
func interrupted(t *testing.T, slow string) (said, calls string, err error) {
	t.Helper()
	command, work, output := slowDeployment(t, slow)
	reached, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reached.Close()
	command.ExtraFiles = []*os.File{writer} // file 3 of the script and of all that it starts
	if err := errors.Join(command.Start(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := reached.Read(make([]byte, 1)); err != nil { // the end, where nothing reached the call
		t.Fatalf("it never got to %q: %v, %v: %s", slow, err, command.Wait(), output)
	}
	if err := syscall.Kill(-command.Process.Pid, syscall.SIGINT); err != nil { // the whole group, as a terminal does
		t.Fatal(err)
	}
	err = command.Wait()
	return output.String(), readCalls(t, work), err
}

// slowDeployment is deploy.sh for two new stacks, in a process group of its own.
func slowDeployment(t *testing.T, slow string) (command *exec.Cmd, work string, said *bytes.Buffer) {
	t.Helper()
	work = t.TempDir()
	write := func(name, content string) {
		path := filepath.Join(work, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), fs.FileMode(0o755))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"aws.sh", "defaults"} {
		content, err := os.ReadFile(filepath.Join("testdata/deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		write(map[string]string{"aws.sh": "bin/quick-aws", "defaults": "defaults"}[name], string(content))
	}
	write("answers", `* sts get-caller-identity * => 111122223333
* iam list-account-aliases * => shop
* cloudformation describe-stacks *StackStatus*Parameters* !> An error occurred (ValidationError): Stack with id sgwarden does not exist
`)
	write("bin/aws", slowAWS)
	write("bin/sleep", "#!/bin/sh\n")
	for _, function := range []string{"remediator", "sweeper", "notifier", "canary"} {
		write("zips/"+function+".zip", function)
	}
	command = exec.CommandContext(t.Context(), "bash", "deploy.sh", "--yes", "--regions", "us-east-1,eu-west-1", "--zips", filepath.Join(work, "zips"))
	said = &bytes.Buffer{}
	command.Stdout, command.Stderr = said, said
	command.Env = append(os.Environ(), "PATH="+filepath.Join(work, "bin")+":"+os.Getenv("PATH"), "ANSWERS="+work, "SLOW="+slow)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command, work, said
}

func readCalls(t *testing.T, work string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(work, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
