package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// textReport prints the summary for people, the answer first.
type textReport struct {
	out   io.Writer
	paint terminal.Paint
	all   bool
}

func (r *textReport) add(replay.Revert) error { return nil }

func (r *textReport) finish(s backtestSummary, failed error) error {
	if failed != nil {
		return nil // the error says all that there is to say
	}
	var text strings.Builder
	p := backtestText{&text, r.paint, r.all}
	if s.Problem == "" {
		p.answer(s)
		p.actors(s.ByActor)
		p.groups(s.ByGroup)
		p.rules(s.ByRule)
		p.contentions(s.Contentions)
		p.needed(s.ApprovalsNeed)
		p.days(s.ByDay)
	}
	p.remarks(s)
	_, err := io.WriteString(r.out, text.String())
	return err
}

// backtestText writes the parts of the text.
type backtestText struct {
	*strings.Builder
	paint terminal.Paint
	all   bool
}

func (p backtestText) line(format string, args ...any) {
	fmt.Fprintf(p, "%s\n", strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

func (p backtestText) heading(format string, args ...any) {
	if p.Len() > 0 {
		p.line("")
	}
	p.line("%s", p.paint(terminal.Bold, fmt.Sprintf(format, args...)))
}

// answer is the first thing that people read.
func (p backtestText) answer(s backtestSummary) {
	n := fmt.Sprint(s.Calls.Reverted)
	if s.Calls.Reverted == 0 {
		n = "none"
	}
	text := fmt.Sprintf("In %s sgwarden would have reverted %s of %s", words.Count(len(s.ByDay), "day"), n, words.Count(int(s.Changes), "change"))
	if people := countActors(s.ByActor); people == 1 {
		text += ", of 1 person or tool"
	} else if people > 1 {
		text += fmt.Sprintf(", of %d people and tools", people)
	}
	colour := terminal.Green
	if s.rules().Sum() > 0 {
		colour = terminal.Yellow
	}
	p.line("%s", p.paint(colour, text+"."))
	if s.Calls.Reported > 0 {
		p.line("Of %s it would have told only: the mode is alert, or a pause was in force.", words.Count(int(s.Calls.Reported), "more change"))
	}
	if s.Calls.Pending > 0 {
		p.line("%s of trusted principals would have waited for approval.", words.Count(int(s.Calls.Pending), "more change"))
	}
	if s.Ended > 0 {
		p.line("%s would have gone when an exception, an approval or the time to approve ended.", words.Count(int(s.Ended), "rule"))
	}
	if s.OpenedBefore > 0 {
		p.line("Of %s the history does not say who opened them.", words.Count(int(s.OpenedBefore), "rule"))
	}
}

// countActors counts those who would have had something reverted.
func countActors(actors []replay.ActorCount) (n int) {
	for _, a := range actors {
		if a.Reverted > 0 {
			n++
		}
	}
	return n
}

// most is how many lines a list has unless all are asked for.
const most = 4

// few returns the first rows of a list, and how many are left out.
func few[R any](p backtestText, rows []R) (shown []R, left int) {
	if p.all || len(rows) <= most {
		return rows, 0
	}
	return rows[:most], len(rows) - most
}

func (p backtestText) more(left int) {
	if left > 0 {
		p.line("  and %d more: --all prints them", left)
	}
}

func (p backtestText) actors(rows []replay.ActorCount) {
	var acted []replay.ActorCount
	for _, a := range rows {
		if a.Sum() > 0 {
			acted = append(acted, a)
		}
	}
	if len(acted) == 0 {
		return
	}
	p.heading("Talk to these people first (rules of theirs):")
	shown, left := few(p, acted)
	for _, a := range shown {
		p.line("  %s: %s, in %s", basefile.Printable(a.Actor), wouldHave(a.Tally), words.Count(int(a.Changes), "change"))
	}
	p.more(left)
}

func (p backtestText) groups(rows []replay.GroupCount) {
	if len(rows) == 0 {
		return
	}
	p.heading("Groups:")
	shown, left := few(p, rows)
	for _, g := range shown {
		p.line("  %s: %s, by the %s; its rules are %s", groupText(g.GroupName, g.GroupID), wouldHave(g.Tally), g.JudgedBy, g.RulesKnown)
	}
	p.more(left)
}

func groupText(name, id string) string {
	if name == "" {
		return id
	}
	return fmt.Sprintf("%s (%s)", basefile.Printable(name), id)
}

func (p backtestText) rules(rows []replay.RuleCount) {
	if len(rows) == 0 {
		return
	}
	p.heading("Rules:")
	shown, left := few(p, rows)
	for _, r := range shown {
		p.line("  %s: %s", r.Rule, wouldHave(r.Tally))
	}
	p.more(left)
}

func (p backtestText) contentions(rows []replay.Contention) {
	if len(rows) == 0 {
		return
	}
	p.heading("Fights (somebody opens the same rule again and again):")
	shown, left := few(p, rows)
	for _, f := range shown {
		var who []string
		for _, a := range f.Actors {
			who = append(who, fmt.Sprintf("%s (%d)", basefile.Printable(a.Actor), a.Times))
		}
		p.line("  %s of %s: %d times, by %s", f.Rule, groupText(f.GroupName, f.GroupID), f.Times, strings.Join(who, ", "))
	}
	p.more(left)
}

func (p backtestText) needed(rows []replay.ApprovalNeeded) {
	if len(rows) == 0 {
		return
	}
	p.heading("Approve what is right before you switch sgwarden on:")
	shown, left := few(p, rows)
	for _, a := range shown {
		p.line("  %s", a.Command)
	}
	p.more(left)
}

// mostDayLines is how many lines the days have unless all are asked for.
const mostDayLines = 6

// days prints a line a day. Days without a revert that follow each other share a line,
// unless all are asked for.
func (p backtestText) days(rows []replay.DayCount) {
	if len(rows) == 0 {
		return
	}
	p.heading("Days (UTC):")
	lines := dayLines(rows, p.all)
	if left := len(lines) - mostDayLines; left > 0 && !p.all {
		p.line("  %d earlier lines are left out: --all prints them", left)
		lines = lines[left:]
	}
	for _, l := range lines {
		p.line("  %s", l)
	}
}

func dayLines(rows []replay.DayCount, each bool) (lines []string) {
	for i := 0; i < len(rows); i++ {
		first, changes := rows[i], rows[i].Changes
		for !each && first.Sum() == 0 && i+1 < len(rows) && rows[i+1].Sum() == 0 {
			i++
			changes += rows[i].Changes
		}
		span := first.Day
		if rows[i].Day != first.Day {
			span += " to " + rows[i].Day
		}
		lines = append(lines, fmt.Sprintf("%s: %s, %s", span, words.Count(int(changes), "change"), wouldHave(first.Tally)))
	}
	return lines
}

// remarks is what people have to know of how far the answer reaches.
func (p backtestText) remarks(s backtestSummary) {
	p.heading("What this rests on:")
	p.line("  %s in %s of %s; %s could open something in a guarded group: these were judged", words.Count(int(s.Records), "record"), words.Bytes(s.Bytes), words.Count(int(s.Tally.Sources), "file"), words.Count(int(s.Judged), "call"))
	for _, part := range []struct {
		n    int64
		text string
	}{
		{s.Unguarded, "on groups without a baseline, where there is no guardrail: left alone"},
		{s.Own, "of sgwarden itself: not judged"},
	} {
		if part.n > 0 {
			p.line("  %s %s", words.Count(int(part.n), "call"), part.text)
		}
	}
	for _, n := range s.NotJudged {
		p.line("  %s could not be judged: %s (such as %s at %s)", words.Count(int(n.Calls), "call"), n.Reason, basefile.Printable(cmp.Or(n.Example.EventID, n.Example.EventName)), n.Example.Time.Format(time.RFC3339))
	}
	if len(s.Elsewhere) > 0 {
		p.line("  %s elsewhere were not judged: %s", words.Count(int(callsElsewhere(s.Elsewhere)), "call"), originsText(s.Elsewhere))
	}
	assumptions := s.Assumptions
	if !p.all && len(assumptions) > 1 {
		assumptions = assumptions[:1]
	}
	for _, a := range assumptions {
		p.line("  %s", a)
	}
	if len(s.Assumptions) > len(assumptions) {
		p.line("  What is not replayed: --all tells.")
	}
	skipped, left := few(p, s.Skipped)
	for _, f := range skipped {
		p.line("  not read: %s: %s", basefile.Printable(f.File), basefile.Printable(f.Reason))
	}
	p.more(left)
}

func callsElsewhere(origins []replay.Origin) (n int64) {
	for _, p := range origins {
		n += p.Calls
	}
	return n
}
