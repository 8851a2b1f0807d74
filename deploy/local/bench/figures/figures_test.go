package figures_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/bench/figures"
)

func TestMedianAndQuartiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values               figures.Series
		median, first, third float64
	}{
		"one value is all of them":                         {figures.Series{7}, 7, 7, 7},
		"an even number has its median between two":        {figures.Series{4, 1}, 2.5, 1.75, 3.25},
		"an odd number has one in the middle":              {figures.Series{9, 1, 5, 3, 7}, 5, 3, 7},
		"a single outlier moves neither median nor spread": {figures.Series{1, 2, 3, 4, 1000}, 3, 2, 4},
		"quartiles that fall between two are weighed":      {figures.Series{1, 2, 3, 4}, 2.5, 1.75, 3.25},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, third := c.values.Quartiles()
			if diff := cmp.Diff([]float64{c.median, c.first, c.third}, []float64{c.values.Median(), first, third}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASeriesIsLeftAsItWas(t *testing.T) {
	t.Parallel()
	s := figures.Series{3, 1, 2}
	s.Median()
	if diff := cmp.Diff(figures.Series{3, 1, 2}, s); diff != "" {
		t.Error(diff)
	}
}

func TestARatioIsMadeRoundByRound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ over, under, want figures.Series }{
		"a slow round slows down both":       {figures.Series{2, 20}, figures.Series{1, 10}, figures.Series{2, 2}},
		"a round that one lacks has none":    {figures.Series{2, 20}, figures.Series{1}, figures.Series{2}},
		"what was not measured has no ratio": {figures.Series{2, 20}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, c.over.Over(c.under)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheWorstIsTheHighest(t *testing.T) {
	t.Parallel()
	if got := (figures.Series{2, 5, 2}).Worst(); got != 5 {
		t.Errorf("got %v, want 5", got)
	}
}
