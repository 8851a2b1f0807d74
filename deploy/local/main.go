// Command local runs sgwarden on a local AWS: moto, the deployed template and the real function. No AWS account, no
// Docker; nothing leaves this machine.
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
)

const usage = `Usage: go run ./deploy/local COMMAND [OPTION...]

Runs sgwarden on a local AWS (moto) with its own template and its real function. Needs moto_server and aws on PATH and
what "make build local-build" builds; "make demo" and "make local" see to both.

Commands:
  demo     plays each kind of drift, and approved changes, and shows what becomes of them; exit status 0 if all is as
           it should be
  serve    keeps the local AWS running until ^C, for any AWS client, and shows the mails as people get them; sweeps run
           as often as deployed

Options:
  --verbose    also show what deploy.sh and the function print
  --json       serve: also show the JSON of each alert
  --help       show this

Colours are for terminals only; NO_COLOR turns them off.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second ^C ends at once
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr, coloured(os.Stdout))
	stop()
	os.Exit(status)
}

// run is the program but for the process around it. It returns the exit status.
func run(ctx context.Context, arguments []string, stdout, stderr io.Writer, colour bool) int {
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stdout, usage) }
	verbose := flags.Bool("verbose", false, "")
	json := flags.Bool("json", false, "")
	command := ""
	if len(arguments) > 0 && len(arguments[0]) > 0 && arguments[0][0] != '-' {
		command, arguments = arguments[0], arguments[1:]
	}
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2 // it has said why
	}
	s := &screen{out: stdout, colour: colour}
	var err error
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("unknown argument %q; see --help", flags.Arg(0))
	case command == "demo":
		err = demo(ctx, s, settings{verbose: *verbose})
	case command == "serve":
		err = serve(ctx, s, settings{verbose: *verbose, json: *json})
	case command == "":
		fmt.Fprint(stderr, usage)
		return 2
	default:
		err = fmt.Errorf("unknown command %q; see --help", command)
	}
	if err != nil {
		fmt.Fprintf(stderr, "local: %v\n", err)
		return 1
	}
	return 0
}
