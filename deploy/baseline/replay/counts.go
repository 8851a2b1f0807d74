package replay

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Tally counts what sgwarden would have done: of rules, or of calls.
type Tally struct {
	Reverted int64 `json:"reverted"`
	Reported int64 `json:"reported"` // only reported: mode alert, or a pause
	Pending  int64 `json:"pending"`  // waited for approval, since a trusted principal made the call
}

// Sum is all of them.
func (t Tally) Sum() int64 { return t.Reverted + t.Reported + t.Pending }

func (t *Tally) of(o alert.Outcome) *int64 {
	switch o {
	case alert.Reverted:
		return &t.Reverted
	case alert.Pending:
		return &t.Pending
	}
	return &t.Reported
}

// pair is a rule of a group.
type pair struct{ group, rule string }

// pairCount is what became of a rule of a group.
type pairCount struct {
	Tally
	name        string // of the group
	byBaseline  bool
	rule        rule.Rule
	first, last time.Time
	actors      map[string]int64
}

// mostActorsOfPair bounds the memory for one rule of a group.
const mostActorsOfPair = 20

// counts are all that a replay counts as it goes. Their size is bounded: nothing is kept
// of a single revert.
type counts struct {
	changes, judged, own, unguarded, nothing int64
	calls                                    Tally // that opened a rule that was acted on
	found                                    int64 // rules acted on that no call of the history opened
	ended                                    int64 // rules acted on when an exception or an approval ended
	first, last                              time.Time
	groups                                   table[string, GroupCount]
	actors                                   table[string, ActorCount]
	rules                                    table[string, RuleCount]
	pairs                                    table[pair, pairCount]
	days                                     map[string]*DayCount
	elsewhere                                table[Origin, Origin]
	notJudged                                table[string, NotJudged]
	groupsKnown                              [described + 1]int64
}

func newCounts() counts {
	return counts{
		groups: newTable[string, GroupCount](), actors: newTable[string, ActorCount](), rules: newTable[string, RuleCount](),
		pairs: newTable[pair, pairCount](), days: map[string]*DayCount{},
		elsewhere: newTable[Origin, Origin](), notJudged: newTable[string, NotJudged](),
	}
}

// day returns the count of the day of a time, in UTC.
func (c *counts) day(at time.Time) *DayCount {
	key := at.UTC().Format(time.DateOnly)
	d := c.days[key]
	if d == nil {
		d = &DayCount{Day: key}
		c.days[key] = d
	}
	if c.first.IsZero() || at.Before(c.first) {
		c.first = at
	}
	if at.After(c.last) {
		c.last = at
	}
	return d
}

// call counts a call that changed a group. Own calls are sgwarden's.
func (c *counts) call(t trail.Trigger, isOwn bool) {
	if isOwn {
		c.own++
		return
	}
	c.changes++
	c.day(t.Time).Changes++
	a := c.actors.row(actorOf(t))
	a.Changes++
}

// revert counts a rule that sgwarden would have acted on.
func (c *counts) revert(r Revert, byBaseline bool, canonical rule.Rule) {
	g := c.groups.row(r.GroupID)
	g.GroupName, g.Account, g.Region, g.JudgedBy = r.GroupName, r.Account, r.Region, map[bool]string{true: "baseline", false: "guardrail"}[byBaseline]
	p := c.pairs.row(pair{r.GroupID, r.Rule})
	p.note(r, byBaseline, canonical)
	tallies := []*Tally{&g.Tally, &p.Tally, &c.rules.row(r.Rule).Tally, &c.day(r.Time).Tally}
	switch {
	case r.Actor == "":
		c.found++
	default:
		tallies = append(tallies, &c.actors.row(r.Actor).Tally)
	}
	for _, t := range tallies {
		*t.of(r.Outcome)++
	}
}

func (p *pairCount) note(r Revert, byBaseline bool, canonical rule.Rule) {
	if p.first.IsZero() {
		p.first, p.name, p.byBaseline, p.rule, p.actors = r.Time, r.GroupName, byBaseline, canonical, map[string]int64{}
	}
	p.last = r.Time
	if _, known := p.actors[r.Actor]; known || len(p.actors) < mostActorsOfPair {
		p.actors[r.Actor]++
	}
}

// known counts a group by what is known of its rules.
func (c *counts) known(g *group) {
	c.groupsKnown[g.known]++
	if row := c.groups.rows[g.id]; row != nil {
		row.RulesKnown = g.knownText()
	}
}

// notJudged counts a call that could not be judged, and keeps the first of a kind.
func (r *Replay) notJudged(t trail.Trigger, reason string) {
	if r.isEarly(t.Time) {
		return
	}
	n := r.counts.notJudged.row(reason)
	if n.Calls++; n.Calls == 1 {
		n.Reason, n.Example = reason, Example{EventID: t.EventID, EventName: t.EventName, Time: t.Time, Group: t.GroupID + t.GroupName}
	}
}
