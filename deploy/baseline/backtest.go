package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/baseline/trailsource"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// backtest is what the verb of that name is asked to do.
type backtest struct {
	history         history
	baselines       []string // paths; none: Parameter Store
	from, to        string   // dates or times, as people write them
	states          []string // files with answers of EC2
	stateAt         string
	ownRoles        []string
	account, region string // of the baselines in files
	page, lang      string // where the HTML page is written, empty for none, and its language
	all             bool   // print everything
}

func backtestCommand(app *app) *cobra.Command {
	var b backtest
	c := &cobra.Command{
		Use:   "backtest HISTORY... [--baselines PATH]",
		Short: "Replay CloudTrail's history: what would sgwarden have done?",
		Long: `Replays what CloudTrail recorded, and says what sgwarden would have done about it with these baselines: who would have had
rules reverted, on which groups, which tools would fight, and what would have to be approved first. Nothing is written, and
nothing is changed.

` + historyHelp + `

--baselines PATH takes the documents from a file or a directory: baselines, and the guardrail, trust and pause documents.
Approvals are the files approvals/GROUP-ID/NAME.json in there, as in Parameter Store. AWS is not asked then. Without
--baselines the documents are read from Parameter Store, and calls in other accounts and regions are counted and not judged.

The documents count as if they had been there from the beginning. Exceptions and approvals permit up to their end.

CloudTrail records what changes, and not what is there. Where the history has the creation of a group, its rules are known.
Other groups begin without rules. --state FILE says what was there: the saved answer of
  aws ec2 describe-security-group-rules > FILE    or    aws ec2 describe-security-groups > FILE
It counts from --state-at on; without it, from the time at which the file was written.

Exit status: 0 nothing would have been reverted, reported or left waiting; 2 something would have been; 1 an error. Where a
part of the history could not be read, the whole result is printed and the exit status is 1.`,
		Example: `  baseline backtest AWSLogs/ --baselines baselines/
  baseline backtest AWSLogs/ --from 2026-10-01 --to 2026-10-31 --output json
  baseline backtest AWSLogs/ --baselines baselines/ --state rules.json --state-at 2026-10-01`,
		RunE: func(c *cobra.Command, args []string) error {
			b.history.arguments = args
			if b.history.sqlOnly {
				return app.printHistorySQL(b.history, b.from, b.to)
			}
			return app.backtest(c.Context(), b)
		},
	}
	flags := c.Flags()
	flags.StringArrayVar(&b.baselines, "baselines", nil, "file or directory of the documents to judge by; may be repeated")
	flags.StringVar(&b.from, "from", "", "count from this date or time on, such as 2026-10-01 (UTC); earlier records only tell which rules there were")
	flags.StringVar(&b.to, "to", "", "leave out what was after this date (the day itself counts) or time")
	flags.StringArrayVar(&b.states, "state", nil, "saved answer of EC2 that says the rules of groups; may be repeated")
	flags.StringVar(&b.stateAt, "state-at", "", "date or time of --state (default: when the file was written)")
	flags.StringArrayVar(&b.ownRoles, "own-role", nil, "ARN of an IAM role of sgwarden's own, whose calls are not judged; may be repeated (default: OWN_ROLE_ARNS)")
	flags.StringVar(&b.account, "account", "", "account of the --baselines: calls in others are counted and not judged")
	flags.StringVar(&b.region, "region", "", "region of the --baselines, likewise")
	flags.StringVar(&b.page, "out", "", "also write the result as an HTML page to this file")
	flags.StringVar(&b.lang, "lang", "en", "language of the page: en or ja")
	flags.BoolVar(&b.all, "all", false, "print all lines, and each day")
	app.addHistoryFlags(c, &b.history)
	return c
}

func (a *app) backtest(ctx context.Context, b backtest) error {
	if err := b.check(); err != nil {
		return err
	}
	options, err := a.replayOptions(ctx, &b)
	if err != nil {
		return err
	}
	sources, err := a.historyOf(ctx, b.history)
	if err != nil {
		return err
	}
	report, err := a.startReport(b)
	if err != nil {
		return err
	}
	summary, err := a.replay(ctx, b, sources, options, report.add)
	summary.complete(b, options)
	if err != nil {
		return errors.Join(report.finish(summary, err), err)
	}
	// Findings must not stand beside an error: they would hide the error, and make the exit status 2.
	if err := report.finish(summary, nil); err != nil {
		return err
	}
	return summary.outcome()
}

