package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Result is what a replay found, counted. Lists have what is most frequent first.
type Result struct {
	From time.Time `json:"from"` // of the part of the history that was asked for, or of the first call
	To   time.Time `json:"to"`
	// Changes are the calls that changed groups, without sgwarden's own.
	Changes int64 `json:"changes"`
	// Calls are those of them that sgwarden would have acted on.
	Calls Tally `json:"calls"`
	// Judged are the calls that can open something, of groups that a document guards.
	Judged    int64 `json:"judged"`
	Unguarded int64 `json:"unguarded"` // calls on groups that have no baseline, where there is no guardrail
	Own       int64 `json:"own"`       // sgwarden's own calls
	// OpenedBefore are the rules acted on that no call of the history opened, and Ended those
	// that were acted on when an exception or an approval ended.
	OpenedBefore  int64            `json:"openedBefore"`
	Ended         int64            `json:"ended"`
	ByGroup       []GroupCount     `json:"byGroup"`
	ByActor       []ActorCount     `json:"byActor"`
	ByRule        []RuleCount      `json:"byRule"`
	ByDay         []DayCount       `json:"byDay"`
	Contentions   []Contention     `json:"fights"`
	ApprovalsNeed []ApprovalNeeded `json:"approvalsNeeded"`
	NotJudged     []NotJudged      `json:"notJudged"`
	Elsewhere     []Origin         `json:"elsewhere"`
	Assumptions   []string         `json:"assumptions"`
}

// GroupCount counts the rules of a group that sgwarden would have acted on.
type GroupCount struct {
	GroupID   string `json:"groupId"`
	GroupName string `json:"groupName,omitempty"`
	Account   string `json:"account,omitempty"`
	Region    string `json:"region,omitempty"`
	JudgedBy  string `json:"judgedBy"` // baseline or guardrail
	Tally
	// RulesKnown says where the group's rules are known from.
	RulesKnown string `json:"rulesKnown"`
}

// ActorCount counts the calls of a person or a tool, and the rules that they opened.
type ActorCount struct {
	Actor   string `json:"actor"`
	Changes int64  `json:"changes"`
	Tally
}

// RuleCount counts a rule over all groups.
type RuleCount struct {
	Rule string `json:"rule"`
	Tally
}

// DayCount counts the calls of a day in UTC, and the rules.
type DayCount struct {
	Day     string `json:"day"` // such as 2026-11-01
	Changes int64  `json:"changes"`
	Tally
}

// Contention is a rule that somebody opened again and again.
type Contention struct {
	GroupID   string       `json:"groupId"`
	GroupName string       `json:"groupName,omitempty"`
	Rule      string       `json:"rule"`
	Times     int64        `json:"times"`
	Actors    []ActorTimes `json:"actors"`
	First     time.Time    `json:"first"`
	Last      time.Time    `json:"last"`
}

// ActorTimes counts how often somebody opened a rule.
type ActorTimes struct {
	Actor string `json:"actor"`
	Times int64  `json:"times"`
}

// NotJudged counts calls that could not be judged, for one reason.
type NotJudged struct {
	Reason  string  `json:"reason"`
	Calls   int64   `json:"calls"`
	Example Example `json:"example"`
}

// Example is the first of several calls.
type Example struct {
	EventID   string    `json:"eventId"`
	EventName string    `json:"eventName"`
	Time      time.Time `json:"time"`
	Group     string    `json:"group,omitempty"`
}

// Origin counts the calls of another account or region than that of the documents.
type Origin struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Calls   int64  `json:"calls"`
}

// contentionTimes is from how many times on a rule of a group is contention.
const contentionTimes = 3

func (r *Replay) result() Result {
	for _, g := range r.groups {
		r.counts.known(g)
	}
	c := &r.counts
	result := Result{
		From: r.options.From, To: r.options.To, Changes: c.changes, Calls: c.calls, Judged: c.judged,
		Unguarded: c.unguarded, Own: c.own, OpenedBefore: c.found, Ended: c.ended,
		ByGroup: groupCounts(c), ByActor: actorCounts(c), ByRule: ruleCounts(c),
		Contentions: c.contentions(), ApprovalsNeed: c.approvalsNeeded(),
		NotJudged: notJudgedCounts(c), Elsewhere: origins(c),
		Assumptions: r.assumptions(),
	}
	if result.From.IsZero() {
		result.From = c.first
	}
	if result.To.IsZero() {
		result.To = c.last
	}
	result.ByDay = c.byDay(result.From, result.lastMoment(r.options.To))
	return result
}

// lastMoment is the end of the range. A range that was asked for ends before to.
func (r Result) lastMoment(to time.Time) time.Time {
	if !to.IsZero() && r.To.Equal(to) {
		return to.Add(-time.Nanosecond)
	}
	return r.To
}

