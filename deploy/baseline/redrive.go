package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
)

// redriveRequest is what the verb redrive is asked to do.
type redriveRequest struct {
	do            string // show, replay or discard
	ids           []string
	reason        string
	stack, region string
	yes, lines    bool
}

const redriveHelp = `show lists what waits in the dead-letter queues of sgwarden's stack: what happened, when, who did it, and why nobody could
deal with it. The messages stay. They are hidden from others while show reads, and show puts them back. If show is killed,
SQS puts them back after a minute and a second for each message.

replay shows the same and asks. Then it gives each event to the remediator again, and removes a message once Lambda has
accepted its event. A replay is safe whatever happened since: the remediator judges the rules and the baseline of now, and
judging twice does no harm. What fails again comes back to the queue some minutes later. Sweeps are not replayed one by one:
the sweeper is invoked once for all of them. Alerts that did not become a mail go back into the notifier's queue. A message
that can't be understood is shown and stays; 'show --json' has its body.

discard removes a message that nobody can use. It shows the message and asks. Before it removes the message, it writes a
line to the log group of the function concerned: who, when, the reason, and the id and digest of the message. The log stream
is redrive-discard/YYYY/MM/DD. A message whose line can't be written stays. --event names the messages.

Permissions: cloudformation:DescribeStacks, sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:ChangeMessageVisibility. To
replay also sqs:DeleteMessage, sqs:SendMessage and lambda:InvokeFunction; to discard also sqs:DeleteMessage,
logs:CreateLogStream and logs:PutLogEvents.

Exit status of show: 0 the queues are empty, 2 there are messages, in flight ones included, 1 an error.
Exit status of replay: 0 AWS accepted all that was to be replayed, 2 the same but (without --event) messages remain that
can't be understood or are in flight, 1 an error, or nobody said yes.
Exit status of discard: 0 the messages are gone, 1 an error, or nobody said yes.`

func redriveCommand(a *app) *cobra.Command {
	r := redriveRequest{}
	c := &cobra.Command{
		Use:   "redrive [show | replay | discard]",
		Short: "Show the messages that nobody could deal with, replay or discard them",
		Long:  redriveHelp,
		Example: `  baseline redrive
  baseline redrive show --json | jq -r 'select(.group == "sg-0a1b2c3d4e5f60718") | .eventId'
  baseline redrive replay --event 53c3a5f2-7905-4bdd-ad8a-7ecb7c9ed281
  baseline redrive discard --event 0b7c1a52-6f7b-4b0e-9d0b-2f8f5f1f7a11 --reason 'no event: somebody tested the queue'`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: []string{"show", "replay", "discard"},
		RunE: func(c *cobra.Command, args []string) error {
			if r.do = "show"; len(args) > 0 {
				r.do = args[0]
			}
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGTERM) // or messages would stay hidden
			defer stop()
			return a.redrive(ctx, r)
		},
	}
	c.Flags().BoolVar(&r.lines, "json", false, "show: a line of JSON for each message, with its body; counts go to standard error")
	c.Flags().BoolVarP(&r.yes, "yes", "y", false, "replay and discard: don't ask")
	c.Flags().StringArrayVar(&r.ids, "event", nil, "replay and discard: only this `ID`, of an event, an alert or a message; may be repeated")
	c.Flags().StringVar(&r.reason, "reason", "", "discard: why, for the log")
	c.Flags().StringVar(&r.stack, "stack-name", deadletters.DefaultName, "name of the stack; where there is none of that default name, the one that a stack set has made")
	c.Flags().StringVar(&r.region, "region", "", "region of the stack (default: that of the AWS environment)")
	return c
}

var stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// longestReason is in characters.
const longestReason = 1_000

// check refuses what makes no sense, before AWS is asked anything.
func (r redriveRequest) check() error {
	shows, discards := r.do == "show", r.do == "discard"
	switch {
	case !shows && !discards && r.do != "replay":
		return fmt.Errorf("redrive %q: want show, replay or discard", r.do)
	case !stackName.MatchString(r.stack):
		return fmt.Errorf("--stack-name %q is not the name of a stack", r.stack)
	case r.lines && !shows:
		return errors.New("--json goes with show only")
	case shows && (r.yes || len(r.ids) > 0):
		return errors.New("--yes and --event go with replay and discard only")
	case slices.Contains(r.ids, ""):
		return errors.New("--event is empty: say the id of an event or a message")
	case !discards && r.reason != "":
		return errors.New("--reason goes with discard only")
	case discards && len(r.ids) == 0:
		return errors.New("say which message to discard: --event ID")
	case discards && strings.TrimSpace(r.reason) == "":
		return errors.New("say why: --reason TEXT")
	case utf8.RuneCountInString(r.reason) > longestReason:
		return fmt.Errorf("--reason is longer than %d characters", longestReason)
	}
	return nil
}

func (a *app) redrive(ctx context.Context, r redriveRequest) error {
	if err := r.check(); err != nil {
		return err
	}
	if r.do != "show" && !r.yes {
		if err := a.canAsk("nothing was done"); err != nil {
			return err
		}
	}
	cfg, err := a.inRegion(ctx, r.region)
	if err != nil {
		return err
	}
	stack, err := deadletters.ReadStack(ctx, cloudformation.NewFromConfig(cfg), r.stack, cfg.Region)
	if err != nil {
		return err
	}
	if err := a.sayStack(stack, cfg.Region); err != nil {
		return err
	}
	desk := deadletters.Desk{
		Queues: sqs.NewFromConfig(cfg), Functions: lambda.NewFromConfig(cfg),
		Log: deadletters.CloudWatchLogs{Client: cloudwatchlogs.NewFromConfig(cfg)},
	}
	all, err := desk.List(ctx, stack.Queues)
	switch {
	case r.do == "show":
		return errors.Join(err, a.showLetters(stack, cfg.Region, all, r.lines))
	case err != nil:
		return fmt.Errorf("nothing was done: %w", err)
	case r.do == "replay":
		return a.replayLetters(ctx, desk, r, all)
	}
	return a.discardLetters(ctx, desk, r, all)
}

// canAsk returns an error where nobody can be asked.
func (a *app) canAsk(nothing string) error {
	switch {
	case a.output == "json":
		return fmt.Errorf("%s: --output json doesn't ask, so add --yes", nothing)
	case !terminal.Is(a.in):
		return fmt.Errorf("%s: this is not a terminal to ask on: add --yes", nothing)
	}
	return nil
}

// inRegion returns the configuration for a region, or for that of the environment.
func (a *app) inRegion(ctx context.Context, region string) (aws.Config, error) {
	if region != "" && a.Config == nil {
		if err := os.Setenv("AWS_REGION", region); err != nil {
			return aws.Config{}, fmt.Errorf("use the region %q: %w", region, err)
		}
	}
	cfg, err := a.AWS(ctx)
	if region != "" {
		cfg.Region = region
	}
	return cfg, err
}