// check refuses what can't be meant, before AWS is asked and before a long history is read.
func (b backtest) check() error {
	if _, err := page.ParseLang(b.lang); err != nil {
		return misused("--lang: %v", err)
	}
	if b.account != "" && !trailsource.IsAccount(b.account) {
		return misused("--account %q: want an id of 12 digits", b.account)
	}
	if b.region != "" && !trailsource.IsRegion(b.region) {
		return misused("--region %q: want a name such as us-east-1", b.region)
	}
	if err := b.history.check(); err != nil {
		return err
	}
	return canBeWritten(b.page)
}

// canBeWritten refuses a name that no file can have. What else may fail shows when the file is written.
func canBeWritten(name string) error {
	if name == "" {
		return nil
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return misused("--out %s: want a file, and %s is a folder", name, name)
	}
	folder := filepath.Dir(name)
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return misused("--out %s: there is no folder %s: make the folder first", name, folder)
	}
	return nil
}

// replay reads the history and replays it.
func (a *app) replay(ctx context.Context, b backtest, sources traillog.Sources, options replay.Options, each func(replay.Revert) error) (s backtestSummary, err error) {
	if a.frugal != nil {
		a.frugal() // the documents are read
	}
	r := replay.New(options, each)
	bar := a.bar("reading the history")
	defer bar.Clear()
	// Records before options.From say which rules there were, where the sources have them.
	reading := traillog.Options{To: options.To, Workers: b.history.workers(), Report: func(p traillog.Progress) {
		bar.Show(p.BytesDone, p.BytesTotal, words.Count(int(p.Events), "call")+" on groups")
	}}
	selection := b.history.selection()
	s.Tally, err = traillog.Read(ctx, sources, reading, func(e traillog.Event) error {
		if !selection.Has(e.Trigger.Account, e.Trigger.Region) {
			return nil
		}
		s.chosen++
		return r.Take(replay.Event{Trigger: e.Trigger, Nothing: e.Nothing, Record: e.Record})
	})
	s.Skipped = s.Tally.Skipped
	if err != nil {
		return s, fmt.Errorf("replay the history: %w", err)
	}
	s.Result, err = r.Finish()
	return s, err
}

// replayOptions reads all that the replay is to know beside the history.
func (a *app) replayOptions(ctx context.Context, b *backtest) (o replay.Options, err error) {
	if o.From, err = momentOf("--from", b.from, false); err != nil {
		return o, err
	}
	if o.To, err = momentOf("--to", b.to, true); err != nil {
		return o, err
	}
	if !o.To.IsZero() && !o.From.Before(o.To) {
		return o, misused("--from %s is after --to %s", b.from, b.to)
	}
	if o.OwnRoles, err = a.ownRoles(b.ownRoles); err != nil {
		return o, err
	}
	if o.Descriptions, err = descriptions(b.states, b.stateAt); err != nil {
		return o, err
	}
	b.history.from, b.history.to = o.From, o.To
	// Clocks of AWS and of this machine may differ a little.
	o.Latest = a.Now().Add(time.Hour)
	if len(b.baselines) > 0 {
		o.Account, o.Region = b.account, b.region
		o.Documents, err = documentsInFiles(b.baselines)
		return o, err
	}
	if b.account != "" || b.region != "" {
		return o, misused("--account and --region say where the documents of --baselines are of; Parameter Store is that of the credentials")
	}
	return o, a.storedDocuments(ctx, &o)
}

// momentOf reads a date or a time in UTC. A date stands for its beginning, or for its end
// where that is asked for.
func momentOf(flag, text string, end bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, misused("%s %q: want a date such as 2026-10-01, or a time such as 2026-10-01T09:00:00Z", flag, text)
	}
	if end {
		at = at.AddDate(0, 0, 1)
	}
	return at, nil
}

// bar begins a line of progress.
func (a *app) bar(what string) *terminal.Bar { return terminal.StartBar(a.Errs, what, a.Now) }
