package replay

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// The oracle replays the same histories with package naive, which enumerates packets and
// shares no code with the product. Every verdict must be the same.

// means is a baseline as its author means it.
type means struct {
	exact, alertOnly bool
	leftOut          [2]bool // ingress, egress
	permanent        []int   // of naive.Universe
	exceptions       []exceptionMeans
	approvals        []exceptionMeans
}

type exceptionMeans struct {
	rule int
	ends time.Time
}

func side(egress bool) int { return map[bool]int{true: 1}[egress] }

func (m means) permits(r naive.Rule, at time.Time) bool {
	if m.leftOut[side(r.Egress)] {
		return true
	}
	permitted := slices.Clone(m.permanent)
	for _, e := range slices.Concat(m.exceptions, m.approvals) {
		if at.Before(e.ends) {
			permitted = append(permitted, e.rule)
		}
	}
	return naive.Permits(permitted, m.exact, r)
}

// naiveRule is a live rule of the naive replay.
type naiveRule struct {
	id, opener string
	rule       int
	reported   bool
}

type naiveGroup struct {
	means *means // nil: the guardrail judges
	rules []naiveRule
	// known says that the history named the group, and directions of which ids it
	// names the directions are known.
	known      bool
	directions map[string]bool
}

// naiveReplay is the second implementation.
type naiveReplay struct {
	groups map[string]*naiveGroup
	now    time.Time
	says   []string
}

func (n *naiveReplay) say(at time.Time, outcome, group string, r naive.Rule, opener string) {
	n.says = append(n.says, fmt.Sprintf("%s %s %s %s %s", at.Format("15:04"), outcome, group, r.Text, opener))
}

// pass has everything judged that ends up to a time.
func (n *naiveReplay) pass(to time.Time) {
	for n.now.Before(to) {
		n.now = n.now.Add(time.Minute)
		for id, g := range n.groups {
			if g.known && g.means != nil && slices.ContainsFunc(slices.Concat(g.means.exceptions, g.means.approvals), func(e exceptionMeans) bool { return e.ends.Equal(n.now) }) {
				n.judge(id, g, "")
			}
		}
	}
}

// judge looks at all rules of a group. event is the call that is judged, or empty.
func (n *naiveReplay) judge(id string, g *naiveGroup, event string) {
	var kept []naiveRule
	for _, l := range inOrder(g.rules, event) {
		r := naive.Universe[l.rule]
		switch {
		case g.means == nil && breaksWith(kept, l.rule):
			n.say(n.now, "reverted", id, r, l.opener)
		case g.means == nil || g.means.permits(r, n.now):
			kept = append(kept, l)
		case !g.means.alertOnly:
			n.say(n.now, "reverted", id, r, l.opener)
		default:
			if !l.reported {
				n.say(n.now, "would-revert", id, r, l.opener)
			}
			l.reported = true
			kept = append(kept, l)
		}
	}
	g.rules = kept
}

// inOrder puts what the event opened behind the others.
func inOrder(rules []naiveRule, event string) []naiveRule {
	var first, last []naiveRule
	for _, l := range rules {
		if event != "" && l.opener == event {
			last = append(last, l)
		} else {
			first = append(first, l)
		}
	}
	return slices.Concat(first, last)
}

func breaksWith(kept []naiveRule, candidate int) bool {
	rules := []int{candidate}
	for _, l := range kept {
		rules = append(rules, l.rule)
	}
	return naive.Universe[candidate].Public > 0 && naive.Breaks(rules)
}

// step is a call of a history.
type step struct {
	at                     time.Time
	verb, group, id, event string
	rule                   int
}

func (s step) line() string {
	text := ""
	if s.verb != "create" && s.verb != "delete" {
		text = naive.Universe[s.rule].Text
	}
	return strings.TrimSpace(fmt.Sprintf("%s ana %s %s %s %s", s.at.Format("15:04"), s.verb, s.group, s.id, text))
}

