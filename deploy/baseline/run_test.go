package main

import (
	"io"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
)

// runWith runs the command as runCommand does, with answers from any reader.
func runWith(t *testing.T, cfg *aws.Config, in io.Reader, args ...string) ran {
	t.Helper()
	return run(t, &app{Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return now }, Config: cfg}, in: in}, args...)
}
