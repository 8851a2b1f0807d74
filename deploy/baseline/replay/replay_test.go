package replay

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const ingressOnly = "ingress:\n  - {protocol: tcp, ports: \"443\", sources: [10.0.0.0/8]}\n"

func parsed(t *testing.T, text string) rule.Rule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatSgwardenWouldHaveDone(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		baseline string
		lines    []string
		want     []string
	}{
		"a rule that the baseline permits stays": {ingressOnly, []string{"10:00 ana authorize " + web + " sgr-1 ingress tcp 443 10.1.0.0/16"}, nil},
		"a rule that nothing permits is reverted": {
			ingressOnly,
			[]string{"10:00 ana authorize " + web + " sgr-1 " + world},
			[]string{"10:00 reverted " + world + " ana"},
		},
		"a direction that the baseline does not mention is left alone": {
			ingressOnly,
			[]string{"10:00 ana authorize " + web + " sgr-1 egress tcp 443 0.0.0.0/0"},
			nil,
		},
		"a failed call opens nothing": {ingressOnly, []string{"10:00 ana fail " + web + " sgr-1 " + world}, nil},
		"a group that nothing guards is left alone": {
			ingressOnly,
			[]string{"10:00 ana authorize " + db + " sgr-1 " + world},
			nil,
		},
		"a new group comes with its egress rule": {
			ingressOnly + "egress: []\n",
			[]string{"10:00 ana create " + web + " web"},
			[]string{"10:00 reverted egress all all 0.0.0.0/0 ana"},
		},
		"the egress rule that was revoked in the same second, before the creation, does not come": {
			ingressOnly + "egress: []\n",
			[]string{"10:00 ana revoke " + web + " sgr-9 egress all all 0.0.0.0/0", "10:00 ana create " + web + " web"},
			nil,
		},
		"a modified rule is judged by what it became": {
			ingressOnly,
			[]string{"10:00 ana authorize " + web + " sgr-1 " + https, "10:05 bob modify " + web + " sgr-1 ingress tcp 443 0.0.0.0/0"},
			[]string{"10:05 reverted ingress tcp 443 0.0.0.0/0 bob"},
		},
		"a modified egress rule is not taken for an ingress rule": {
			ingressOnly,
			[]string{"10:00 ana authorize " + web + " sgr-1 egress tcp 443 10.0.0.0/8", "10:05 bob modify " + web + " sgr-1 egress tcp 443 0.0.0.0/0"},
			nil,
		},
		"a modified rule of unknown direction that neither direction permits is reverted": {
			ingressOnly + "egress: []\n",
			[]string{"10:05 bob modify " + web + " sgr-7 " + world},
			[]string{"10:05 reverted " + world + " bob"},
		},
		"a rule that was reverted is not reverted again by the next call": {
			ingressOnly,
			[]string{"10:00 ana authorize " + web + " sgr-1 " + world, "10:05 bob authorize " + web + " sgr-2 " + https},
			[]string{"10:00 reverted " + world + " ana"},
		},
		"a rule that was reverted is modified, and its direction is still known": {
			ingressOnly,
			[]string{"10:00 ana authorize " + web + " sgr-1 " + world, "10:05 ana modify " + web + " sgr-1 ingress tcp 22 10.0.0.0/8"},
			[]string{"10:00 reverted " + world + " ana", "10:05 reverted ingress tcp 22 10.0.0.0/8 ana"},
		},
		"mode alert reports, once for each time that a rule is opened": {
			"mode: alert\n" + ingressOnly,
			[]string{
				"10:00 ana authorize " + web + " sgr-1 " + world, "10:05 bob authorize " + web + " sgr-2 " + https,
				"10:10 ana revoke " + web + " sgr-1 " + world, "10:15 eve authorize " + web + " sgr-3 " + world,
			},
			[]string{"10:00 would-revert " + world + " ana", "10:15 would-revert " + world + " eve"},
		},
		"match exact asks for the same rule": {
			"match: exact\n" + ingressOnly,
			[]string{"10:00 ana authorize " + web + " sgr-1 ingress tcp 443 10.1.0.0/16", "10:01 ana authorize " + web + " sgr-2 " + https},
			[]string{"10:00 reverted ingress tcp 443 10.1.0.0/16 ana"},
		},
		"sgwarden's own calls are no intrusion": {ingressOnly, []string{"10:00 sgwarden authorize " + web + " sgr-1 " + world}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, c.baseline)}}, OwnRoles: []string{arnOf("sgwarden")}}
			got, _ := replayed(t, o, c.lines...)
			if c.want == nil {
				c.want = []string{}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const sshException = ingressOnly + "exceptions:\n  - {direction: ingress, protocol: tcp, ports: \"22\", sources: [0.0.0.0/0], expires: 2026-11-20T12:00:00Z}\n"

func TestWhatPermitsForAWhileIsJudgedAtTheTimeOfTheCall(t *testing.T) {
	t.Parallel()
	approval := func(t *testing.T) map[string][]*baseline.Approval {
		return map[string][]*baseline.Approval{web: {{Name: "inc", Rules: []rule.Rule{parsed(t, world)}, Expires: at("12:00"), Reason: "INC"}}}
	}
	call := func(clock string) string { return clock + " ana authorize " + web + " sgr-1 " + world }
	cases := map[string]struct {
		baseline string
		approved bool
		lines    []string
		want     []string
	}{
		"before the exception's end the rule is permitted, and then it is revoked": {
			sshException, false,
			[]string{call("11:59"), "13:00 ana authorize " + web + " sgr-2 " + https},
			[]string{"12:00 reverted " + world + " ana"},
		},
		"it is revoked at the end of the history too": {sshException, false, []string{call("11:59")}, []string{}},
		"after the exception's end it is reverted at once": {
			sshException, false,
			[]string{call("12:01")},
			[]string{"12:01 reverted " + world + " ana"},
		},
		"an approval permits likewise": {
			ingressOnly, true,
			[]string{call("11:59"), "12:00 ana authorize " + web + " sgr-2 " + https},
			[]string{"12:00 reverted " + world + " ana"},
		},
		"a rule that was revoked in time does not go again": {
			sshException, false,
			[]string{call("11:00"), "11:30 ana revoke " + web + " sgr-1 " + world, "13:00 ana authorize " + web + " sgr-2 " + https},
			[]string{},
		},
		"a revoke by the id alone counts": {
			sshException, false,
			[]string{call("11:00"), "11:30 ana forget " + web + " sgr-1", "13:00 ana authorize " + web + " sgr-2 " + https},
			[]string{},
		},
		"nor does a rule of a group that was deleted": {
			sshException, false,
			[]string{call("11:00"), "11:30 ana delete " + web, "13:00 ana authorize " + db + " sgr-2 " + https},
			[]string{},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, c.baseline)}}}
			if c.approved {
				o.Documents.Approvals = approval(t)
			}
			got, _ := replayed(t, o, c.lines...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnExceptionThatEndsWithinTheRangeIsReplayedWithoutALaterCall(t *testing.T) {
	t.Parallel()
	o := Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, sshException)}}, To: at("23:00"), Latest: at("23:30")}
	got, result := replayed(t, o, "11:00 ana authorize "+web+" sgr-1 "+world)
	if diff := cmp.Diff([]string{"12:00 reverted " + world + " ana"}, got); diff != "" {
		t.Error(diff)
	}
	if result.Ended != 1 || result.Calls.Reverted != 0 {
		t.Errorf("got %+v", result)
	}
}

