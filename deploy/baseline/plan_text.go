package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// isShown reports whether there is something to look at: the baseline changes, or the
// group has live rules that are not permitted.
func (g *pushed) isShown() bool {
	return g.Result != pushUnchanged || g.Live != nil && g.Live.Finds()
}

// isElsewhere reports whether a group is only in the refusal, since the group is
// not in this account and region.
func (g *pushed) isElsewhere() bool { return g.Result == pushRefused && g.advice == byRegion }

// text writes a plan for people: where, what changes in which group, and the sums.
func (plan *pushPlan) text(paint terminal.Paint, now time.Time) string {
	var b strings.Builder
	b.WriteString(plan.Identity.String() + "\n\n")
	b.WriteString(compare.RemarksText(plan.Remarks))
	for _, g := range plan.Groups {
		if g.isShown() && !g.isElsewhere() {
			b.WriteString(g.text(paint, now))
		}
	}
	b.WriteString(plan.summary() + "\n")
	return b.String()
}

func (g *pushed) text(paint terminal.Paint, now time.Time) string {
	shown := g.Group
	if g.Result == pushUnchanged {
		things := "live rules"
		if g.IsList() {
			things = "live entries"
		}
		shown.Remarks = append(slices.Clone(g.Remarks), "the baseline would not change; these "+things+" are not permitted by it")
	}
	text := strings.TrimSuffix(compare.Text(paint, []compare.Group{shown}), "\n")
	if g.Live != nil {
		text += g.Live.Text(paint, now)
	}
	return text + "\n"
}

// summary says in one line how many baselines change and how many live rules go.
func (plan *pushPlan) summary() string {
	unchanged, refused := plan.count(pushUnchanged), plan.count(pushRefused)
	text := fmt.Sprintf("%s to write, %d unchanged", words.Count(len(plan.Groups)-unchanged-refused, "baseline"), unchanged)
	if refused > 0 {
		return text + fmt.Sprintf(", %d refused; a push would write nothing", refused)
	}
	text += "; " + plan.toll(pushNotWritten, pushPlanned).String()
	if inForce := plan.toll(pushUnchanged); inForce.total() > 0 {
		text += fmt.Sprintf(" by this push, and %s by what is in force", inForce.things())
	}
	return text
}

// toll counts the live rules and entries that go where the baseline has one of some
// results. Those of unchanged baselines go whether anything is written or not.
func (plan *pushPlan) toll(results ...pushResult) toll {
	var t toll
	for _, g := range plan.Groups {
		switch {
		case g.Live == nil, !slices.Contains(results, g.Result):
		case g.IsList():
			t.entries += g.Live.Revokes()
		default:
			t.rules += g.Live.Revokes()
		}
	}
	return t
}
