package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/baseline/trailsource"
)

// historyHelp is the part of backtest's help on where histories come from.
const historyHelp = `HISTORY is any number of:
  PATH               files and folders as CloudTrail writes them to S3, packed or not; /dev/stdin for standard input
  s3://BUCKET/PREFIX the same in S3: the folders of the days from --from to --to are listed, and of --accounts and --regions
  event-history      CloudTrail's own event history of this account: 90 days, no trail needed, one region or --regions.
                     CloudTrail answers two requests a second, 50 events each, so 100,000 events take about 20 minutes
--athena DATABASE.TABLE is for a history of terabytes: Athena extracts the calls about security groups from the table that
AWS documents for CloudTrail, and says what it scanned and about what it cost. --athena-sql only prints the statement.

All of this only reads, but for the result that Athena writes. deploy/docs/backtest.md says which permissions each of them
needs, how long it takes, and what it costs.`

// history says which history is asked for: where it is, and which part of it.
type history struct {
	arguments         []string  // paths, locations in S3, event-history
	from, to          time.Time // from <= time of the event < to; a zero time is no limit
	accounts, regions []string
	keep              string // folder; empty: nothing is kept
	athena            string // DATABASE.TABLE; empty: no query
	workgroup, output string
	sqlOnly, fullScan bool
}

// addHistoryFlags adds the flags that say more of the history.
func (a *app) addHistoryFlags(c *cobra.Command, h *history) {
	flags := c.Flags()
	flags.StringSliceVar(&h.accounts, "accounts", nil, "count only calls in these accounts, and in S3 and Athena read no others (default: all)")
	flags.StringSliceVar(&h.regions, "regions", nil, "count only calls in these regions, and read no others, likewise (default: all; of event-history that of the AWS environment)")
	flags.StringVar(&h.keep, "keep", "", "folder for the calls about security groups of each object of S3 that was read: the next run, also after an interrupt, reads no object twice")
	flags.StringVar(&h.athena, "athena", "", "let Athena extract the calls from this table: DATABASE.TABLE")
	flags.StringVar(&h.workgroup, "workgroup", "", "workgroup of Athena (default: Athena's own, primary)")
	flags.StringVar(&h.output, "athena-output", "", "where Athena writes its result: s3://BUCKET/PREFIX/ (default: where the workgroup says)")
	flags.BoolVar(&h.sqlOnly, "athena-sql", false, "print the statement for --athena, for a table as AWS documents it, and do nothing else")
	flags.BoolVar(&h.fullScan, "full-scan", false, "Athena may read the whole table, where no partition limits the query to days")
}

// selection is the part of the history that is wanted.
func (h history) selection() trailsource.Selection {
	return trailsource.Selection{From: h.from, To: h.to, Accounts: h.accounts, Regions: h.regions}
}

