package replay

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// busy is a history in which a tool and a person contend for a rule.
var busy = []string{
	"08:00 ana create " + web + " web",
	"09:00 tool authorize " + web + " sgr-1 " + world, "09:10 ana authorize " + web + " sgr-2 " + world, "09:20 tool authorize " + web + " sgr-3 " + world,
	"10:00 bob authorize " + web + " sgr-4 ingress tcp 8080 10.0.0.0/8",
	"11:00 bob authorize " + web + " sgr-5 " + https,
}

func TestWhatIsCounted(t *testing.T) {
	t.Parallel()
	o := Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, "groupName: web\n"+ingressOnly)}}, From: day.AddDate(0, 0, -1), To: day.AddDate(0, 0, 1)}
	_, got := replayed(t, o, busy...)
	want := Result{
		From: o.From, To: o.To, Changes: 6, Calls: Tally{Reverted: 4}, Judged: 6,
		ByGroup: []GroupCount{{GroupID: web, GroupName: "web", Account: "111122223333", Region: "us-east-1", JudgedBy: "baseline", Tally: Tally{Reverted: 4}, RulesKnown: "known from its creation"}},
		ByActor: []ActorCount{
			{Actor: arnOf("tool"), Changes: 2, Tally: Tally{Reverted: 2}},
			{Actor: arnOf("ana"), Changes: 2, Tally: Tally{Reverted: 1}},
			{Actor: arnOf("bob"), Changes: 2, Tally: Tally{Reverted: 1}},
		},
		ByRule: []RuleCount{{Rule: world, Tally: Tally{Reverted: 3}}, {Rule: "ingress tcp 8080 10.0.0.0/8", Tally: Tally{Reverted: 1}}},
		ByDay:  []DayCount{{Day: "2026-11-19"}, {Day: "2026-11-20", Changes: 6, Tally: Tally{Reverted: 4}}},
		Contentions: []Contention{{
			GroupID: web, GroupName: "web", Rule: world, Times: 3,
			Actors: []ActorTimes{{arnOf("tool"), 2}, {arnOf("ana"), 1}}, First: at("09:00"), Last: at("09:20"),
		}},
		ApprovalsNeed: []ApprovalNeeded{
			{
				GroupID: web, GroupName: "web", Rule: world, Times: 3,
				Command: "deploy/baseline.sh allow " + web + " 'ingress tcp 22 0.0.0.0/0' --for-good --description 'WHY'",
				Entry:   `ingress: - {protocol: tcp, ports: "22", sources: ["0.0.0.0/0"], description: WHY}`,
			},
			{
				GroupID: web, GroupName: "web", Rule: "ingress tcp 8080 10.0.0.0/8", Times: 1,
				Command: "deploy/baseline.sh allow " + web + " 'ingress tcp 8080 10.0.0.0/8' --for-good --description 'WHY'",
				Entry:   `ingress: - {protocol: tcp, ports: "8080", sources: ["10.0.0.0/8"], description: WHY}`,
			},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Result{}, "Assumptions")); diff != "" {
		t.Error(diff)
	}
	if len(got.Assumptions) != 1+len(NotReplayed) {
		t.Errorf("got %q", got.Assumptions)
	}
}

