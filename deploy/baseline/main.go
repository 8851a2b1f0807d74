// Command baseline changes, on purpose, which rules security groups may have.
// It reads and writes Parameter Store and never writes to EC2.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first interrupt ends the work in order, a second one ends the process. SIGTERM is what kill and a stopped CI job
	// send: without it, records of CloudTrail would stay in the folder for temporary files.
	context.AfterFunc(ctx, stop)
	a := &app{Account: account.Account{Getenv: os.Getenv, Errs: os.Stderr, Now: time.Now}, in: terminal.Interruptible{Context: ctx, In: os.Stdin}, out: os.Stdout, layout: layoutProgram, frugal: frugal}
	status := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// heapForHistory is how large the Go heap may get while a history is read. The program's own text has some 28 MB more, so
// that all of it stays below 64 MB.
const heapForHistory = 26 << 20

// frugal has the garbage collected early from now on: a history makes much garbage and keeps little. Thousands of
// documents need more, since the state of their groups is kept: below what is kept, the collector would run all the time.
func frugal() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	debug.SetMemoryLimit(max(heapForHistory, 5*int64(now.HeapAlloc)))
}
