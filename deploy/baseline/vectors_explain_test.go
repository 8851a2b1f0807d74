package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/deploy/baseline/explain"
	"github.com/sgwarden/sgwarden/pkg/judge/vectors"
)

// Why explain can't express a vector. Explain never looks at the live rules of a group.
const (
	noRuleToAsk      = "the vector has no live rule to ask explain for"
	mappedAddress    = "nobody can write an IPv4-mapped address as rule text"
	brokenTogether   = "which of two rules breaks the guardrail depends on the other live rules"
	opensNothing     = "the event says of no rule that its call opened it"
	unknownDirection = "only the live rule of the id tells the direction"
	notLiveAnyMore   = "only the live rules tell that what could wait is gone"
	sweptVector      = "the vector has no event"
)

// explainedRules is what explain said of rules.
type explainedRules struct {
	Violations, Permitted, Waiting []string // rules
	Fails, NothingJudges           bool
}

// TestExplainSaysOfEachLiveRuleWhatEveryVectorSays asks explain for all live rules of a
// vector, as an operator does who reads them from the console.
func TestExplainSaysOfEachLiveRuleWhatEveryVectorSays(t *testing.T) {
	t.Parallel()
	overVectors(t, whyNotAsked, map[string]int{noRuleToAsk: 11, mappedAddress: 1, brokenTogether: 4},
		func(t *testing.T, f vectors.File, c vectors.Case) (want, got explainedRules) {
			want = nothingJudged(c)
			args := []string{"explain", f.GroupID}
			for _, l := range c.Live {
				text, readable := textOf(t, l)
				if !readable {
					continue
				}
				args = append(args, text)
				want.take(c, l.ID, text)
			}
			want.Waiting = nil // only what an event opened waits
			return want, explainedIn(t, newVectorWorld(t, f, c).run(t, args...))
		})
}

// TestExplainSaysOfEachEventWhatEveryVectorSays hands explain the event of a vector as
// CloudTrail records the call.
func TestExplainSaysOfEachEventWhatEveryVectorSays(t *testing.T) {
	t.Parallel()
	overVectors(t, whyNotExplained, map[string]int{sweptVector: 88, opensNothing: 4, unknownDirection: 3, brokenTogether: 2, notLiveAnyMore: 1},
		func(t *testing.T, f vectors.File, c vectors.Case) (want, got explainedRules) {
			want = nothingJudged(c)
			for _, o := range c.Event.Opened {
				want.take(c, o.ID, o.Rule)
			}
			path := filepath.Join(t.TempDir(), "event.json")
			if err := os.WriteFile(path, messageOf(t, f, c), 0o600); err != nil {
				t.Fatal(err)
			}
			return want, explainedIn(t, newVectorWorld(t, f, c).run(t, "explain", path))
		})
}

// overVectors runs a test for each vector that is not skipped, and asserts how many are.
func overVectors(t *testing.T, skip func(*testing.T, vectors.Case) string, wantSkipped map[string]int, run func(*testing.T, vectors.File, vectors.Case) (want, got explainedRules)) {
	t.Helper()
	file, err := vectors.Read()
	if err != nil {
		t.Fatal(err)
	}
	skipped := map[string]int{}
	for _, c := range file.Cases {
		if reason := skip(t, c); reason != "" {
			skipped[reason]++
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			want, got := run(t, file, c)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
	if diff := cmp.Diff(wantSkipped, skipped); diff != "" {
		t.Errorf("vectors that explain can't express: %s", diff)
	}
}

func whyNotAsked(t *testing.T, c vectors.Case) string {
	t.Helper()
	isReadable := func(l vectors.Live) bool { _, readable := textOf(t, l); return readable }
	isMapped := func(l vectors.Live) bool { return l.EC2 != nil && strings.HasPrefix(l.EC2.CidrIPv6, "::ffff:") }
	switch {
	case !slices.ContainsFunc(c.Live, isReadable):
		return noRuleToAsk
	case slices.ContainsFunc(c.Live, isMapped):
		return mappedAddress
	case isBrokenTogether(c):
		return brokenTogether
	}
	return ""
}

func whyNotExplained(_ *testing.T, c vectors.Case) string {
	switch {
	case c.Event == nil:
		return sweptVector
	case len(c.Event.Opened) == 0:
		return opensNothing
	case c.Event.DirectionUnknown:
		return unknownDirection
	case isBrokenTogether(c):
		return brokenTogether
	case c.Trust != nil && slices.ContainsFunc(c.Expect.Violations, func(v vectors.Violation) bool { return v.NotLive }):
		return notLiveAnyMore
	}
	return ""
}

// isBrokenTogether reports whether rules may break the guardrail only together.
func isBrokenTogether(c vectors.Case) bool {
	rules := len(c.Live)
	for _, v := range c.Expect.Violations {
		if v.NotLive {
			rules++
		}
	}
	return c.Expect.JudgedBy == vectors.ByGuardrail && len(c.Expect.Violations) > 0 && rules > 1
}

func nothingJudged(c vectors.Case) explainedRules {
	fails := slices.Contains(c.Expect.Unusable, "baseline") || slices.Contains(c.Expect.Unusable, "guardrail")
	return explainedRules{Fails: fails, NothingJudges: !fails && c.Expect.JudgedBy == vectors.ByNothing}
}

// take adds what a vector says of one rule. A rule that is not reported is permitted.
func (x *explainedRules) take(c vectors.Case, id, text string) {
	is := func(v vectors.Violation) bool { return v.ID == id && v.Rule == text || id == "" && v.Rule == text }
	switch {
	case x.Fails, x.NothingJudges:
	case slices.ContainsFunc(c.Expect.Pending, is):
		x.Violations = append(x.Violations, text)
		x.Waiting = append(x.Waiting, text)
	case slices.ContainsFunc(c.Expect.Violations, is):
		x.Violations = append(x.Violations, text)
	default:
		x.Permitted = append(x.Permitted, text)
	}
}

func explainedIn(t *testing.T, got ran) explainedRules {
	t.Helper()
	if got.status == 1 {
		return explainedRules{Fails: true}
	}
	var x explain.Explanation
	if err := json.Unmarshal([]byte(got.out), &x); err != nil {
		t.Fatalf("%v in %+v", err, got)
	}
	e := explainedRules{NothingJudges: x.NothingToDo != ""}
	for _, j := range x.Rules {
		switch j.Verdict {
		case explain.VerdictViolation:
			e.Violations = append(e.Violations, j.Rule)
		default:
			e.Permitted = append(e.Permitted, j.Rule)
		}
		if strings.HasPrefix(j.Would, "would wait") {
			e.Waiting = append(e.Waiting, j.Rule)
		}
	}
	return e
}