func TestWhatCanNotBeJudgedIsCountedByReason(t *testing.T) {
	t.Parallel()
	change := func(alter func(*Event)) Event {
		e := event("10:00 ana authorize " + web + " sgr-1 " + https)
		alter(&e)
		return e
	}
	cases := map[string]struct {
		event  Event
		reason string // empty: judged
	}{
		"a call that is judged":            {change(func(*Event) {}), ""},
		"a group that nobody knows":        {change(func(e *Event) { e.Nothing = &trail.Nothing{NeedsSweep: true} }), "the record does not say which group changed"},
		"a group that only has a name":     {change(func(e *Event) { e.Trigger.GroupID, e.Trigger.GroupName = "", "db" }), "the record names its group by the name only, and the history does not say which group has the name"},
		"a name that the history explains": {change(func(e *Event) { e.Trigger.GroupID, e.Trigger.GroupName = "", "web" }), ""},
		"a clock before CloudTrail":        {change(func(e *Event) { e.Trigger.Time = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC) }), "the record has no time, or one before CloudTrail began in 2013"},
		"no time":                          {change(func(e *Event) { e.Trigger.Time = time.Time{} }), "the record has no time, or one before CloudTrail began in 2013"},
		"a clock in the future":            {change(func(e *Event) { e.Trigger.Time = day.AddDate(1, 0, 0) }), "the record has a time in the future"},
		"a rule that can't be read":        {change(func(e *Event) { e.Trigger.Unparsed = []error{fmt.Errorf("no")} }), "the record names a rule that can't be read"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := New(Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, ingressOnly)}}, Latest: day.AddDate(0, 0, 1)}, func(Revert) error { return nil })
			for _, e := range []Event{event("09:00 ana create " + web + " web"), c.event} {
				if err := r.Take(e); err != nil {
					t.Fatal(err)
				}
			}
			result, err := r.Finish()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range result.NotJudged {
				got = append(got, n.Reason)
			}
			if c.reason == "" && (len(got) > 0 || result.Judged != 2) || c.reason != "" && (len(got) != 1 || got[0] != c.reason) {
				t.Errorf("got %q, %d judged", got, result.Judged)
			}
		})
	}
}

func TestCallsInAnotherAccountAreCountedAndNotJudged(t *testing.T) {
	t.Parallel()
	o := Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, ingressOnly)}}, Account: "999999999999", Region: "us-east-1"}
	got, result := replayed(t, o, busy...)
	if len(got) > 0 || result.Changes != 0 {
		t.Errorf("got %v, %+v", got, result)
	}
	if diff := cmp.Diff([]Origin{{"111122223333", "us-east-1", 6}}, result.Elsewhere); diff != "" {
		t.Error(diff)
	}
	o.Account = "111122223333"
	if got, _ := replayed(t, o, busy...); len(got) != 4 {
		t.Errorf("in its own account: %v", got)
	}
}

func TestATableIsBounded(t *testing.T) {
	t.Parallel()
	counted := newTable[int, Tally]()
	for i := range mostRows + 5 {
		counted.row(i).Reverted++
	}
	if len(counted.rows) != mostRows || counted.rest.Reverted != 5 {
		t.Errorf("%d rows, and %+v", len(counted.rows), counted.rest)
	}
	if counted.row(0).Reverted != 1 {
		t.Error("a row that is there is not found")
	}
}

func TestWhoMadeACall(t *testing.T) {
	t.Parallel()
	const sso = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"
	for want, trigger := range map[string]trail.Trigger{
		arnOf("ana"):                             {Principal: arnOf("ana")},
		sso + " (ana@example.com)":               {Principal: sso, Actor: trail.Actor{ARN: "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_1/ana@example.com"}},
		"role (ana)":                             {Principal: "role", Actor: trail.Actor{ARN: "arn/any-name", SourceIdentity: "ana"}},
		"role":                                   {Principal: "role", Actor: trail.Actor{ARN: "arn/any-name"}},
		"role (by cloudformation.amazonaws.com)": {Principal: "role", Actor: trail.Actor{InvokedBy: "cloudformation.amazonaws.com"}},
		"rds.amazonaws.com":                      {Actor: trail.Actor{InvokedBy: "rds.amazonaws.com"}},
		"not known":                              {},
	} {
		if got := actorOf(trigger); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAResultIsJSONWithListsInsteadOfNull(t *testing.T) {
	t.Parallel()
	_, result := replayed(t, Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, ingressOnly)}}})
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for name, value := range fields {
		if value == nil {
			t.Errorf("%s is null", name)
		}
	}
}

// BenchmarkACall replays a call of a group with a baseline.
func BenchmarkACall(b *testing.B) {
	doc, err := yamlfile.Decode([]byte("schema: 1\ngroupId: "+web+"\n"+ingressOnly), web)
	if err != nil {
		b.Fatal(err)
	}
	r := New(Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: doc}}}, func(Revert) error { return nil })
	events := []Event{event("10:00 ana authorize " + web + " sgr-1 " + world), event("10:00 ana authorize " + web + " sgr-2 " + https)}
	for n := 0; b.Loop(); n++ {
		if err := r.Take(events[n%2]); err != nil {
			b.Fatal(err)
		}
	}
}
