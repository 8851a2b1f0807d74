package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// alertFor waits for the alert about an attempt.
func (st *stage) alertFor(ctx context.Context, a *attempt, group reference.Group) (cloud.Alert, error) {
	ctx, cancel := context.WithTimeout(ctx, st.patience)
	defer cancel()
	found, err := st.WaitAlert(ctx, func(message cloud.Alert) bool {
		document, err := read(message)
		return err == nil && document.Kind == alert.Drift && document.GroupID == group.ID && document.Outcome == alert.Reverted &&
			slices.ContainsFunc(document.Findings, func(f alert.Finding) bool {
				return f.Rule == a.rule && f.Action == alert.ActionRevoked
			})
	})
	if err != nil {
		return found, fmt.Errorf("no alert says that it was revoked: %w", err)
	}
	return found, nil
}

func read(message cloud.Alert) (alert.Alert, error) {
	var document alert.Alert
	if err := json.Unmarshal([]byte(message.JSON), &document); err != nil {
		return document, fmt.Errorf("read alert %q: %w", message.Subject, err)
	}
	return document, nil
}

// conclude prints the table and compares everything with what it should be.
func (st *stage) conclude(ctx context.Context, attempts []*attempt) error {
	if err := st.settle(ctx); err != nil {
		return st.explain(err)
	}
	problems, err := st.problems(ctx, attempts)
	if err != nil {
		return err
	}
	st.screen.title("What was tried, and what came of it")
	rows := [][]cell{{{text: "group"}, {text: "rule"}, {text: "tried by"}, {text: "expected"}, {text: "result"}, {text: "ms"}}}
	for _, a := range attempts {
		result := cell{a.expected(), green}
		if a.problem != "" {
			result = cell{a.problem, red}
			problems = append(problems, fmt.Sprintf("%s of %s: %s", a.rule, a.group, a.problem))
		}
		rows = append(rows, []cell{
			{text: a.group}, {text: a.rule}, {text: a.by}, {text: a.expected()}, result, {text: fmt.Sprint(a.elapsed.Milliseconds())},
		})
	}
	st.screen.table(rows)
	st.screen.printf("\n")
	if len(problems) > 0 {
		for _, problem := range problems {
			st.progress(st.screen.style(red, problem))
		}
		return st.explain(errUnexpected)
	}
	st.progress("each violation was revoked and reported; the rules of all five groups are as approved, and nothing else was touched")
	return nil
}

// problems compares the live rules of every group, and all alerts, with what should have come of the attempts.
func (st *stage) problems(ctx context.Context, attempts []*attempt) ([]string, error) {
	var problems []string
	violations := 0
	for _, group := range st.groups {
		var approved []string
		for _, a := range attempts {
			switch {
			case a.approved && a.group == group.Name:
				approved = append(approved, a.rule)
			case a.group == group.Name:
				violations++
			}
		}
		live, err := reference.Live(ctx, st.ec2, group.ID)
		if err != nil {
			return nil, err
		}
		if want := group.RulesAnd(approved...); !slices.Equal(want, live) {
			problems = append(problems, fmt.Sprintf("%s has\n  %s\nand should have\n  %s", group.Name,
				strings.Join(live, "\n  "), strings.Join(want, "\n  ")))
		}
	}
	drifts, err := st.drifts(ctx)
	if err != nil {
		return nil, err
	}
	if drifts != violations {
		problems = append(problems, fmt.Sprintf("subscribers got %d alerts of drift for %d violations", drifts, violations))
	}
	return problems, nil
}

// drifts counts the alerts of drift that a subscriber has got.
func (st *stage) drifts(ctx context.Context) (int, error) {
	notifications, err := st.Notifications(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	var errs []error
	for _, notification := range notifications {
		document, err := read(cloud.Alert{Subject: notification.Subject, JSON: notification.Message})
		errs = append(errs, err)
		if document.Kind == alert.Drift {
			n++
		}
	}
	return n, errors.Join(errs...)
}
