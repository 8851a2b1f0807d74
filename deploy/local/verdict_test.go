package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestTheAlertOfAMistakeHasToNameTheLiveEgressRulesAndWhenTheyGo(t *testing.T) {
	t.Parallel()
	const https, mysql = "egress tcp 443 0.0.0.0/0", "egress tcp 3306 10.0.0.0/16"
	const inTime = "live, and permitted until 2026-11-26T00:10:00Z only, by version 2"
	at := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	live := []string{mysql, https, "ingress tcp 80 10.0.0.0/16"}
	tests := []struct {
		name     string
		live     []string
		findings []alert.Finding
		want     string // what the problem says; "" for none
	}{
		{"both rules, in any order, with the end of the grace", live, []alert.Finding{{Rule: https, Reason: inTime}, {Rule: mysql, Reason: inTime}}, ""},
		{"a rule is not named", live, []alert.Finding{{Rule: https, Reason: inTime}}, "other rules"},
		{"an ingress rule is named too", live, []alert.Finding{{Rule: https, Reason: inTime}, {Rule: mysql, Reason: inTime}, {Rule: live[2], Reason: inTime}}, "other rules"},
		{"nothing is named", live, nil, "other rules"},
		{"there was no live rule to lose", live[2:], nil, "other rules"},
		{"no time", live, []alert.Finding{{Rule: https, Reason: "live"}, {Rule: mysql, Reason: inTime}}, "does not say that " + https + " goes"},
		{"another time", live, []alert.Finding{{Rule: https, Reason: strings.ReplaceAll(inTime, "00:10", "00:20")}}, "does not say that " + https + " goes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := announces(alert.Alert{Event: alert.Event{Time: at}, Findings: test.findings}, test.live)
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("problem %q, want one with %q", got, test.want)
			}
		})
	}
}

func TestSubscribersHaveToGetAsManyAlertsOfEachKindAsAreDueAndNoOthers(t *testing.T) {
	t.Parallel()
	due := tally{reverted: 1, changed: 2, approved: 3, pending: 4}
	tests := []struct {
		name string
		got  tally
		want []string
	}{
		{"all that are due", due, nil},
		{"no approval", tally{reverted: 1, changed: 2, pending: 4}, []string{"subscribers got 0 alerts of approvals, and should have got 3"}},
		{"one too many of what is pending", tally{reverted: 1, changed: 2, approved: 3, pending: 5}, []string{"subscribers got 5 alerts of what is pending, and should have got 4"}},
		{"an odd one", tally{reverted: 1, changed: 2, approved: 3, pending: 4, odd: []string{"x"}}, []string{"subscribers got an alert that is none of these: x"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.got.problems(due)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMailHasItsFourLinesAndDoesNotBlameSgwarden(t *testing.T) {
	t.Parallel()
	const good = "What happened:  a\nWho did it:     IAM user mallory\nHandled:        Yes.\nWhat to do now: Ask.\n\nSecurity group a"
	for _, test := range []struct{ name, subject, body, want string }{
		{"a good one", "[sgwarden] reverted", good, ""},
		{"another subject", "reverted", good, "another subject"},
		{"a long subject", "[sgwarden] " + strings.Repeat("x", 89), good, "another subject"},
		{"a line is missing", "[sgwarden] reverted", strings.Replace(good, "Handled:", "State:", 1), "it lacks Handled:"},
		{"nothing in it", "[sgwarden] reverted", "", "it lacks What happened:"},
		{"its own role", "[sgwarden] reverted", strings.Replace(good, "IAM user mallory", "role own-role", 1), "sgwarden itself"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(mailProblems([]cloud.Mail{{Subject: test.subject, Body: test.body}}, "own-role"), "\n")
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("problems %q, want %q", got, test.want)
			}
		})
	}
}

func TestABurstMakesFewMailsThatNameEachRuleOnce(t *testing.T) {
	t.Parallel()
	rules := []string{"ingress tcp 1 0.0.0.0/0", "ingress tcp 12 0.0.0.0/0"}
	mail := func(who string, rules ...string) cloud.Mail {
		text := "What happened:  x\nWho did it:     " + who + "\n"
		for _, rule := range rules {
			text += "  revoked        " + rule + "\n"
		}
		return cloud.Mail{Body: text}
	}
	both := mail("mallory", rules...)
	for _, test := range []struct {
		name  string
		mails []cloud.Mail
		want  string
	}{
		{"one mail", []cloud.Mail{both}, ""},
		{"two mails", []cloud.Mail{mail("mallory", rules[0]), mail("mallory", rules[1])}, ""},
		{"none", nil, "made 0 mails"},
		{"three", []cloud.Mail{mail("mallory", rules[0]), mail("mallory", rules[1]), mail("mallory")}, "made 3 mails"},
		{"a rule is missing", []cloud.Mail{mail("mallory", rules[0])}, rules[1] + " is reported 0 times"},
		{"a rule is reported twice", []cloud.Mail{both, mail("mallory", rules[0])}, rules[0] + " is reported 2 times"},
		{"another did it", []cloud.Mail{mail("ana", rules...)}, "does not say that mallory did it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := burstProblem(test.mails, rules, "mallory")
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("problem %q, want %q", got, test.want)
			}
		})
	}
}

func TestAnAlertOfWhichNoMailSaysAWordIsUnreported(t *testing.T) {
	t.Parallel()
	reported := delivered{document: alert.Alert{GroupID: "sg-1", Findings: []alert.Finding{{Rule: "ingress tcp 22 0.0.0.0/0"}}}}
	mail := cloud.Mail{Body: "Security group a (sg-1)\n  revoked ingress tcp 22 0.0.0.0/0\n"}
	other := reported
	other.document.GroupID = "sg-2"
	if got := unreported([]delivered{reported}, []cloud.Mail{mail}); got != nil {
		t.Errorf("unreported: %q", got)
	}
	if got := unreported([]delivered{reported, other}, []cloud.Mail{mail}); len(got) != 1 || !strings.Contains(got[0], "sg-2") {
		t.Errorf("unreported: %q, want the one of sg-2", got)
	}
}

func TestWhoDoesItIsAUserOrThePipelinesRole(t *testing.T) {
	t.Parallel()
	if got := principal("ana").Identity; got.Type != "IAMUser" || got.SessionContext != nil {
		t.Errorf("ana is %+v", got)
	}
	got := principal(pipeline).Identity
	if got.Type != "AssumedRole" || got.SessionContext == nil || got.SessionContext.SessionIssuer.ARN != pipelineRole {
		t.Errorf("the pipeline is %+v", got)
	}
	if principal("mallory").SourceIP == principal("ana").SourceIP {
		t.Error("an intruder comes from where ana does")
	}
}
