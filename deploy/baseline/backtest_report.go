package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// backtestSummary is all that is reported of a backtest besides the single reverts.
type backtestSummary struct {
	Records int64              `json:"records"`
	Bytes   int64              `json:"bytes"`
	Skipped []traillog.Skipped `json:"skipped"`
	replay.Result
	// Problem says why nothing could be judged, so that there is no answer. It is an error.
	Problem string `json:"problem,omitempty"`

	Tally  traillog.Tally `json:"-"`
	chosen int64          // calls that --accounts and --regions do not leave out
}

// originsText writes accounts and regions.
func originsText(origins []replay.Origin) string {
	var texts []string
	for i, p := range origins {
		if i == 3 {
			texts = append(texts, fmt.Sprintf("%d more", len(origins)-i))
			break
		}
		texts = append(texts, originText(p.Account, p.Region))
	}
	return strings.Join(texts, "; ")
}

// originText names an account and a region, each where it is known.
func originText(account, region string) string {
	var parts []string
	if account != "" {
		parts = append(parts, "account "+basefile.Printable(account))
	}
	if region != "" {
		parts = append(parts, "region "+basefile.Printable(region))
	}
	return cmp.Or(strings.Join(parts, ", "), "an account and a region that the records do not name")
}

// outcome is what the exit status comes from.
func (s *backtestSummary) outcome() error {
	switch {
	case s.Problem != "":
		return errors.New(s.Problem)
	case len(s.Skipped) > 0:
		return fmt.Errorf("%s of the history could not be read, so the result is not complete: %s", words.Count(len(s.Skipped), "part"), firstSkipped(s.Skipped))
	case s.rules().Sum() > 0:
		return errFindings
	}
	return nil
}

func firstSkipped(skipped []traillog.Skipped) string {
	text := basefile.Printable(skipped[0].File + ": " + skipped[0].Reason)
	if len(skipped) > 1 {
		text += fmt.Sprintf(" (and %d more)", len(skipped)-1)
	}
	return text
}

// rules counts the rules that sgwarden would have acted on.
func (s *backtestSummary) rules() (all replay.Tally) {
	for _, d := range s.ByDay {
		all.Reverted += d.Reverted
		all.Reported += d.Reported
		all.Pending += d.Pending
	}
	return all
}

// backtestReport takes the reverts as they come, and then the summary.
type backtestReport interface {
	add(replay.Revert) error
	// finish writes the rest. failed says why the replay ended early, nil if it did not.
	finish(s backtestSummary, failed error) error
}

func (a *app) startReport(b backtest) (backtestReport, error) {
	var report backtestReport = &textReport{out: a.out, paint: a.painter(), all: b.all}
	if a.output == "json" {
		var err error
		if report, err = startJSONReport(a.out); err != nil {
			return nil, err
		}
	}
	if b.page == "" {
		return report, nil
	}
	return bothReports{report, &pageReport{app: a, of: b}}, nil
}

// bothReports are two reports of one backtest.
type bothReports [2]backtestReport

func (b bothReports) add(r replay.Revert) error {
	return errors.Join(b[0].add(r), b[1].add(r))
}

func (b bothReports) finish(s backtestSummary, failed error) error {
	return errors.Join(b[0].finish(s, failed), b[1].finish(s, failed))
}

// wouldHave says in a few words what became of rules, such as "8 reverted, 2 reported".
func wouldHave(t replay.Tally) string {
	var parts []string
	for _, part := range []struct {
		n    int64
		what alert.Outcome
	}{{t.Reverted, "reverted"}, {t.Reported, "reported only"}, {t.Pending, "left waiting"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