func (n *naiveReplay) take(s step) {
	n.pass(s.at)
	g := n.groups[s.group]
	g.known = true
	switch s.verb {
	case "create":
		g.rules = append(g.rules, naiveRule{rule: naive.Index(defaultEgress.String()), opener: s.event})
	case "delete":
		g.rules, g.known = nil, false
		return
	case "authorize":
		g.directions[s.id] = true
		g.rules = append(g.rules, naiveRule{id: s.id, rule: s.rule, opener: s.event})
	case "revoke":
		g.rules = slices.DeleteFunc(g.rules, func(l naiveRule) bool { return l.rule == s.rule })
		return
	case "modify":
		if !g.directions[s.id] {
			n.modifyUnknown(s, g)
			break
		}
		g.rules = slices.DeleteFunc(g.rules, func(l naiveRule) bool { return l.id == s.id })
		g.rules = append(g.rules, naiveRule{id: s.id, rule: s.rule, opener: s.event})
	}
	n.judge(s.group, g, s.event)
}

// modifyUnknown: nobody knows the direction of the rule, so that it is a violation only if
// it is one both ways. The record is read as that of an ingress rule.
func (n *naiveReplay) modifyUnknown(s step, g *naiveGroup) {
	r := naive.Universe[s.rule]
	if r.Egress {
		r = r.OtherDirection()
	}
	if g.means == nil || g.means.permits(r, s.at) || g.means.permits(r.OtherDirection(), s.at) {
		return
	}
	n.say(s.at, map[bool]string{false: "reverted", true: "would-revert"}[g.means.alertOnly], s.group, r, s.event)
}

// story is a history of two or three groups.
type story struct {
	groups    map[string]*means // nil: no baseline
	steps     []step
	documents Documents
}

// oracleGroups: the first three have baselines, the last is judged by the guardrail.
var oracleGroups = []string{"sg-00000000000000a01", "sg-00000000000000a02", "sg-00000000000000a03", "sg-00000000000000a04"}

func newStory(t *testing.T, seed uint64) story {
	dice := rand.New(rand.NewPCG(seed, 17))
	s := story{groups: map[string]*means{}, documents: Documents{
		Baselines: map[string]*baseline.Document{}, Approvals: map[string][]*baseline.Approval{}, Guardrail: guardrail(baseline.Enforce),
	}}
	for _, id := range oracleGroups[:3] {
		m := newMeans(dice)
		s.groups[id] = &m
		s.documents.Baselines[id] = m.document(t, id)
		for i, a := range m.approvals {
			s.documents.Approvals[id] = append(s.documents.Approvals[id], &baseline.Approval{
				Name: fmt.Sprint("a", i), Rules: []rule.Rule{parsed(t, naive.Universe[a.rule].Text)}, Expires: a.ends, Reason: "r",
			})
		}
	}
	s.groups[oracleGroups[3]] = nil
	s.steps = stepsOf(dice)
	return s
}

func newMeans(dice *rand.Rand) means {
	m := means{exact: dice.IntN(5) == 0, alertOnly: dice.IntN(3) == 0}
	if dice.IntN(3) == 0 {
		m.leftOut[dice.IntN(2)] = true
	}
	guarded := func() int {
		for {
			if r := dice.IntN(len(naive.Originals)); !m.leftOut[side(naive.Universe[r].Egress)] {
				return r
			}
		}
	}
	for range dice.IntN(6) {
		if r := guarded(); !slices.Contains(m.permanent, r) {
			m.permanent = append(m.permanent, r)
		}
	}
	for range dice.IntN(4) {
		e := exceptionMeans{guarded(), day.Add(time.Duration(dice.IntN(600)) * time.Minute)}
		if dice.IntN(2) == 0 {
			m.approvals = append(m.approvals, e)
		} else {
			m.exceptions = append(m.exceptions, e)
		}
	}
	return m
}