// historyOf returns the sources of a history: of the arguments, and of --athena.
func (a *app) historyOf(ctx context.Context, h history) (traillog.Sources, error) {
	selection := h.selection()
	if err := selection.Check(); err != nil {
		return nil, err
	}
	var all []traillog.Sources
	var paths []string
	for _, arg := range h.arguments {
		var one traillog.Sources
		var err error
		switch {
		case trailsource.IsLocation(arg):
			one, err = a.bucketHistory(ctx, h, arg, selection)
		case arg == trailsource.EventHistory:
			one, err = a.eventHistory(ctx, selection)
		default:
			paths = append(paths, arg)
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if len(paths) > 0 {
		all = append(all, traillog.Files(paths))
	}
	if h.athena != "" {
		result, err := a.athenaHistory(ctx, h, selection)
		if err != nil {
			return nil, err
		}
		all = append(all, result)
	}
	return inTurn(all), nil
}

// downloads is how many objects of S3 are read at the same time: reading them is waiting for the network above all.
const downloads = 16

// workers is how many sources are read at the same time; 0 for as many as there are cores.
func (h history) workers() int {
	if slices.ContainsFunc(h.arguments, trailsource.IsLocation) {
		return downloads
	}
	return 0
}

// check refuses what can't be meant.
func (h history) check() error {
	switch {
	case len(h.arguments) == 0 && h.athena == "":
		return misused("backtest: which history? Name files, s3://BUCKET/PREFIX, event-history, or --athena DATABASE.TABLE")
	case h.athena == "" && (h.workgroup != "" || h.output != "" || h.sqlOnly || h.fullScan):
		return misused("backtest: --workgroup, --athena-output, --athena-sql and --full-scan are for --athena DATABASE.TABLE, which is not there")
	case h.keep != "" && !slices.ContainsFunc(h.arguments, trailsource.IsLocation):
		return misused("backtest: --keep is for s3://BUCKET/PREFIX, which is not there")
	}
	for _, argument := range h.arguments {
		if err := checkHistory(argument); err != nil {
			return err
		}
	}
	return h.selection().Check()
}

// checkHistory refuses what is no location in S3, not event-history, and no path of a file or a folder.
func checkHistory(argument string) error {
	if trailsource.IsLocation(argument) || argument == trailsource.EventHistory {
		return nil
	}
	_, err := os.Lstat(argument)
	if !errors.Is(err, fs.ErrNotExist) {
		return nil // other errors are reported when the file is read
	}
	near := fmt.Sprintf("a place in S3 is s3://BUCKET/PREFIX, and %s is CloudTrail's own history", trailsource.EventHistory)
	switch letters := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(argument)); {
	case argument == "-":
		near = "say /dev/stdin for standard input"
	case strings.HasPrefix(letters, "s3:"):
		near = "a place in S3 is s3://BUCKET/PREFIX, and the letters are small"
	case strings.HasPrefix(letters, "eventhist"):
		near = fmt.Sprintf("%s is CloudTrail's own history", trailsource.EventHistory)
	}
	return misused("backtest: there is no file and no folder %q: %s", argument, near)
}

// inTurn yields the sources of one part of a history after those of another.
func inTurn(all []traillog.Sources) traillog.Sources {
	return func(yield func(traillog.Source, error) bool) {
		for _, sources := range all {
			for source, err := range sources {
				if !yield(source, err) {
					return
				}
			}
		}
	}
}

func (a *app) bucketHistory(ctx context.Context, h history, arg string, selection trailsource.Selection) (traillog.Sources, error) {
	location, err := trailsource.ParseLocation(arg)
	if err != nil {
		return nil, err
	}
	cfg, err := a.AWS(ctx)
	if err != nil {
		return nil, err
	}
	var keep *trailsource.Keep
	if h.keep != "" {
		if keep, err = trailsource.NewKeep(h.keep); err != nil {
			return nil, err
		}
	}
	return trailsource.S3(ctx, cfg, location, selection, keep)
}

func (a *app) eventHistory(ctx context.Context, selection trailsource.Selection) (traillog.Sources, error) {
	cfg, err := a.AWS(ctx)
	if err != nil {
		return nil, err
	}
	if oldest := a.Now().Add(-trailsource.Kept); selection.From.Before(oldest) {
		fmt.Fprintf(a.Errs, "note: the event history goes back 90 days, to %s\n", oldest.UTC().Format(time.DateOnly))
	}
	return trailsource.History(ctx, cfg, selection, a.clock())
}

// clock is the time of the command.
func (a *app) clock() trailsource.Clock {
	clock := trailsource.Clock{Now: a.Now, Sleep: a.sleep}
	if clock.Sleep == nil {
		clock.Sleep = trailsource.Sleep
	}
	return clock
}

// query is the query of --athena.
func (a *app) query(h history) (trailsource.Athena, error) {
	table, err := trailsource.ParseTable(h.athena)
	line := progressLine{io.Discard}
	if terminal.Is(a.Errs) {
		line.out = a.Errs
	}
	return trailsource.Athena{
		Table: table, Workgroup: h.workgroup, Output: h.output, FullScan: h.fullScan, Clock: a.clock(), Progress: line.Show,
		Report: func(text string) { line.Clear(); fmt.Fprintln(a.Errs, text) },
	}, err
}

func (a *app) athenaHistory(ctx context.Context, h history, selection trailsource.Selection) (traillog.Sources, error) {
	query, err := a.query(h)
	if err != nil {
		return nil, err
	}
	cfg, err := a.AWS(ctx)
	if err != nil {
		return nil, err
	}
	return query.Sources(ctx, cfg, selection)
}

// printHistorySQL prints the statement of --athena for dates as people write them, and asks AWS nothing.
func (a *app) printHistorySQL(h history, from, to string) (err error) {
	if h.from, err = momentOf("--from", from, false); err != nil {
		return err
	}
	if h.to, err = momentOf("--to", to, true); err != nil {
		return err
	}
	if err := h.check(); err != nil {
		return err
	}
	query, err := a.query(h)
	if err != nil {
		return err
	}
	sql, err := query.SQL(h.selection())
	if err != nil {
		return err
	}
	_, err = io.WriteString(a.out, sql)
	return err
}
