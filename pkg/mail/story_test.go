package mail

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const (
	front   = "sg-0a1b2c3d4e5f60718"
	eventID = "0f9c1f7a-3c1e-4a65-9c39-3f3f1c6d1c11"
)

var (
	at  = time.Date(2026, 11, 29, 7, 10, 30, 0, time.UTC)
	ana = &alert.Actor{
		Type: "AssumedRole", ARN: "arn:aws:sts::123456789012:assumed-role/terraform-ci/ana",
		SourceIP: "203.0.113.7", UserAgent: "aws-cli/2.31.18", SourceIdentity: "ana@example.com",
	}
)

func finding(text string, action alert.Action) alert.Finding {
	r, err := rule.Parse(text)
	if err != nil {
		panic(err)
	}
	return alert.Finding{
		Rule: text, Canonical: r, RuleID: "sgr-0d28aecb82750f866", Verdict: alert.Violation, Action: action, OpenedByEvent: true,
		Reason: rule.Compile(nil).Reason(r, rule.Covered),
	}
}

func missingRule(text string, action alert.Action) alert.Finding {
	f := finding(text, action)
	f.Verdict, f.RuleID, f.OpenedByEvent, f.Reason = alert.Missing, "", false, "approved, and not there"
	return f
}

func drift(outcome alert.Outcome, findings ...alert.Finding) alert.Alert {
	a := alert.Alert{
		Kind: alert.Drift, Outcome: outcome, Account: "123456789012", Region: "us-east-1",
		GroupID: front, GroupName: "ecs-front", VpcID: "vpc-0f1e2d3c4b5a69788",
		Event: alert.Event{ID: eventID, Name: "AuthorizeSecurityGroupIngress", Time: at}, Actor: ana,
		Baseline: alert.Baseline{Parameter: "/sg-baseline/groups/" + front, Version: 7},
		Findings: findings, MadeAt: at.Add(20 * time.Second),
	}
	if outcome == alert.Reverted && len(findings) > 0 && findings[0].Verdict == alert.Violation {
		seconds := 20.4
		a.ExposureSeconds = &seconds
	}
	return a
}

func swept(a alert.Alert) alert.Alert {
	a.Actor, a.Event, a.ExposureSeconds = nil, alert.Event{Name: "Sweep"}, nil
	a.Findings = slices.Clone(a.Findings)
	for i := range a.Findings {
		a.Findings[i].OpenedByEvent = false
	}
	return a
}

func document(kind alert.Kind, parameter, reason string) alert.Alert {
	a := drift(alert.None)
	a.Kind, a.Reason, a.Event = kind, reason, alert.Event{ID: "c409", Name: "Parameter Store Change", Time: at}
	a.Actor = &alert.Actor{ARN: "arn:aws:iam::123456789012:user/ana"}
	a.Baseline = alert.Baseline{Parameter: "/sg-baseline/" + parameter, Version: 8}
	return a
}

func common(a alert.Alert) alert.Alert {
	a.GroupID, a.GroupName, a.VpcID = "", "", ""
	return a
}

func deleted(a alert.Alert) alert.Alert {
	a.Actor, a.Baseline.Version, a.Weakens = nil, 0, true
	return a
}

func broken(parameter, reason string) alert.Alert {
	a := document(alert.BaselineError, parameter, reason)
	a.Outcome, a.Actor, a.Broken = alert.Failed, nil, true
	return a
}

// other is the same alert in another group.
func other(a alert.Alert, n int) alert.Alert {
	a.GroupID, a.GroupName = fmt.Sprintf("sg-0000000000000%04d", n), fmt.Sprintf("service-%d", n)
	a.Baseline.Parameter = "/sg-baseline/groups/" + a.GroupID
	return a
}

func storyOf(alerts ...alert.Alert) Story {
	s := Story{}
	for _, a := range alerts {
		s.Alerts = append(s.Alerts, alert.New(a))
	}
	return s
}

// remembered is a story that people were notified of twice before.
func remembered(s Story) Story {
	s.Reminders = map[Ref]Reminder{}
	for _, a := range s.Alerts {
		if len(a.Findings) == 0 {
			s.Reminders[Ref{GroupID: a.GroupID, Parameter: a.Baseline.Parameter}] = Reminder{at.Add(-48 * time.Hour), 3}
		}
		for _, f := range a.Findings {
			s.Reminders[Ref{GroupID: a.GroupID, Rule: f.Rule, Verdict: f.Verdict}] = Reminder{at.Add(-48 * time.Hour), 3}
		}
	}
	return s
}

func thirtyRulesInSixGroups() Story {
	var alerts []alert.Alert
	for group := range 6 {
		var findings []alert.Finding
		for n := range 5 {
			findings = append(findings, finding(fmt.Sprintf("ingress tcp %d 198.51.100.0/24", 8080+n), alert.ActionRevoked))
		}
		if group == 3 {
			findings[4] = finding("ingress tcp 22 0.0.0.0/0", alert.ActionRevoked)
		}
		alerts = append(alerts, other(drift(alert.Reverted, findings...), group+1))
	}
	return storyOf(alerts...)
}

func elevenBaselines() Story {
	var alerts []alert.Alert
	for group := range 11 {
		a := document(alert.BaselineChanged, "", "updated")
		if group == 0 {
			a.PermitsLess = []string{"ingress tcp 443 10.0.0.0/8"}
			a.Findings = []alert.Finding{inGrace("ingress tcp 443 10.0.0.0/8")}
		}
		a.PermitsMore = []string{"ingress tcp 8443 10.0.0.0/8"}
		alerts = append(alerts, other(a, group+1))
		if group == 1 {
			rules := other(drift(alert.None, missingRule("ingress tcp 8443 10.0.0.0/8", alert.ActionNone)), group+1)
			rules.Actor, rules.Event = nil, a.Event
			alerts = append(alerts, rules)
		}
	}
	return storyOf(alerts...)
}

func inGrace(text string) alert.Finding {
	f := finding(text, alert.ActionNone)
	f.OpenedByEvent = false
	f.Reason = "live, and permitted until 2026-11-29T07:20:30Z only, by version 7 (grace); the next sweep after that revokes it"
	return f
}

func withActor(a alert.Alert, actor alert.Actor) alert.Alert {
	a.Actor = &actor
	return a
}

func TestMailsReadAsTheGoldenFilesSay(t *testing.T) {
	t.Parallel()
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".mail", text(Render(s)))
		})
	}
}