func (m means) document(t *testing.T, id string) *baseline.Document {
	t.Helper()
	text := fmt.Sprintf("schema: 1\ngroupId: %s\nmatch: %s\nmode: %s\n", id,
		map[bool]string{false: "covered", true: "exact"}[m.exact], map[bool]string{false: "enforce", true: "alert"}[m.alertOnly])
	for i, direction := range []string{"ingress", "egress"} {
		if m.leftOut[i] {
			continue
		}
		text += direction + ":\n"
		entries := ""
		for _, r := range m.permanent {
			if side(naive.Universe[r].Egress) == i {
				entries += "  - " + entryText(naive.Universe[r], "") + "\n"
			}
		}
		if entries == "" {
			entries = "  []\n"
		}
		text += entries
	}
	if len(m.exceptions) > 0 {
		text += "exceptions:\n"
	}
	for _, e := range m.exceptions {
		r := naive.Universe[e.rule]
		text += "  - " + entryText(r, fmt.Sprintf("direction: %s, expires: %s, reason: r, ", strings.Fields(r.Text)[0], e.ends.Format(time.RFC3339))) + "\n"
	}
	doc, err := yamlfile.Decode([]byte(text), id)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return doc
}

func entryText(r naive.Rule, beside string) string {
	ports, peers := "", map[bool]string{false: "sources", true: "destinations"}[r.Egress]
	if r.Protocol != "all" {
		ports = fmt.Sprintf("ports: %q, ", r.Ports)
	}
	return fmt.Sprintf("{%sprotocol: %s, %s%s: [%q]}", beside, r.Protocol, ports, peers, r.Peer)
}

// stepsOf lets people change the groups as EC2 would let them, without sgwarden.
func stepsOf(dice *rand.Rand) []step {
	real := map[string][]naiveRule{}
	for _, g := range oracleGroups { // rules that no call of the history opened
		for range dice.IntN(3) {
			real[g] = open(real[g], naiveRule{id: fmt.Sprintf("sgr-old%s%d", g[18:], len(real[g])), rule: dice.IntN(len(naive.Originals))})
		}
	}
	touched := map[string]bool{} // nothing comes before a creation
	var steps []step
	at := day
	for n := range 40 {
		at = at.Add(time.Duration(1+dice.IntN(20)) * time.Minute)
		s := step{at: at, group: oracleGroups[dice.IntN(len(oracleGroups))], id: fmt.Sprintf("sgr-%d", n), rule: dice.IntN(len(naive.Originals))}
		rules := real[s.group]
		switch action := dice.IntN(10); {
		case action < 6 && len(rules) == 0 && !touched[s.group]:
			s.verb, s.id = "create", "web"
			real[s.group] = open(nil, naiveRule{rule: naive.Index(defaultEgress.String())})
		case action < 3 && len(rules) > 0:
			i := dice.IntN(len(rules))
			s.verb, s.id, s.rule = "revoke", "sgr-x", rules[i].rule
			real[s.group] = slices.Delete(rules, i, i+1)
		case action < 5 && len(rules) > 0:
			i := dice.IntN(len(rules))
			if rules[i].id == "" || naive.Universe[rules[i].rule].Egress != naive.Universe[s.rule].Egress || has(rules, s.rule) {
				continue
			}
			s.verb, s.id = "modify", rules[i].id
			rules[i].rule = s.rule
		case has(rules, s.rule):
			continue
		default:
			s.verb = "authorize"
			real[s.group] = open(rules, naiveRule{id: s.id, rule: s.rule})
		}
		touched[s.group] = true
		s.event = "event-" + s.at.Format("15:04") + "-" + s.verb + s.id
		steps = append(steps, s)
	}
	return steps
}

func has(rules []naiveRule, r int) bool {
	return slices.ContainsFunc(rules, func(l naiveRule) bool { return l.rule == r })
}

func open(rules []naiveRule, l naiveRule) []naiveRule {
	if has(rules, l.rule) {
		return rules
	}
	return append(rules, l)
}

// naively returns what the naive replay says.
func (s story) naively() []string {
	n := naiveReplay{groups: map[string]*naiveGroup{}, now: day}
	for id, m := range s.groups {
		n.groups[id] = &naiveGroup{means: m, directions: map[string]bool{}}
	}
	for _, step := range s.steps {
		n.take(step)
	}
	slices.Sort(n.says)
	return n.says
}

