// Package integration holds the tests of both functions as they are deployed: the real binaries, the real template, and
// AWS clients against a local AWS.
package integration

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"go.uber.org/goleak"

	"github.com/sgwarden/sgwarden/deploy/local/awscli"
	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

const (
	prefix = "/sg-baseline"
	// patience is how long to wait for what takes some tenths of a second, on a busy machine.
	patience = 2 * time.Minute
)

// What all tests share. Each has groups of its own.
var (
	local      *cloud.Cloud
	handled    journal
	client     *ec2.Client
	parameters *ssm.Client
	// The calls of these become no events.
	unheard           *ec2.Client
	unheardParameters *ssm.Client
	// command is the path of the baseline command.
	command string
)

// Needs what `make build local-build` builds.
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
	dir, err := os.MkdirTemp("", "integration")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	stopCLI, err := awscli.Quicken(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, stopCLI()) }()
	command = filepath.Join(dir, "baseline")
	if out, err := exec.Command("go", "build", "-o", command, "../../deploy/baseline").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the baseline command: %w: %s", err, out)
	}
	local, err = cloud.Start(context.Background(), cloud.Options{
		Deploy: cloud.Stack(map[string]string{"GraceMinutes": "0"}), RetryDelays: []time.Duration{10 * time.Millisecond}, Delivered: handled.add,
	})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, local.Close()) }()
	mallory := proxy.Principal{Identity: proxy.User(cloud.Account, "mallory"), SourceIP: "203.0.113.66"}
	client, parameters = ec2.NewFromConfig(local.As("mallory", mallory)), ssm.NewFromConfig(local.Config())
	ghost := local.As("ghost", proxy.Principal{Identity: proxy.User(cloud.Account, "ghost"), Unrecorded: true})
	unheard, unheardParameters = ec2.NewFromConfig(ghost), ssm.NewFromConfig(ghost)
	code = m.Run()
	for _, h := range handled.all() {
		if h.failure != "" {
			code = 1
			fmt.Fprintf(os.Stderr, "a function failed %d times on %s: %s\n", h.attempts, h.event, h.failure)
		}
	}
	return code, nil
}
