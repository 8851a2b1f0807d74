// Command baseline changes, on purpose, which rules security groups may have.
// It reads and writes Parameter Store and never writes to EC2.
package main

import (
	"context"
	"os"
	"os/signal"
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
	a := &app{Account: account.Account{Getenv: os.Getenv, Errs: os.Stderr, Now: time.Now}, in: terminal.Interruptible{Context: ctx, In: os.Stdin}, out: os.Stdout, layout: layoutBesideCommand}
	status := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}