func guardrail(mode baseline.Mode) *baseline.Guardrail {
	return &baseline.Guardrail{Mode: mode, Forbid: []rule.Forbidden{{Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.Ports{From: 22, To: 22}, WidestV4: 24, WidestV6: 48}}}
}

func TestAGroupWithoutABaselineIsJudgedByTheGuardrailAlone(t *testing.T) {
	t.Parallel()
	halves := []string{
		"10:00 ana authorize " + db + " sgr-1 ingress tcp 22 20.40.60.0/24",
		"10:01 bob authorize " + db + " sgr-2 ingress tcp 22 20.40.61.0/24",
	}
	cases := map[string]struct {
		mode  baseline.Mode
		lines []string
		want  []string
	}{
		"what completes a range that is too wide is revoked": {baseline.Enforce, halves, []string{"10:01 reverted ingress tcp 22 20.40.61.0/24 bob"}},
		"in mode alert it is reported":                       {baseline.Alert, halves, []string{"10:01 would-revert ingress tcp 22 20.40.61.0/24 bob"}},
		"a half that was revoked does not count":             {baseline.Enforce, []string{halves[0], "10:00 ana revoke " + db + " sgr-1 ingress tcp 22 20.40.60.0/24", halves[1]}, []string{}},
		"it says nothing of a group with a baseline":         {baseline.Enforce, []string{"10:00 ana authorize " + web + " sgr-1 ingress tcp 443 0.0.0.0/0"}, []string{"10:00 reverted ingress tcp 443 0.0.0.0/0 ana"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{Documents: Documents{Guardrail: guardrail(c.mode), Baselines: map[string]*baseline.Document{web: documentOf(t, ingressOnly)}}}
			got, _ := replayed(t, o, c.lines...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatATrustedPrincipalOpensWaits(t *testing.T) {
	t.Parallel()
	o := Options{Documents: Documents{
		Baselines: map[string]*baseline.Document{web: documentOf(t, ingressOnly)},
		Trust:     &baseline.Trust{Principals: []baseline.Principal{{ARN: arnOf("ci"), Pending: time.Hour}}},
	}, To: at("20:00")}
	got, result := replayed(t, o,
		"10:00 ci authorize "+web+" sgr-1 ingress tcp 8080 10.0.0.0/8",
		"10:10 ci authorize "+web+" sgr-2 "+world, // of high severity: such a rule never waits
		"10:20 ana authorize "+web+" sgr-3 ingress tcp 8081 10.0.0.0/8",
	)
	want := []string{
		"10:00 pending ingress tcp 8080 10.0.0.0/8 ci",
		"10:10 reverted " + world + " ci",
		"10:20 reverted ingress tcp 8081 10.0.0.0/8 ana",
		"11:00 reverted ingress tcp 8080 10.0.0.0/8 ci",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Tally{Reverted: 2, Pending: 1}, result.Calls); diff != "" {
		t.Error(diff)
	}
}

func TestDuringAPauseEverythingIsReportedOnly(t *testing.T) {
	t.Parallel()
	o := Options{Documents: Documents{
		Baselines:  map[string]*baseline.Document{web: documentOf(t, ingressOnly)},
		Pause:      &baseline.Pause{Until: at("11:00")},
		PausedFrom: at("10:00"),
	}}
	open := func(clock, id, port string) string {
		return clock + " ana authorize " + web + " " + id + " ingress tcp " + port + " 10.0.0.0/8"
	}
	got, _ := replayed(t, o, open("09:59", "sgr-1", "1"), open("10:30", "sgr-2", "2"), open("11:00", "sgr-3", "3"))
	want := []string{"09:59 reverted ingress tcp 1 10.0.0.0/8 ana", "10:30 would-revert ingress tcp 2 10.0.0.0/8 ana", "11:00 reverted ingress tcp 3 10.0.0.0/8 ana"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFailedCallbackEndsTheReplay(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is full")
	r := New(Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, ingressOnly)}}}, func(Revert) error { return broken })
	if err := r.Take(event("10:00 ana authorize " + web + " sgr-1 " + world)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestCallsBeforeTheRangeOnlySayWhichRulesThereWere(t *testing.T) {
	t.Parallel()
	o := Options{Documents: Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, sshException)}}, From: at("11:00"), To: at("15:00")}
	got, result := replayed(t, o,
		"09:00 ana authorize "+web+" sgr-1 "+https,
		"09:10 ana authorize "+web+" sgr-2 ingress tcp 8080 10.0.0.0/8", // there before: not of the range
		"09:20 ana authorize "+web+" sgr-3 "+world,                      // permitted until 12:00
		"11:30 bob modify "+web+" sgr-1 ingress tcp 443 0.0.0.0/0",
	)
	want := []string{"11:30 reverted ingress tcp 443 0.0.0.0/0 bob", "12:00 reverted " + world + " ana"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if result.Changes != 1 || result.Calls.Reverted != 1 || result.Ended != 1 {
		t.Errorf("got %+v", result)
	}
}

func TestADescriptionSaysWhatTheCallsDoNot(t *testing.T) {
	t.Parallel()
	answer := `{"SecurityGroupRules": [
		{"SecurityGroupRuleId": "sgr-1", "GroupId": "` + web + `", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "10.0.0.0/8"},
		{"SecurityGroupRuleId": "sgr-2", "GroupId": "` + web + `", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"},
		{"SecurityGroupRuleId": "sgr-7", "GroupId": "` + web + `", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 23, "ToPort": 23, "CidrIpv4": "0.0.0.0/0"}]}`
	groups, err := ReadAnswer([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{
		"09:00 ana authorize " + web + " sgr-7 ingress tcp 23 0.0.0.0/0",
		"11:00 bob modify " + web + " sgr-1 ingress tcp 443 0.0.0.0/0",
	}
	documents := Documents{Baselines: map[string]*baseline.Document{web: documentOf(t, ingressOnly)}}
	got, result := replayed(t, Options{Documents: documents, Descriptions: []Description{{At: at("10:00"), Groups: groups}}}, lines...)
	want := []string{
		"09:00 reverted ingress tcp 23 0.0.0.0/0 ana", // and not again at 10:00
		"10:00 reverted " + world,
		"11:00 reverted ingress tcp 443 0.0.0.0/0 bob",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if result.OpenedBefore != 1 || result.ByGroup[0].RulesKnown != "known from a description" || len(result.NotJudged) != 0 {
		t.Errorf("got %+v", result)
	}
	_, without := replayed(t, Options{Documents: documents}, lines...)
	if len(without.NotJudged) != 1 || without.ByGroup[0].RulesKnown != "assumed from 2 calls" {
		t.Errorf("without the description: %+v", without)
	}
}

func TestWhatIsNoAnswerOfEC2IsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":                "schema: 1",
		"another answer":         `{"Vpcs": []}`,
		"only a page":            `{"SecurityGroupRules": [], "NextToken": "x"}`,
		"a list instead of that": `[]`,
	} {
		if groups, err := ReadAnswer([]byte(text)); err == nil {
			t.Errorf("%s: got %v", name, groups)
		}
	}
	groups, err := ReadAnswer([]byte(`{"SecurityGroups": [{"GroupId": "` + web + `", "GroupName": "web", "OwnerId": "111122223333",
		"IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
			"UserIdGroupPairs": [{"GroupId": "` + db + `"}], "PrefixListIds": [{"PrefixListId": "pl-0e000001"}]}],
		"IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}]}`))
	if err != nil || len(groups) != 1 {
		t.Fatalf("got %v, %v", groups, err)
	}
	var got []string
	for _, l := range groups[0].Live {
		got = append(got, l.Rule.String())
	}
	want := []string{"ingress tcp 22 10.0.0.0/8", "ingress tcp 22 ::/0", "ingress tcp 22 pl-0e000001", "ingress tcp 22 " + db, "egress all all 0.0.0.0/0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
