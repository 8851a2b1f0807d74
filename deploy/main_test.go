package deploy_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/awscli"
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "deploy")
	if err != nil {
		return 0, err
	}
	stop, err := awscli.Quicken(dir)
	if err == nil {
		code = m.Run()
	}
	return code, errors.Join(err, stop(), os.RemoveAll(dir))
}