// variant is the replay with something taken out.
type variant struct {
	name      string
	events    func([]step) []step
	documents func(Documents) Documents
}

// replayed returns what the product's replay says.
func (s story) replayed(t *testing.T, v variant) []string {
	t.Helper()
	steps, documents := s.steps, s.documents
	if v.events != nil {
		steps = v.events(steps)
	}
	if v.documents != nil {
		documents = v.documents(documents)
	}
	says := []string{}
	r := New(Options{Documents: documents}, func(x Revert) error {
		says = append(says, fmt.Sprintf("%s %s %s %s %s", x.Time.Format("15:04"), x.Outcome, x.GroupID, x.Rule, x.EventID))
		return nil
	})
	for _, step := range steps {
		if err := r.Take(event(step.line())); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Finish(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(says)
	return says
}

const stories = 200

// calls is how many calls the oracle judges at least. `make prove` asks for a million.
var calls = flag.Int("calls", 4000, "how many calls the replay is compared with the naive judge on")

func TestTheReplaySaysWhatTheNaiveJudgeSays(t *testing.T) {
	t.Parallel()
	said := map[string]int{}
	number, judged := 0, 0
	for ; number < stories || judged < *calls; number++ {
		seed := uint64(number)
		s := newStory(t, seed)
		judged += len(s.steps)
		want := s.naively()
		if diff := cmp.Diff(want, s.replayed(t, variant{}), cmp.Transformer("none", func(l []string) []string { return append([]string{}, l...) })); diff != "" {
			var lines []string
			for _, step := range s.steps {
				lines = append(lines, step.line())
			}
			t.Fatalf("seed %d: %s\n%s", seed, diff, strings.Join(lines, "\n"))
		}
		for _, line := range want {
			said[strings.Fields(line)[1]]++
		}
	}
	t.Logf("%d histories of %d calls: %v", number, judged, said)
	if said["reverted"] < number || said["would-revert"] < number/4 {
		t.Errorf("the histories hold too little: %v", said)
	}
}

func TestEveryBrokenReplayIsCaught(t *testing.T) {
	t.Parallel()
	without := func(verb string) func([]step) []step {
		return func(steps []step) []step {
			return slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return s.verb == verb })
		}
	}
	for _, v := range []variant{
		{name: "it forgets revokes", events: without("revoke")},
		{name: "it forgets the creation", events: without("create")},
		{name: "it forgets what was modified", events: without("modify")},
		{name: "it judges exceptions an hour late", documents: func(d Documents) Documents { return later(d, time.Hour) }},
		{name: "approvals never end", documents: approvedForEver},
		{name: "it has no guardrail", documents: func(d Documents) Documents { d.Guardrail = nil; return d }},
		{name: "it reads the history backwards", events: func(steps []step) []step { steps = slices.Clone(steps); slices.Reverse(steps); return steps }},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(stories) {
				if s := newStory(t, seed); !slices.Equal(s.naively(), s.replayed(t, v)) {
					t.Logf("caught after %d histories", seed+1)
					return
				}
			}
			t.Errorf("%d histories did not show it", stories)
		})
	}
}

// later returns documents whose exceptions end later.
func later(d Documents, by time.Duration) Documents {
	baselines := map[string]*baseline.Document{}
	for id, doc := range d.Baselines {
		other := *doc
		other.Exceptions = slices.Clone(doc.Exceptions)
		for i := range other.Exceptions {
			other.Exceptions[i].Expires = other.Exceptions[i].Expires.Add(by)
		}
		baselines[id] = &other
	}
	d.Baselines = baselines
	return d
}

func approvedForEver(d Documents) Documents {
	approvals := map[string][]*baseline.Approval{}
	for id, all := range d.Approvals {
		for _, a := range all {
			other := *a
			other.Expires = day.AddDate(1, 0, 0)
			approvals[id] = append(approvals[id], &other)
		}
	}
	d.Approvals = approvals
	return d
}
