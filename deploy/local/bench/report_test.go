package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/bench/figures"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestAGoalIsMetByTheFigureAsItIsPrinted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		goal
		met bool
	}{
		"below the most":                      {goal{limit: 2, figure: figures.Series{1.9}, digits: 1}, true},
		"above the most":                      {goal{limit: 2, figure: figures.Series{2.1}, digits: 1}, false},
		"above by less than is printed":       {goal{limit: 2, figure: figures.Series{2.04}, digits: 1}, true},
		"above the least":                     {goal{limit: 60, atLeast: true, figure: figures.Series{61}}, true},
		"below the least":                     {goal{limit: 60, atLeast: true, figure: figures.Series{59}}, false},
		"the median counts":                   {goal{limit: 2, figure: figures.Series{1, 2, 9}}, true},
		"but the worst where one is too many": {goal{limit: 2, figure: figures.Series{1, 2, 9}, worst: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.goal.met(); got != c.met {
				t.Errorf("got %v, want %v", got, c.met)
			}
		})
	}
}

func TestTheGoalsAreATable(t *testing.T) {
	t.Parallel()
	goals := []goal{
		{what: "what is met", limit: 8.5, unit: " MB", digits: 1, figure: figures.Series{8.5}},
		{what: "what is missed", limit: 1.4, unit: " ×", digits: 2, figure: figures.Series{1.5, 1.6, 1.9}, before: figures.Series{2.65}},
		{what: "what is to be high", limit: 60, atLeast: true, unit: " ×", digits: 1, figure: figures.Series{61.04, 62.36, 64}},
		{what: "what there is no figure for", limit: 60, atLeast: true, unit: " ×", digits: 1},
	}
	for name, beside := range map[string]bool{"alone": false, "against": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			writeGoals(&got, goals, beside)
			golden(t, "testdata/goals-"+name+".txt", got.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-update writes it anew): %s", name, diff)
	}
}
