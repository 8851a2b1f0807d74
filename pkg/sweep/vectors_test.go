package sweep_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/judge/vectors"
)

// swept is what a sweep did to a group and said of it.
type swept struct {
	Revoked                       []string // ids
	Authorised                    []string // rules
	Kind                          string
	Violations, Missing           []string // rules that were reported
	NotCanonical                  []string // ids that were reported
	UnusableReported, AnyReported bool
}

// TestASweepDoesWhatEveryVectorSays takes each vector as a region of one group. The sweep
// hands the group to the real remediator.
func TestASweepDoesWhatEveryVectorSays(t *testing.T) {
	t.Parallel()
	file, err := vectors.Read()
	if err != nil {
		t.Fatal(err)
	}
	skipped := map[string]int{}
	for _, c := range file.Cases {
		if reason := whyNotSwept(c); reason != "" {
			skipped[reason]++
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			world := newOneGroup(t, file, c)
			// A document that can't be read is reported, and the sweep returns an error, so that a retry reads the document again.
			refused := len(c.Baseline) > 0 && c.Baseline[len(c.Baseline)-1].Refused
			if err := world.sweep(context.Background()); (err != nil) != refused || refused && !errors.Is(err, vectors.ErrRefused) {
				t.Fatal(err)
			}
			sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
			if diff := cmp.Diff(wantSwept(c.Expect), world.swept(), cmpopts.EquateEmpty(), sorted); diff != "" {
				t.Error(diff)
			}
		})
	}
	if diff := cmp.Diff(map[string]int{knowsNoEvent: 32}, skipped); diff != "" {
		t.Errorf("vectors that a sweep can't express: %s", diff)
	}
}

const knowsNoEvent = "a sweep knows of no event"

// whyNotSwept says why a sweep can't express a vector; empty where a sweep can.
func whyNotSwept(c vectors.Case) string {
	if c.Event != nil {
		return knowsNoEvent
	}
	return ""
}

// wantSwept is what follows from a decision: violations are revoked, and what is to be
// protected or restored is authorised, where the document enforces.
func wantSwept(e vectors.Expectation) swept {
	w := swept{Missing: slices.Concat(e.Protect, e.Missing), NotCanonical: e.NotCanonical}
	for _, v := range e.Violations {
		w.Violations = append(w.Violations, v.Rule)
		if e.Enforce {
			w.Revoked = append(w.Revoked, v.ID)
		}
	}
	if e.Enforce {
		w.Authorised = slices.Clone(e.Protect)
	}
	if e.Enforce && e.Restore {
		w.Authorised = append(w.Authorised, e.Missing...)
	}
	w.UnusableReported = e.JudgedBy == vectors.ByNothing && len(e.Unusable) > 0
	w.AnyReported = w.UnusableReported || len(w.Violations)+len(w.Missing)+len(w.NotCanonical) > 0
	if len(w.Violations)+len(w.Missing)+len(w.NotCanonical) > 0 {
		w.Kind = e.Kind
	}
	return w
}

// swept returns what a sweep came to.
func (g *oneGroup) swept() swept {
	w := swept{Revoked: g.revoked, Authorised: g.authorised, AnyReported: len(g.alerts) > 0}
	for _, a := range g.alerts {
		if a.Kind == alert.BaselineError {
			w.UnusableReported = true
			continue
		}
		w.Kind = string(a.Kind)
		for _, f := range a.Findings {
			switch {
			case f.Verdict == alert.Missing:
				w.Missing = append(w.Missing, f.Rule)
			case f.Action == alert.ActionFailed:
				w.NotCanonical = append(w.NotCanonical, f.RuleID)
			default:
				w.Violations = append(w.Violations, f.Rule)
			}
		}
	}
	return w
}
