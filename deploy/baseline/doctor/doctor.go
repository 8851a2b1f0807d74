// Package doctor looks at a deployed sgwarden: does it work here? Each look asks AWS about
// one subject and changes nothing.
package doctor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// Status says how a check ended.
type Status string

// The states of a check.
const (
	OK      Status = "ok"
	Warn    Status = "WARN" // sgwarden works, but not as one would expect
	Fail    Status = "FAIL" // sgwarden does not do a part of its work
	Unknown Status = "?"    // AWS did not say
)

// Check is what was found about one thing.
type Check struct {
	Name   string `json:"check"`
	Status Status `json:"status"`
	Found  string `json:"found"`
	Hint   string `json:"hint"` // what to do, or the command to run; empty where there is nothing to do
}

// Look makes the checks of one subject. There is at least one check, unless the subject
// does not concern the stack.
type Look func(context.Context) []Check

const (
	// atOnce is how many looks are under way at a time.
	atOnce = 8
	// lookTime ends a look, so that somebody in a hurry gets the other answers.
	lookTime = 90 * time.Second
)

// Examine takes all looks, some at a time, and returns their checks in the order of the
// looks.
func Examine(ctx context.Context, looks []Look) []Check {
	found := make([][]Check, len(looks))
	inParallel(len(looks), func(i int) {
		ctx, cancel := context.WithTimeout(ctx, lookTime)
		defer cancel()
		found[i] = looks[i](ctx)
	})
	var checks []Check
	for _, some := range found {
		checks = append(checks, some...)
	}
	return checks
}

// inParallel calls do for 0 to n-1, atOnce at a time, and returns when all are done.
func inParallel(n int, do func(i int)) {
	free := make(chan struct{}, atOnce)
	var working sync.WaitGroup
	for i := range n {
		working.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			do(i)
		})
	}
	working.Wait()
}

// AllPassed reports whether every check is ok.
func AllPassed(checks []Check) bool {
	for _, c := range checks {
		if c.Status != OK {
			return false
		}
	}
	return true
}

func passed(name, format string, args ...any) Check {
	return Check{Name: name, Status: OK, Found: fmt.Sprintf(format, args...)}
}

// unknown is a check that AWS did not answer. action is what the call needs of IAM, such as
// cloudtrail:DescribeTrails.
func unknown(name, action string, err error) Check {
	if awserr.ClassOf(err) == awserr.Denied {
		return Check{
			name, Unknown, fmt.Sprintf("could not be checked: these credentials may not call %s", action),
			fmt.Sprintf("have %s added to their permissions, or use others", action),
		}
	}
	return Check{name, Unknown, fmt.Sprintf("could not be checked: %s", oneLine(err)), fmt.Sprintf("try again; the call was %s", action)}
}

// oneLine is an error without its line breaks.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// orPassed returns the problems, or one check that says that all is fine.
func orPassed(problems []Check, allPassed Check) []Check {
	if len(problems) == 0 {
		return []Check{allPassed}
	}
	return problems
}
