package main

import (
	"fmt"
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

// isElsewhere reports whether a group is told only in the refusal, since the group is
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
		shown.Remarks = []string{"the baseline would not change; these live rules are not permitted by it"}
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
		text += fmt.Sprintf(", %d refused", refused)
	}
	return text + "; " + revokesText(plan.Revokes)
}
