package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

func read(message cloud.Alert) (alert.Alert, error) {
	var document alert.Alert
	if err := json.Unmarshal([]byte(message.JSON), &document); err != nil {
		return document, fmt.Errorf("read alert %q: %w", message.Subject, err)
	}
	return document, nil
}

// conclude prints the table and compares everything with what it should be.
func (st *stage) conclude(ctx context.Context, scenes []*scene) error {
	if err := st.waitMails(ctx); err != nil {
		return st.explain(err)
	}
	problems, err := st.wrongRules(ctx, scenes)
	if err != nil {
		return err
	}
	reported, err := st.count(ctx, scenes)
	if err != nil {
		return err
	}
	problems = append(problems, reported.problems(st.due(scenes))...)
	mails := st.Mails()
	problems = append(problems, mailProblems(mails, "sgwarden-remediator", "sgwarden-sweeper")...)
	problems = append(problems, unreported(reported.reversions, mails)...)
	problems = append(problems, st.printScenes(scenes)...)
	if len(problems) > 0 {
		for _, problem := range problems {
			st.progress(st.screen.style(red, problem))
		}
		return st.explain(errUnexpected)
	}
	st.progress(fmt.Sprintf("subscribers got %d alerts of what was reverted, %d that a baseline or the trust was written, %d of approvals, and %d of what is pending",
		reported.reverted, reported.changed, reported.approved, reported.pending))
	st.progress(fmt.Sprintf("people got %d mails for %d alerts; each mail says what happened, who did it, whether it is handled, and what to do now",
		len(mails), len(st.Alerts())))
	st.progress("each violation was reverted and reported; the rules of all five groups are as approved, and nothing else was touched")
	st.invite()
	return nil
}

// Commands that show people their own account. A test of the command knows them by their back quotes.
const (
	drawOwn    = `deploy/baseline.sh graph --live --format svg --out groups.svg`
	captureOwn = `deploy/baseline.sh capture --all --out baselines`
	replayOwn  = `deploy/baseline.sh backtest event-history --baselines baselines`
)

// invite prints how to go on with an account of one's own.
func (st *stage) invite() {
	st.screen.title("Now look at your own account: these commands only read AWS, with the credentials of your shell")
	st.screen.printf("  who may reach whom, as a picture:\n    %s\n", drawOwn)
	st.screen.printf("  what sgwarden would have reverted in the last 90 days, if only what is live today were approved:\n    %s && %s\n", captureOwn, replayOwn)
}

// printScenes prints the table and returns the scenes' problems.
func (st *stage) printScenes(scenes []*scene) (problems []string) {
	st.screen.title("What was tried, and what came of it")
	rows := [][]cell{{{text: "group"}, {text: "rule"}, {text: "tried by"}, {text: "expected"}, {text: "result"}, {text: "ms"}}}
	for _, s := range scenes {
		result := cell{s.expected, green}
		if s.problem != "" {
			result = cell{s.problem, red}
			problems = append(problems, fmt.Sprintf("%s of %s: %s", st.withNames(s.rule), s.group, s.problem))
		}
		rows = append(rows, []cell{
			{text: s.group}, {text: st.withNames(s.rule)}, {text: s.by}, {text: s.expected}, result, {text: fmt.Sprint(s.elapsed.Milliseconds())},
		})
	}
	st.screen.table(rows)
	st.screen.printf("\n")
	return problems
}

// wrongRules compares the live rules of every group with what the scenes should have left.
func (st *stage) wrongRules(ctx context.Context, scenes []*scene) (problems []string, err error) {
	for _, group := range st.groups {
		var left []string
		for _, s := range scenes {
			if s.group == group.Name {
				left = append(left, s.leaves...)
			}
		}
		live, err := reference.Live(ctx, st.ec2, group.ID)
		if err != nil {
			return nil, err
		}
		if want := group.RulesAnd(left...); !slices.Equal(want, live) {
			problems = append(problems, fmt.Sprintf("%s has\n  %s\nand should have\n  %s", group.Name,
				strings.Join(live, "\n  "), strings.Join(want, "\n  ")))
		}
	}
	return problems, nil
}

// tally is what a subscriber has got.
type tally struct {
	reverted int // alerts that something was reverted
	changed  int // alerts that a baseline or the trust was created or updated
	approved int // alerts of approvals that somebody wrote
	pending  int // alerts of what waits for approval
	odd      []string

	reversions []delivered // the alerts that something was reverted, those of a burst too
}

// count counts what a subscriber has got. Alerts of no consequence are those that an approved rule isn't there yet, since
// its baseline came first, and those that a rule was gone already when its event came.
func (st *stage) count(ctx context.Context, scenes []*scene) (tally, error) {
	var t tally
	notifications, err := st.Notifications(ctx)
	if err != nil {
		return t, err
	}
	known, burst := map[string]bool{}, map[string]bool{}
	for _, s := range scenes {
		known[s.rule] = true
		for _, rule := range s.also {
			known[rule], burst[rule] = true, true
		}
	}
	for _, notification := range notifications {
		document, err := read(cloud.Alert{Subject: notification.Subject, JSON: notification.Message})
		if err != nil {
			return t, err
		}
		strange := slices.ContainsFunc(document.Findings, func(f alert.Finding) bool { return !known[f.Rule] })
		if document.Outcome == alert.Reverted {
			t.reversions = append(t.reversions, delivered{document: document})
		}
		switch {
		case len(document.Findings) > 0 && burst[document.Findings[0].Rule]: // how many there are is up to their timing
		case document.Kind == alert.BaselineChanged:
			t.changed++
		case document.Kind == alert.ApprovalChanged:
			t.approved++
		case document.Outcome == alert.Pending:
			t.pending++
		case document.Outcome == alert.Reverted:
			t.reverted++
		case strange || document.Outcome != alert.None && document.Outcome != alert.AlreadyGone:
			t.odd = append(t.odd, notification.Subject)
		}
	}
	return t, nil
}

// due is what a subscriber should have got.
func (st *stage) due(scenes []*scene) tally {
	t := tally{changed: st.changes, approved: st.approvals}
	for _, s := range scenes {
		switch s.kind {
		case "":
		case alert.PendingKind:
			t.pending++
		default:
			t.reverted++
		}
	}
	return t
}

func (t tally) problems(due tally) (problems []string) {
	for _, count := range []struct {
		of       string
		got, due int
	}{
		{"what was reverted", t.reverted, due.reverted},
		{"changed baselines and trust", t.changed, due.changed},
		{"approvals", t.approved, due.approved},
		{"what is pending", t.pending, due.pending},
	} {
		if count.got != count.due {
			problems = append(problems, fmt.Sprintf("subscribers got %d alerts of %s, and should have got %d", count.got, count.of, count.due))
		}
	}
	for _, subject := range t.odd {
		problems = append(problems, "subscribers got an alert that is none of these: "+subject)
	}
	return problems
}
