package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

func TestTheGistOfAMailIsItsHeadlineItsListsAndItsFindingsWithoutCommands(t *testing.T) {
	t.Parallel()
	const mail = "HEADLINE\n\nGroup     a\n\nIt no longer permits:\n  egress b\n\nfound     egress b\n          until then\n\nTo bring the version before back:\n  aws ssm put-parameter\n"
	want := "HEADLINE\nIt no longer permits:\n  egress b\nfound     egress b\n          until then"
	if diff := cmp.Diff(want, gist(mail)); diff != "" {
		t.Errorf("gist (-want +got):\n%s", diff)
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
