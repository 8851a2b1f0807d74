package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/review"
)

// reportRequest says which review to write, and where.
type reportRequest struct {
	out, format, lang string
	since             string // as people wrote it; empty: since the last review
	last              string
	alerts            []string
	paths             []string // of baseline files
	stack             string
}

const reportHelp = `Writes the review of the account and region as one file: which rules are approved, by whom and since when, which approvals
end when, what differs now, what was reverted since the last review, suggestions, and the groups without a baseline.
The command only reads AWS.

The review is compared with the last one: with the file of --last, or with what --out had before. A file of --out that is no
review is left alone. The time under review begins at the last review, or 30 days ago.

Who approved a rule is who wrote the version of the baseline that brought the rule, from Parameter Store's history. With PATH,
files of baselines or directories of them, the commit that brought the rule into its file is told too.

What was reverted comes from the functions' log, by a query of CloudWatch Logs Insights, which AWS charges by the data that it
scans; or from files of --alerts: what the alert topic published, one alert a line, as JSON or in the envelope of SNS, text
or gzip. What can't be read is named in the review, which is written all the same.

Formats:
  html  a page for people. It opens from a disk, needs no network and no JavaScript, and prints on A4
  csv   one row a rule, for spreadsheets: UTF-8 with a byte order mark, RFC 4180
  ocsf  events of the Open Cybersecurity Schema Framework, one a line: a Compliance Finding for each group or each rule
        that differs, a Detection Finding for each revert
Beside a file of csv or ocsf stands FILE.review.json, with which the next review compares itself.

Exit status: 0 nothing differs, 2 something differs or a document can't be used, 1 an error. The review is written with 0 and 2.`

func reportCommand(a *app) *cobra.Command {
	r := reportRequest{}
	c := &cobra.Command{
		Use:   "report [PATH...] --out FILE",
		Short: "Write the monthly review: approvals, who gave them, drift, reverts",
		Long:  reportHelp,
		Example: `  baseline report --out review-2026-11.html --last review-2026-10.html
  baseline report baselines --out review.html --lang ja
  baseline report --out review.csv --format csv --since 2026-11-01
  baseline report --out review.ndjson --format ocsf --alerts alerts.ndjson`,
		RunE: func(c *cobra.Command, args []string) error {
			r.paths = args
			return a.report(c.Context(), r)
		},
	}
	flags := c.Flags()
	flags.StringVar(&r.out, "out", "", "the `FILE` to write")
	flags.StringVar(&r.format, "format", "html", "html, csv or ocsf")
	flags.StringVar(&r.lang, "lang", "en", "language of the page: en, or ja for Japanese")
	flags.StringVar(&r.since, "since", "", "the `DATE` at which the time under review begins, such as 2026-11-01 or 2026-11-01T09:00:00Z")
	flags.StringVar(&r.last, "last", "", "the `FILE` of the last review, to compare with (default: what --out had before)")
	flags.StringArrayVar(&r.alerts, "alerts", nil, "read what was reverted from this `FILE` of alerts, and not from the log; may be repeated")
	flags.StringVar(&r.stack, "stack-name", deadletters.DefaultName, "name of the stack whose log is read; where there is none of that default name, the one that a stack set has made")
	for flag, words := range map[string][]string{"format": {"html", "csv", "ocsf"}, "lang": {"en", "ja"}} {
		if err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

// byDefault is how long the time under review is where there is no last review.
const byDefault = 30 * 24 * time.Hour

// check refuses what makes no sense, before AWS is asked anything. since is zero where
// people named none.
func (r reportRequest) check(now time.Time) (lang page.Lang, since time.Time, err error) {
	if r.out == "" {
		return "", since, misused("say which file to write: --out FILE")
	}
	if r.format != "html" && r.format != "csv" && r.format != "ocsf" {
		return "", since, misused("--format %q: want html, csv or ocsf", r.format)
	}
	if !stackName.MatchString(r.stack) {
		return "", since, misused("--stack-name %q is not the name of a stack", r.stack)
	}
	if lang, err = page.ParseLang(r.lang); err != nil {
		return "", since, misused("--lang: %v", err)
	}
	if r.since == "" {
		return lang, since, nil
	}
	if since, err = time.Parse(time.DateOnly, r.since); err != nil {
		since, err = time.Parse(time.RFC3339, r.since)
	}
	switch {
	case err != nil:
		return "", since, misused("--since %q: want a date such as 2026-11-01 or 2026-11-01T09:00:00Z, in UTC", r.since)
	case !since.Before(now):
		return "", since, misused("--since %s is in the future", r.since)
	}
	return lang, since.UTC(), nil
}

// lastReview reads what the last review left; nil where there is none. A file of --out that
// is no review is an error: the file may be somebody's.
func (r reportRequest) lastReview() (*review.Saved, error) {
	_, err := os.Lstat(r.out)
	overwrites := !errors.Is(err, fs.ErrNotExist)
	var there *review.Saved
	if overwrites {
		if there, err = review.ReadSaved(r.out); err != nil {
			return nil, fmt.Errorf("%s is there already: %w: name another --out, or remove the file", r.out, err)
		}
	}
	if r.last != "" {
		return review.ReadSaved(r.last)
	}
	return there, nil
}

func (a *app) report(ctx context.Context, r reportRequest) error {
	lang, since, err := r.check(a.Now())
	if err != nil {
		return err
	}
	last, err := r.lastReview()
	if err != nil {
		return err
	}
	where, err := a.Identity(ctx)
	if err != nil {
		return err
	}
	if last != nil {
		if err := last.Fits(where, a.Now()); err != nil {
			return err
		}
	}
	switch {
	case !since.IsZero():
	case last != nil:
		since = last.MadeAt
	default:
		since = a.Now().Add(-byDefault)
	}
	read, groups, err := a.readReport(ctx, r, since, last)
	if err != nil {
		return err
	}
	if err := a.writeReport(ctx, r, lang, read, groups); err != nil {
		return err
	}
	if read.Overview.Differs() {
		return errFindings
	}
	return nil
}
