package judge_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const group = "sg-0a1b2c3d4e5f60718"

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func parse(t testing.TB, text string) rule.Rule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// doc makes a baseline of settings and rule texts. Both directions are guarded.
func doc(t testing.TB, settings string, approved ...string) *baseline.Document {
	t.Helper()
	entries := map[string][]string{}
	for _, text := range approved {
		w := strings.Fields(text)
		peers := map[string]string{"ingress": "sources", "egress": "destinations"}[w[0]]
		entries[w[0]] = append(entries[w[0]], fmt.Sprintf(`{"protocol":%q,"ports":%q,%q:[%q]}`, w[1], w[2], peers, w[3]))
	}
	return decode(t, fmt.Sprintf(`{"schema":1,"groupId":%q,%s"ingress":[%s],"egress":[%s]}`, group, settings,
		strings.Join(entries["ingress"], ","), strings.Join(entries["egress"], ",")))
}

func decode(t testing.TB, text string) *baseline.Document {
	t.Helper()
	d, err := baseline.Decode([]byte(text), group)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// live are rules with the ids sgr-0, sgr-1 and so on.
func live(t testing.TB, texts ...string) []secgroup.LiveRule {
	t.Helper()
	rules := make([]secgroup.LiveRule, len(texts))
	for i, text := range texts {
		rules[i] = secgroup.LiveRule{ID: fmt.Sprintf("sgr-%d", i), Rule: parse(t, text)}
	}
	return rules
}

// The hints: an Authorize event that added rules, a Modify event that changed the
// rule of an id, and a sweep.

func added(t testing.TB, texts ...string) trail.Trigger {
	hint := trail.Trigger{EventID: "event", EventName: "AuthorizeSecurityGroupIngress"}
	for _, text := range texts {
		hint.Changes = append(hint.Changes, trail.Change{Rule: parse(t, text)})
	}
	return hint
}

func modified(t testing.TB, id, text string) trail.Trigger {
	return trail.Trigger{EventID: "event", EventName: "ModifySecurityGroupRules", MayRemove: true, Changes: []trail.Change{{Rule: parse(t, text), RuleID: id, EitherDirection: true}}}
}

var sweep = trail.Trigger{MayRemove: true}

// said is a decision in words.
type said struct {
	Violations, Protect, Missing, Redundant []string
}

func say(d judge.Decision) said {
	var s said
	for _, v := range d.Violations {
		text := v.Rule.String()
		if v.NotLive {
			text += " (gone)"
		}
		s.Violations = append(s.Violations, text)
	}
	for _, a := range d.Protect {
		s.Protect = append(s.Protect, a.Rule.String())
	}
	for _, a := range d.Missing {
		s.Missing = append(s.Missing, a.Rule.String())
	}
	for _, l := range d.Redundant {
		s.Redundant = append(s.Redundant, l.Rule.String())
	}
	return s
}

func TestWhatFollowsFromABaseline(t *testing.T) {
	t.Parallel()
	const world, https = "ingress tcp 22-8443 0.0.0.0/0", "ingress tcp 443 10.0.0.0/8"
	envelope := []string{"ingress all all 172.16.0.0/12", "ingress tcp 1024-65535 10.0.0.0/8", "ingress tcp 5432 sg-0db", "ingress icmp all 10.0.0.0/8"}
	cases := map[string]struct {
		doc  *baseline.Document
		hint trail.Trigger
		live []string
		want said
	}{
		"nothing is authorised for what an Authorize call added": {
			doc(t, "", envelope...), added(t, world), []string{world}, said{Violations: []string{world}},
		},
		"a modified rule may have carried approved traffic: what both permit, and never more": {
			doc(t, "", envelope...), modified(t, "sgr-0", world),
			[]string{world},
			said{
				Violations: []string{world}, Protect: []string{"ingress tcp 22-8443 172.16.0.0/12", "ingress tcp 1024-8443 10.0.0.0/8", "ingress tcp 5432 sg-0db"},
				// The rest of the approved rules is not carried. They are reported missing, as after any event that may have removed rules.
				Missing: []string{"ingress all all 172.16.0.0/12", "ingress tcp 1024-65535 10.0.0.0/8", "ingress icmp all 10.0.0.0/8"},
			},
		},
		"and so may a rule that a sweep finds": {
			doc(t, "", https), sweep, []string{world}, said{Violations: []string{world}, Protect: []string{https}},
		},
		"and one beside what the event's call added": {
			doc(t, "", https, "ingress tcp 22 10.0.0.0/8"), added(t, "ingress tcp 22 0.0.0.0/0"),
			[]string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 443 0.0.0.0/0"},
			said{Violations: []string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 443 0.0.0.0/0"}, Protect: []string{https}},
		},
		"what other live rules carry needs no protection": {
			doc(t, "", https), sweep, []string{world, https}, said{Violations: []string{world}},
		},
		"nor what two of them carry together": {
			doc(t, "", https), sweep, []string{world, "ingress tcp 443 10.0.0.0/9", "ingress tcp 443 10.128.0.0/9"}, said{Violations: []string{world}},
		},
		"parts inside each other are authorised once": {
			doc(t, "", https, "ingress tcp 443 10.1.0.0/16"), sweep, []string{world}, said{Violations: []string{world}, Protect: []string{https}},
		},
		"with match exact a part would be a violation, so the approved rule itself": {
			doc(t, `"match":"exact",`, "ingress tcp 400-500 10.0.0.0/8"), sweep,
			[]string{"ingress tcp 443 10.0.0.0/8"},
			said{Violations: []string{https}, Protect: []string{"ingress tcp 400-500 10.0.0.0/8"}},
		},
		"who is for every address is for the members of groups too": {
			doc(t, "", "ingress tcp 443 0.0.0.0/0", "ingress tcp 443 ::/0"), sweep,
			[]string{"ingress tcp 443 ::/0", "ingress all all sg-0bad"},
			said{Violations: []string{"ingress all all sg-0bad"}, Protect: []string{"ingress tcp 443 sg-0bad"}, Missing: []string{"ingress tcp 443 0.0.0.0/0"}},
		},
		"but not who is for one family's only": {
			doc(t, "", "ingress tcp 443 ::/0"), sweep, []string{"ingress tcp 443 ::/0", "ingress all all sg-0bad"}, said{Violations: []string{"ingress all all sg-0bad"}},
		},
		"with match exact, the approved rule for every address": {
			doc(t, `"match":"exact",`, "egress all all 0.0.0.0/0", "egress all all ::/0"), sweep,
			[]string{"egress all all ::/0", "egress tcp 443 pl-0b"},
			said{Violations: []string{"egress tcp 443 pl-0b"}, Protect: []string{"egress all all 0.0.0.0/0"}},
		},
		"a group never carries the traffic of addresses": {
			doc(t, "", https), modified(t, "sgr-0", "ingress tcp 443 sg-0bad"),
			[]string{"ingress tcp 443 sg-0bad"},
			said{Violations: []string{"ingress tcp 443 sg-0bad"}, Missing: []string{https}},
		},
		"with restore, what only an added rule carries was missing before": {
			doc(t, `"restore":true,`, https), added(t, world), []string{world}, said{Violations: []string{world}, Missing: []string{https}},
		},
		"without it, the event of an Authorize call takes nothing away": {
			doc(t, "", https), added(t, "ingress tcp 443 192.168.0.0/16"), nil, said{Violations: []string{"ingress tcp 443 192.168.0.0/16 (gone)"}},
		},
		"a direction that the baseline does not mention is left alone, rules and all": {
			decode(t, `{"schema":1,"groupId":"`+group+`","ingress":[]}`), sweep, []string{"egress all all 0.0.0.0/0", https}, said{Violations: []string{https}},
		},
		"and an empty list permits none": {
			decode(t, `{"schema":1,"groupId":"`+group+`","egress":[]}`), sweep, []string{"egress all all 0.0.0.0/0", https}, said{Violations: []string{"egress all all 0.0.0.0/0"}},
		},
		"a rule of an unknown direction that is not live is none where one direction is not guarded": {
			decode(t, `{"schema":1,"groupId":"`+group+`","ingress":[]}`), modified(t, "sgr-gone", https), nil, said{},
		},
		"permitted rules that nobody wrote can make room for a missing one": {
			doc(t, `"restore":true,`, https, "ingress tcp 80 10.0.0.0/8"), sweep,
			[]string{https, "ingress tcp 443 10.1.0.0/16", "ingress tcp 443 10.2.0.0/16"},
			said{Missing: []string{"ingress tcp 80 10.0.0.0/8"}, Redundant: []string{"ingress tcp 443 10.1.0.0/16", "ingress tcp 443 10.2.0.0/16"}},
		},
		"but not those whose traffic no written rule carries": {
			doc(t, `"restore":true,`, https, "ingress tcp 80 10.0.0.0/8"), sweep,
			[]string{"ingress tcp 443 10.1.0.0/16"},
			said{Missing: []string{https, "ingress tcp 80 10.0.0.0/8"}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, say(judge.ByBaseline(c.doc, judge.Grounds{}, c.hint, live(t, c.live...), now))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Within EC2's quotas, somebody approves 255 ranges and an intruder opens the one
// around them.
func TestABaselineWiderThanAnyQuotaOpensNothingForAnAddedRule(t *testing.T) {
	t.Parallel()
	var approved []string
	for i := range 255 {
		approved = append(approved, fmt.Sprintf("ingress tcp 443 10.%d.0.0/16", i))
	}
	const opened = "ingress tcp 443 10.0.0.0/8"
	d := judge.ByBaseline(doc(t, "", approved...), judge.Grounds{}, added(t, opened), live(t, opened), now)
	if len(d.Violations) != 1 || len(d.Protect) != 0 {
		t.Errorf("%d violations, %d rules to authorise", len(d.Violations), len(d.Protect))
	}
	d = judge.ByBaseline(doc(t, "", approved...), judge.Grounds{}, sweep, live(t, opened), now)
	if len(d.Violations) != 1 || len(d.Protect) != 255 {
		t.Errorf("of unknown origin: %d violations, %d rules to authorise", len(d.Violations), len(d.Protect))
	}
}

// However much is approved, what is protected is worked out soon.
func TestAsMuchIsProtectedAsAGroupCanHave(t *testing.T) {
	t.Parallel()
	var approved []string
	for i := range 9_000 {
		approved = append(approved, fmt.Sprintf("ingress tcp %d 10.0.0.0/%d", i, 16+i%16))
	}
	for i, text := range approved { // masked, as baselines have to be
		approved[i] = parseMasked(t, text)
	}
	d := judge.ByBaseline(doc(t, "", approved...), judge.Grounds{}, sweep, live(t, "ingress all all 0.0.0.0/0"), now)
	if len(d.Protect) == 0 || len(d.Protect) > 1000 || d.Protect[0].Rule.Peer.Prefix.Bits() != 16 {
		t.Errorf("%d rules, the first %v", len(d.Protect), d.Protect[0].Rule)
	}
}

func parseMasked(t testing.TB, text string) string {
	t.Helper()
	return parse(t, text).String()
}

func TestWhatTheEventSaysOfAViolation(t *testing.T) {
	t.Parallel()
	const opened, other = "ingress tcp 22 0.0.0.0/0", "ingress tcp 23 0.0.0.0/0"
	withID := added(t, opened)
	withID.Changes[0].RuleID = "sgr-7"
	type facts struct{ NotLive, MaybeLive, OpenedByEvent, Added, ReportedByRetry bool }
	cases := map[string]struct {
		hint     trail.Trigger
		live     []secgroup.LiveRule
		approved string
		want     facts
		reason   string
	}{
		"added by the event's call":                {added(t, opened), live(t, opened), "", facts{OpenedByEvent: true, Added: true, ReportedByRetry: true}, "from 0.0.0.0/0"},
		"not named by the event":                   {added(t, other), live(t, opened), "", facts{}, "; this event does not name it"},
		"found by a sweep":                         {sweep, live(t, opened), "", facts{}, "from 0.0.0.0/0"},
		"found by an event that opened nothing":    {trail.Trigger{EventID: "event"}, live(t, opened), "", facts{}, "from 0.0.0.0/0"},
		"modified by the event's call":             {modified(t, "sgr-0", opened), live(t, opened), "", facts{OpenedByEvent: true, ReportedByRetry: true}, "from 0.0.0.0/0"},
		"modified, and permitted the other way":    {modified(t, "sgr-0", opened), live(t, opened), "egress tcp 22 0.0.0.0/0", facts{OpenedByEvent: true}, "from 0.0.0.0/0"},
		"not live, and the event has no id of it":  {added(t, opened), nil, "", facts{NotLive: true, OpenedByEvent: true}, "from 0.0.0.0/0"},
		"not live, or the read was stale":          {withID, nil, "", facts{NotLive: true, MaybeLive: true, OpenedByEvent: true}, "from 0.0.0.0/0"},
		"added by the event's call, by its id":     {withID, []secgroup.LiveRule{{ID: "sgr-7", Rule: parse(t, opened)}}, "", facts{OpenedByEvent: true, Added: true, ReportedByRetry: true}, "from 0.0.0.0/0"},
		"added by another call with the same text": {withID, live(t, opened), "", facts{}, "; this event does not name it"},
		"its id stands for another rule meanwhile": {withID, []secgroup.LiveRule{{ID: "sgr-7", Rule: parse(t, "ingress tcp 80 10.0.0.0/8")}}, "ingress tcp 80 10.0.0.0/8", facts{NotLive: true, OpenedByEvent: true}, "from 0.0.0.0/0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var approved []string
			if c.approved != "" {
				approved = []string{c.approved}
			}
			d := judge.ByBaseline(doc(t, "", approved...), judge.Grounds{}, c.hint, c.live, now)
			for _, v := range d.Violations {
				if v.Rule.String() != opened {
					continue
				}
				if diff := cmp.Diff(c.want, facts{v.NotLive, v.MaybeLive, v.OpenedByEvent, v.Added, v.ReportedByRetry}); diff != "" {
					t.Error(diff)
				}
				if !strings.HasSuffix(v.Reason(), c.reason) {
					t.Errorf("reason %q", v.Reason())
				}
				return
			}
			t.Errorf("no violation: %+v", d)
		})
	}
}

// The rule of another id was made by another call. The rule of the event's id is not live,
// or the read was stale and shows its predecessor.
func TestARuleThatReadsLikeTheEventsDoesNotStandForIt(t *testing.T) {
	t.Parallel()
	const opened = "ingress tcp 22 0.0.0.0/0"
	hint := added(t, opened)
	hint.Changes[0].RuleID = "sgr-7"
	d := judge.ByBaseline(doc(t, ""), judge.Grounds{}, hint, live(t, opened), now)
	var got []string
	for _, v := range d.Violations {
		got = append(got, fmt.Sprintf("%s gone %t, unseen %t", v.ID, v.NotLive, v.MaybeLive))
	}
	if diff := cmp.Diff([]string{"sgr-0 gone false, unseen false", "sgr-7 gone true, unseen true"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestExceptionsThatHaveExpired(t *testing.T) {
	t.Parallel()
	half := func(cidr string) string {
		return fmt.Sprintf(`{"direction":"ingress","protocol":"tcp","ports":"22","sources":[%q],"expires":"2026-11-25T12:00:00Z","reason":"INC-1"}`, cidr)
	}
	d := decode(t, fmt.Sprintf(`{"schema":1,"groupId":%q,"ingress":[],"exceptions":[%s,%s]}`, group, half("20.0.0.0/25"), half("20.0.0.128/25")))
	rules := live(t, "ingress tcp 22 20.0.0.0/24")
	if got := judge.ByBaseline(d, judge.Grounds{}, sweep, rules, now.Add(-time.Nanosecond)); !got.Empty() {
		t.Errorf("before: %+v", got)
	}
	got := judge.ByBaseline(d, judge.Grounds{}, sweep, rules, now)
	if got.Kind != alert.ExceptionExpired || len(got.Violations) != 1 || !strings.HasPrefix(got.Violations[0].Reason(), "the exception (INC-1) expired at 2026-11-25T12:00:00Z; ") {
		t.Errorf("after: %+v", got)
	}
}

func guardrail(t testing.TB, entries ...string) *baseline.Guardrail {
	t.Helper()
	g, err := baseline.DecodeGuardrail([]byte(`{"schema":1,"mode":"enforce","forbid":[` + strings.Join(entries, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestWhatFollowsFromTheGuardrail(t *testing.T) {
	t.Parallel()
	const sshTo24 = `{"direction":"ingress","protocol":"tcp","ports":"22","widest":{"ipv4":24}}`
	const left, right = "ingress tcp 22 20.0.0.0/24", "ingress tcp 22 20.0.1.0/24"
	cases := map[string]struct {
		hint trail.Trigger
		live []string
		want []string
	}{
		"a new neighbour is revoked, the old one stays":    {added(t, left), []string{left, right}, []string{left}},
		"whichever came last":                              {added(t, right), []string{left, right}, []string{right}},
		"of unknown order one is revoked, always the same": {sweep, []string{right, left}, []string{right}},
		"what is not live makes no live rule guilty":       {added(t, left), []string{right}, []string{left + " (gone)"}},
		"all of IPv6": {sweep, []string{"ingress tcp 22 2000::/3"}, []string{"ingress tcp 22 2000::/3"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := judge.ByGuardrail(guardrail(t, sshTo24), judge.Grounds{}, c.hint, live(t, c.live...), now)
			if diff := cmp.Diff(said{Violations: c.want}, say(d)); diff != "" {
				t.Error(diff)
			}
		})
	}
	both := judge.ByGuardrail(guardrail(t, sshTo24, strings.Replace(sshTo24, "24", "16", 1)), judge.Grounds{}, sweep, live(t, "ingress tcp 22 20.0.0.0/8"), now)
	if len(both.Violations) != 1 || !strings.Contains(both.Violations[0].Reason(), "/24") {
		t.Errorf("of two entries that it breaks, the first is named: %+v", both)
	}
}

// A rule without a canonical form is reported, whatever judges the group.
func TestRulesThatCannotBeReadAreReportedNotJudged(t *testing.T) {
	t.Parallel()
	odd := []secgroup.LiveRule{{ID: "sgr-odd", Rule: rule.Rule{Direction: rule.Egress}, NotCanonical: errors.New("no peer")}}
	for name, c := range map[string]struct {
		d    judge.Decision
		want int
	}{
		"a baseline":                         {judge.ByBaseline(doc(t, ""), judge.Grounds{}, sweep, odd, now), 1},
		"a baseline, egress not guarded":     {judge.ByBaseline(decode(t, `{"schema":1,"groupId":"`+group+`","ingress":[]}`), judge.Grounds{}, sweep, odd, now), 0},
		"the guardrail":                      {judge.ByGuardrail(guardrail(t), judge.Grounds{}, sweep, odd, now), 1},
		"the guardrail, as the event has it": {judge.ByGuardrail(guardrail(t), judge.Grounds{}, trail.Trigger{EventID: "event"}, odd, now), 1},
	} {
		if len(c.d.NotCanonical) != c.want || len(c.d.Violations) != 0 || c.d.Empty() != (c.want == 0) {
			t.Errorf("%s: %+v", name, c.d)
		}
	}
}
