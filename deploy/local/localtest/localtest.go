// Package localtest starts the local AWS for tests, and ends it with them.
package localtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.uber.org/goleak"

	"github.com/sgwarden/sgwarden/deploy/local/awscli"
	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/moto"
)

// Cloud starts a local AWS with sgwarden, of the test's own.
func Cloud(t testing.TB, options cloud.Options) *cloud.Cloud {
	t.Helper()
	c, err := cloud.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Moto starts a moto of the test's own.
func Moto(t testing.TB) *moto.Server {
	t.Helper()
	server, err := moto.Start(t.Context(), moto.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

var (
	mu     sync.Mutex
	shared *moto.Server // nil until a test needs it
)

// SharedMoto is the URL of a moto that the tests of a package share. A test keeps to names, or a region, of its own. The
// package's TestMain has to end it, with Run or RunWithoutLeaks.
func SharedMoto(t testing.TB) (url string) {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if shared == nil {
		server, err := moto.Start(context.Background(), moto.Config{})
		if err != nil {
			t.Fatal(err)
		}
		shared = server
	}
	return shared.URL
}

// SharedConfig is for clients of the moto that the tests of a package share.
func SharedConfig(t testing.TB) aws.Config {
	t.Helper()
	return awsconfig.New(SharedMoto(t), awsconfig.Keys)
}

// Tests is what *testing.M is.
type Tests interface{ Run() int }

// Run runs a package's tests, ends the moto that they share, and returns the exit status.
func Run(tests Tests) (status int) { return run(tests, func() error { return nil }) }

// RunWithQuickCLI is Run for tests that call the AWS CLI: it has been started already.
func RunWithQuickCLI(tests Tests) (status int) {
	dir, err := os.MkdirTemp("", "localtest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	stop, err := awscli.Quicken(dir)
	if err == nil {
		status = Run(tests)
	}
	if err = errors.Join(err, stop(), os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = max(status, 1)
	}
	return status
}

// RunWithoutLeaks is Run for tests that may leave no goroutine behind.
func RunWithoutLeaks(tests Tests) (status int) {
	return run(tests, func() error { return goleak.Find() })
}

func run(tests Tests, after func() error) (status int) {
	status = tests.Run()
	var err error
	if shared != nil {
		err = shared.Close()
	}
	if err = errors.Join(err, after()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = max(status, 1)
	}
	return status
}
