// Command bench measures the functions as whole processes, and prints the goals with the figures beside them.
//
// It builds the functions as they are built for Lambda, but for this machine, and beside them an empty function, one
// without the SDK (the floor) and, where there is a Python with boto3, one with boto3. Each round starts all of them, one
// after the other, under the Runtime API, against a stand-in of AWS. Everything is on loopback.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// options are the command's flags.
type options struct {
	rounds, warm   int
	sweeps, groups int
	against        string // a directory with other binaries, or empty
	built          string // the directory that make build builds in
	keep           string // a directory for the binaries; empty for one that is removed
	out            string // a file for the report, beside standard output; empty for none
	asForLambda    bool   // with the flags that the functions are built with for Lambda
}

func parse(arguments []string, to io.Writer) (options, error) {
	o := options{asForLambda: true}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(to)
	flags.IntVar(&o.rounds, "rounds", 15, "how often each process is started")
	flags.IntVar(&o.warm, "warm", 200, "how many events a process gets whose processor time is measured")
	flags.IntVar(&o.sweeps, "sweeps", 1, "how often the region is swept")
	flags.IntVar(&o.groups, "groups", 10_000, "how many groups the region has, with 20 rules each")
	flags.StringVar(&o.against, "against", "", "a `directory` with remediator/bootstrap and sweeper/bootstrap, built for this machine earlier: they are measured beside, as \"before\"")
	flags.StringVar(&o.built, "built", "build", "the `directory` where make build has built the functions for Lambda")
	flags.StringVar(&o.keep, "keep", "", "a `directory` to build the binaries in and keep them, for --against later")
	flags.StringVar(&o.out, "out", "", "a `file` to write the report to, beside printing it")
	if err := flags.Parse(arguments); err != nil {
		return options{}, err
	}
	if o.rounds < 1 || o.warm < 1 || o.sweeps < 1 || o.groups < 1 || flags.NArg() > 0 {
		return options{}, errors.New("bench: want flags only, and numbers of 1 or more (--help lists the flags)")
	}
	return o, nil
}

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer cancel()
		err = run(ctx, o, os.Stdout, os.Stderr, time.Now)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run builds everything and measures it. What it does meanwhile goes to progress.
func run(ctx context.Context, o options, to, progress io.Writer, now func() time.Time) (err error) {
	directory, err := os.MkdirTemp("", "sgwarden-bench-")
	if err != nil {
		return fmt.Errorf("make a directory for the benchmark: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	begun := start{now(), load()}
	fmt.Fprintln(progress, "building the functions, and what they are measured against")
	b, err := build(ctx, o, directory)
	if err != nil {
		return err
	}
	return benchmark(ctx, o, b, begun, to, progress, now)
}

// benchmark measures what is built and writes the report.
func benchmark(ctx context.Context, o options, b binaries, begun start, to, progress io.Writer, now func() time.Time) error {
	fmt.Fprintln(progress, "measuring sizes and what is linked in")
	f, err := measureFiles(ctx, o, b)
	if err != nil {
		return err
	}
	if f.rounds, err = measureRounds(ctx, o, b, progress, now); err != nil {
		return err
	}
	if f.sweeps, err = measureSweeps(ctx, o, b, progress); err != nil {
		return err
	}
	text := report(o, b, f, machine(begun, start{now(), load()}))
	if o.out != "" {
		if err := os.WriteFile(o.out, []byte(text), 0o644); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	_, err = io.WriteString(to, text)
	return err
}
