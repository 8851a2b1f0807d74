package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// backtestSummary is all that is told of a backtest beside the single reverts.
type backtestSummary struct {
	Records int64              `json:"records"`
	Bytes   int64              `json:"bytes"`
	Skipped []traillog.Skipped `json:"skipped"`
	replay.Result
	// Problem says why nothing, or next to nothing, could be judged. It is an error.
	Problem string `json:"problem,omitempty"`

	Tally traillog.Tally `json:"-"`
}

// complete fills in what follows from the rest.
func (s *backtestSummary) complete(o replay.Options) {
	s.Records, s.Bytes = s.Tally.Records, s.Tally.Bytes
	if s.Skipped == nil {
		s.Skipped = []traillog.Skipped{}
	}
	s.Problem = s.problem(o)
}

// problem says why the result says nothing about the baselines.
func (s *backtestSummary) problem(o replay.Options) string {
	const look = "is this the right history, and are --from and --to right?"
	switch {
	case s.Tally.Records == 0 && len(s.Skipped) > 0:
		return "" // the skipped files are the problem
	case s.Tally.Records == 0:
		return "the history has no records: " + look
	case s.Tally.Events == 0:
		return fmt.Sprintf("none of the %s is about security groups: %s", words.Count(int(s.Tally.Records), "record"), look)
	case s.Changes == 0 && s.Own == 0 && len(s.Elsewhere) > 0:
		return fmt.Sprintf("the history is of %s, and the baselines are of account %s, region %s: nothing was judged", placesText(s.Elsewhere), words.OrNone(o.Account), words.OrNone(o.Region))
	case s.Changes > 0 && s.Unguarded == s.Changes+s.Own:
		return fmt.Sprintf("all %s are on groups that have no baseline here, and there is no guardrail: nothing was judged. Are these the baselines of account %s?",
			words.Count(int(s.Changes), "change"), strings.Join(slices.Sorted(maps.Keys(s.Tally.Accounts)), ", "))
	}
	return ""
}

// placesText writes accounts and regions.
func placesText(places []replay.Place) string {
	var texts []string
	for i, p := range places {
		if i == 3 {
			texts = append(texts, fmt.Sprintf("%d more", len(places)-i))
			break
		}
		texts = append(texts, fmt.Sprintf("account %s, region %s", words.OrNone(p.Account), words.OrNone(p.Region)))
	}
	return strings.Join(texts, "; ")
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
	text := skipped[0].File + ": " + skipped[0].Reason
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