// sorted returns rows by how much was acted on, and the rest, if there is any, at the end.
func sorted[K comparable, V any](t table[K, V], finish func(K, *V), size func(V) int64, name func(V) string) []V {
	rows := make([]V, 0, len(t.rows))
	for key, v := range t.rows {
		row := *v
		finish(key, &row)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b V) int {
		return cmp.Or(cmp.Compare(size(b), size(a)), cmp.Compare(name(a), name(b)))
	})
	if t.rest != nil {
		rows = append(rows, *t.rest)
	}
	return rows
}

// restText stands instead of a name for all that found no room in a table.
const restText = "(all others)"

func groupCounts(c *counts) []GroupCount {
	if c.groups.rest != nil {
		c.groups.rest.GroupID, c.groups.rest.GroupName = restText, ""
	}
	return sorted(c.groups, func(id string, g *GroupCount) { g.GroupID = id }, func(g GroupCount) int64 { return g.Sum() }, func(g GroupCount) string { return g.GroupID })
}

func ruleCounts(c *counts) []RuleCount {
	if c.rules.rest != nil {
		c.rules.rest.Rule = restText
	}
	return sorted(c.rules, func(text string, r *RuleCount) { r.Rule = text }, func(r RuleCount) int64 { return r.Sum() }, func(r RuleCount) string { return r.Rule })
}

// actorCounts lists those first of whose rules most would have been acted on, and at the
// end those who only made changes.
func actorCounts(c *counts) []ActorCount {
	if c.actors.rest != nil {
		c.actors.rest.Actor = restText
	}
	return sorted(c.actors, func(who string, a *ActorCount) { a.Actor = who }, func(a ActorCount) int64 { return a.Sum()<<32 + a.Changes }, func(a ActorCount) string { return a.Actor })
}

func notJudgedCounts(c *counts) []NotJudged {
	return sorted(c.notJudged, func(string, *NotJudged) {}, func(n NotJudged) int64 { return n.Calls }, func(n NotJudged) string { return n.Reason })
}

func origins(c *counts) []Origin {
	return sorted(c.elsewhere, func(at Origin, p *Origin) { p.Account, p.Region = at.Account, at.Region }, func(p Origin) int64 { return p.Calls }, func(p Origin) string { return p.Account + p.Region })
}

// mostDays bounds the list of days. A longer range has the days only on which something
// happened.
const mostDays = 20_000

// byDay lists all days of the range, those without a call too.
func (c *counts) byDay(from, to time.Time) []DayCount {
	days := []DayCount{}
	if from.IsZero() || to.IsZero() || to.Sub(from) > mostDays*24*time.Hour {
		for _, key := range slices.Sorted(maps.Keys(c.days)) {
			days = append(days, *c.days[key])
		}
		return days
	}
	last := to.UTC().Format(time.DateOnly)
	for at := from.UTC().Truncate(24 * time.Hour); at.Format(time.DateOnly) <= last; at = at.AddDate(0, 0, 1) {
		key := at.Format(time.DateOnly)
		if d := c.days[key]; d != nil {
			days = append(days, *d)
		} else {
			days = append(days, DayCount{Day: key})
		}
	}
	return days
}

// contentions lists what was opened again and again, the most frequent first.
func (c *counts) contentions() []Contention {
	contentions := []Contention{}
	for p, n := range c.pairs.rows {
		if times := n.Reverted + n.Reported; times >= contentionTimes {
			contentions = append(contentions, Contention{p.group, n.name, p.rule, times, timesOf(n.actors), n.first, n.last})
		}
	}
	slices.SortFunc(contentions, func(a, b Contention) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.GroupID, b.GroupID), cmp.Compare(a.Rule, b.Rule))
	})
	return contentions
}

func timesOf(actors map[string]int64) []ActorTimes {
	times := []ActorTimes{}
	for who, n := range actors {
		times = append(times, ActorTimes{cmp.Or(who, "not known"), n})
	}
	slices.SortFunc(times, func(a, b ActorTimes) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Actor, b.Actor))
	})
	return times
}

// assumptions says what the judgements rest on, for people.
func (r *Replay) assumptions() []string {
	known := r.counts.groupsKnown
	says := []string{fmt.Sprintf(
		"The rules of %s are known from the group's creation, of %d from a description; of %d they are assumed from what the calls imply.",
		words.Count(int(known[created]), "group"), known[described], known[assumed])}
	if r.counts.tablesFull() {
		says = append(says, fmt.Sprintf("Each list has %d rows at most; what found no room is counted together.", mostRows))
	}
	return append(says, NotReplayed...)
}

func (c *counts) tablesFull() bool {
	return c.groups.rest != nil || c.actors.rest != nil || c.rules.rest != nil || c.pairs.rest != nil
}
