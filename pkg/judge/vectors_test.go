package judge_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/judge/vectors"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// TestTheJudgeAgreesWithEveryVector skips no case.
func TestTheJudgeAgreesWithEveryVector(t *testing.T) {
	t.Parallel()
	file, err := vectors.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			hint, err := file.Hint(c)
			if err != nil {
				t.Fatal(err)
			}
			live, err := c.LiveRules()
			if err != nil {
				t.Fatal(err)
			}
			got := judged{file, c}.decide(t, hint, live)
			inAnyOrder := cmp.FilterPath(isSet, cmpopts.SortSlices(func(a, b string) bool { return a < b }))
			if diff := cmp.Diff(c.Expect, got, cmpopts.EquateEmpty(), inAnyOrder); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func isSet(p cmp.Path) bool {
	return slices.Contains([]string{"Protect", "Missing", "Spare"}, lastField(p))
}

func lastField(p cmp.Path) string {
	for i := len(p) - 1; i >= 0; i-- {
		if field, ok := p[i].(cmp.StructField); ok {
			return field.Name()
		}
	}
	return ""
}

// judged is a case that is judged as the remediator judges a group.
type judged struct {
	vectors.File
	vectors.Case
}

// decide finds the document that decides, and what counts beside it.
func (j judged) decide(t *testing.T, hint trail.Trigger, live []secgroup.LiveRule) vectors.Expectation {
	t.Helper()
	stored := j.Documents(j.Case)
	grounds, unusable := j.grounds(stored, hint)
	got := vectors.Expectation{JudgedBy: vectors.ByNothing, Unusable: unusable}
	var decision judge.Decision
	switch {
	case stored.Group.Exists():
		doc, err := decodeStored(stored.Group, func(value []byte) (*baseline.Document, error) { return baseline.Decode(value, j.GroupID) })
		if err != nil {
			got.Unusable = append(got.Unusable, "baseline")
			return got
		}
		if grounds.Grace, err = judge.GraceOf(doc, stored.Group, j.History(j.Case), j.Grace(), j.Now); err != nil {
			t.Fatal(err)
		}
		got.JudgedBy, decision = vectors.ByBaseline, judge.ByBaseline(doc, grounds, hint, live, j.Now)
	case stored.Guardrail.Exists():
		guardrail, err := decodeStored(stored.Guardrail, baseline.DecodeGuardrail)
		if err != nil {
			got.Unusable = append(got.Unusable, "guardrail")
			return got
		}
		got.JudgedBy, decision = vectors.ByGuardrail, judge.ByGuardrail(guardrail, grounds, hint, live, j.Now)
	default:
		return got
	}
	return fill(got, decision)
}

func decodeStored[D any](stored baseline.Stored, decode func([]byte) (D, error)) (D, error) {
	if stored.ReadError != nil {
		var none D
		return none, stored.ReadError
	}
	return decode(stored.Value)
}

// grounds reads the approvals, and whether a trusted principal made the event's call.
func (j judged) grounds(stored baseline.Documents, hint trail.Trigger) (g judge.Grounds, unusable []string) {
	for _, s := range stored.Approvals {
		approval, err := s.Approval(s.Name(), j.Now)
		if err != nil {
			unusable = append(unusable, "approval "+s.Name())
			continue
		}
		g.Approvals = append(g.Approvals, approval)
	}
	if !stored.Trust.Exists() {
		return g, unusable
	}
	trust, err := stored.Trust.Trust()
	if err != nil {
		return g, append(unusable, "trust")
	}
	_, g.Trusted = trust.Find(hint.Principal)
	return g, unusable
}

// fill writes a decision as the vectors do.
func fill(e vectors.Expectation, d judge.Decision) vectors.Expectation {
	e.Kind, e.Enforce, e.Restore = string(d.Kind), d.Enforce, d.Restore
	e.Violations, e.Pending = violations(d.Violations), violations(d.Pending)
	for _, g := range d.InGrace {
		e.InGrace = append(e.InGrace, vectors.InGrace{Rule: g.Rule.String(), ID: g.ID, Version: g.Version})
	}
	for _, l := range d.NotCanonical {
		e.NotCanonical = append(e.NotCanonical, l.ID)
	}
	for _, a := range d.Protect {
		e.Protect = append(e.Protect, a.Rule.String())
	}
	for _, a := range d.Missing {
		e.Missing = append(e.Missing, a.Rule.String())
	}
	for _, l := range d.Redundant {
		e.Redundant = append(e.Redundant, l.Rule.String())
	}
	return e
}

func violations(found []judge.Violation) []vectors.Violation {
	var all []vectors.Violation
	for _, v := range found {
		all = append(all, vectors.Violation{Rule: v.Rule.String(), ID: v.ID, NotLive: v.NotLive, MaybeLive: v.MaybeLive, OpenedByEvent: v.OpenedByEvent, Added: v.Added})
	}
	return all
}
