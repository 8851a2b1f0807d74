package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
	}
	// The scripts of testdata/sessions run the test binary under this name.
	testscript.Main(suite{m}, map[string]func(){"baseline": main})
}

// suite ends the server after the tests.
type suite struct{ *testing.M }

func (s suite) Run() int { return localtest.Run(s.M) }

// motoConfig is for clients of the shared server. A test keeps to its own prefix
// and groups.
func motoConfig(t *testing.T) aws.Config {
	t.Helper()
	return localtest.SharedConfig(t)
}

var prefixes atomic.Int64

// prefixOf is a path in Parameter Store that no other call of it has returned.
func prefixOf(t *testing.T) string {
	return fmt.Sprintf("/%s-%d", strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, t.Name()), prefixes.Add(1))
}

// ran is what running the command came to.
type ran struct {
	out, errs string // errs holds the error as main prints it, too
	status    int
}

// person answers on a terminal.
type person struct{ io.Reader }

func (person) IsTerminal() bool { return true }

// runCommand runs the command as main does, in an environment with nothing in
// it. in is what a person answers; empty, nobody is there.
func runCommand(t *testing.T, cfg *aws.Config, in string, args ...string) ran {
	t.Helper()
	var stdin io.Reader = strings.NewReader(in)
	if in != "" {
		stdin = person{stdin}
	}
	return run(t, &app{Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return now }, Config: cfg}, in: stdin}, args...)
}

// runAt runs the command at another time than now, with nobody to answer. It is for
// what the local AWS's own clock counts in.
func runAt(t *testing.T, at time.Time, cfg *aws.Config, args ...string) ran {
	t.Helper()
	return run(t, &app{Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return at }, Config: cfg}, in: strings.NewReader("")}, args...)
}

func run(t *testing.T, a *app, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	a.out, a.Errs = &out, &errs
	status := a.run(t.Context(), args)
	return ran{out.String(), errs.String(), status}
}
