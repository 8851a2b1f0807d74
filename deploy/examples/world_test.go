package examples_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"go.uber.org/goleak"

	"github.com/sgwarden/sgwarden/deploy/local/awscli"
	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

const (
	// patience is how long to wait for what takes some tenths of a second, on a busy machine.
	patience = 2 * time.Minute
	// scriptTime is how long a script may take, which makes some thirty calls of a second each on a busy machine.
	scriptTime = 4 * time.Minute
)

// What all tests share. Each works in a VPC of its own.
var (
	local    *cloud.Cloud
	admin    *ec2.Client
	intruder *ec2.Client
	command  string // path of the baseline command
	failures struct {
		sync.Mutex
		texts []string // of functions
	}
)

// Needs what `make build local-build` builds, and the AWS CLI.
func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "examples")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	command = filepath.Join(dir, "baseline")
	if out, err := exec.Command("go", "build", "-o", command, "../baseline").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the baseline command: %w: %s", err, out)
	}
	local, err = cloud.Start(context.Background(), cloud.Options{
		Deploy: cloud.Stack(map[string]string{"GraceMinutes": "0"}), RetryDelays: []time.Duration{10 * time.Millisecond}, Delivered: delivered,
	})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, local.Close()) }()
	stop, err := awscli.Quicken(dir)
	defer func() { err = errors.Join(err, stop()) }()
	if err != nil {
		return 0, err
	}
	admin = ec2.NewFromConfig(local.Config())
	mallory := proxy.Principal{Identity: proxy.User(cloud.Account, "mallory"), SourceIP: "203.0.113.66"}
	intruder = ec2.NewFromConfig(local.As("mallory", mallory))
	code = m.Run()
	if len(failures.texts) > 0 {
		return 1, errors.New(strings.Join(failures.texts, "\n"))
	}
	return code, nil
}

func delivered(d bus.Delivery) {
	if d.Result.Error == nil {
		return
	}
	failures.Lock()
	defer failures.Unlock()
	failures.texts = append(failures.texts, fmt.Sprintf("%s failed %d times on %s: %v", d.Function, d.Attempts, d.Event, d.Result.Error))
}

// ran is what running a program came to.
type ran struct {
	out    string // and errors
	status int
}

// execute runs a program in the repository's root, as a client of the local AWS.
func execute(t *testing.T, program string, arguments ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), scriptTime)
	defer cancel()
	var out strings.Builder
	var exit *exec.ExitError
	err := local.Run(ctx, &out, program, arguments...)
	switch {
	case errors.As(err, &exit):
		return ran{out.String(), exit.ExitCode()}
	case err != nil:
		t.Fatal(err)
	}
	return ran{out.String(), 0}
}

// expect fails unless a program ended with a status and printed each of some texts.
func (r ran) expect(t *testing.T, status int, texts ...string) {
	t.Helper()
	if r.status != status {
		t.Fatalf("exit status %d, want %d:\n%s", r.status, status, r.out)
	}
	for _, text := range texts {
		if !strings.Contains(r.out, text) {
			t.Errorf("the output lacks %q:\n%s", text, r.out)
		}
	}
}
