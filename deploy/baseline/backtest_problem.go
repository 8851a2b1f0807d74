package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// complete fills in what follows from the rest.
func (s *backtestSummary) complete(b backtest, o replay.Options) {
	s.Records, s.Bytes = s.Tally.Records, s.Tally.Bytes
	if s.Skipped == nil {
		s.Skipped = []traillog.Skipped{}
	}
	if s.Problem = s.whyNoCalls(b); s.Problem == "" && s.Changes+s.Own == 0 && s.rules().Sum() == 0 {
		s.Problem = s.whyNoneJudged(b, o)
	}
	if s.Problem == "" && s.Changes > 0 && s.Unguarded == s.Changes+s.Own {
		s.Problem = fmt.Sprintf("%s of the history: none is on a group that has a baseline here, and there is no guardrail, so nothing was judged. Are these the baselines of account %s?",
			words.Count(int(s.Changes), "change"), basefile.Printable(strings.Join(slices.Sorted(maps.Keys(s.Tally.Accounts)), ", ")))
	}
}

const rightHistory = "is this the right history?"

// whyNoCalls says why the history has no call about security groups, empty where it has one.
func (s *backtestSummary) whyNoCalls(b backtest) string {
	switch {
	case s.Tally.Events > 0:
		return ""
	case s.Records == 0 && len(s.Skipped) > 0:
		return "nothing of the history could be read: " + firstSkipped(s.Skipped)
	case s.Records == 0:
		return "the history has no records: " + rightHistory
	case s.Tally.Outside > 0: // only --to leaves out what was read
		return fmt.Sprintf("all of the history's calls about security groups are after --to %s", b.to)
	case len(s.Skipped) > 0:
		return "no call about security groups could be used: " + firstSkipped(s.Skipped)
	}
	return fmt.Sprintf("none of the %s is about security groups: %s", words.Count(int(s.Records), "record"), rightHistory)
}

// whyNoneJudged says why none of the calls was looked at, empty where there is no reason: calls that failed change nothing, and
// there may be no others.
func (s *backtestSummary) whyNoneJudged(b backtest, o replay.Options) string {
	switch {
	case s.chosen == 0:
		return "the history has no call about security groups in " + b.history.originsText()
	case s.Tally.Last.Before(o.From):
		return fmt.Sprintf("all of the history's calls about security groups are before --from %s: the last one is of %s", b.from, s.Tally.Last.Format(time.RFC3339))
	case len(s.Elsewhere) > 0:
		return fmt.Sprintf("the history is of %s, and the baselines are of %s: nothing was judged", originsText(s.Elsewhere), originText(o.Account, o.Region))
	case len(s.NotJudged) > 0:
		n := s.NotJudged[0]
		return fmt.Sprintf("no call about security groups could be judged: of %s, %s", words.Count(int(n.Calls), "call"), n.Reason)
	}
	return ""
}

// originsText names --accounts and --regions.
func (h history) originsText() string {
	return originText(strings.Join(h.accounts, " or "), strings.Join(h.regions, " or "))
}
