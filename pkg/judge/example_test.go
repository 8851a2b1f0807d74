package judge_test

import (
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// liveRule is a rule of a group, as EC2 would list it.
func liveRule(id, text string) secgroup.LiveRule {
	r, err := rule.Parse(text)
	if err != nil {
		panic(err)
	}
	return secgroup.LiveRule{ID: id, Rule: r}
}

// webBaseline permits HTTPS from the company's network, and leaves egress alone.
func webBaseline() *baseline.Document {
	doc, err := baseline.Decode([]byte(`{"schema": 1, "groupId": "sg-0a1b2c3d4e5f60718",
		"ingress": [{"protocol": "tcp", "ports": "443", "sources": ["10.0.0.0/16"]}]}`), "sg-0a1b2c3d4e5f60718")
	if err != nil {
		panic(err)
	}
	return doc
}

// An event says that somebody added a rule. All live rules are judged, those of a direction
// that the baseline does not mention left out.
func ExampleByBaseline() {
	opened := liveRule("sgr-02", "ingress tcp 22 0.0.0.0/0")
	live := []secgroup.LiveRule{liveRule("sgr-01", "ingress tcp 443 10.0.1.0/24"), opened, liveRule("sgr-03", "egress all all 0.0.0.0/0")}
	hint := trail.Trigger{
		EventID: "53c3a5f2", EventName: "AuthorizeSecurityGroupIngress",
		Changes: []trail.Change{{RuleID: opened.ID, Rule: opened.Rule}},
	}
	decision := judge.ByBaseline(webBaseline(), judge.Grounds{}, hint, live, time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC))
	for _, v := range decision.Violations {
		fmt.Println(v.ID, v.Rule, "opened by the event:", v.OpenedByEvent)
		fmt.Println(v.Reason())
	}
	// Output:
	// sgr-02 ingress tcp 22 0.0.0.0/0 opened by the event: true
	// no baseline rule permits tcp 22 from 0.0.0.0/0
}

// A sweep finds the approved rule widened. The violation carries approved traffic, which
// no other live rule carries. So that traffic is authorised before the revoke.
func ExampleByBaseline_widened() {
	live := []secgroup.LiveRule{liveRule("sgr-01", "ingress tcp 443 0.0.0.0/0")}
	decision := judge.ByBaseline(webBaseline(), judge.Grounds{}, trail.Trigger{}, live, time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC))
	for _, p := range decision.Protect {
		fmt.Println("authorise first:", p.Rule)
	}
	for _, v := range decision.Violations {
		fmt.Println("revoke:", v.ID, v.Rule)
	}
	// Output:
	// authorise first: ingress tcp 443 10.0.0.0/16
	// revoke: sgr-01 ingress tcp 443 0.0.0.0/0
}

// An approval permits the rule until it ends.
func ExampleGrounds() {
	live := []secgroup.LiveRule{liveRule("sgr-02", "ingress tcp 22 203.0.113.7/32")}
	now := time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)
	grounds := judge.Grounds{Approvals: []*baseline.Approval{{
		Name: "inc-1234", Rules: []rule.Rule{live[0].Rule}, Expires: now.Add(8 * time.Hour), Reason: "INC-1234",
	}}}
	during := judge.ByBaseline(webBaseline(), grounds, trail.Trigger{}, live, now)
	after := judge.ByBaseline(webBaseline(), grounds, trail.Trigger{}, live, now.Add(9*time.Hour))
	fmt.Println(len(during.Violations), during.Kind)
	fmt.Println(len(after.Violations), after.Kind)
	fmt.Println(after.Violations[0].Reason())
	// Output:
	// 0 drift
	// 1 exception-expired
	// the approval inc-1234 (INC-1234) ended at 2026-11-22T04:00:00Z; no baseline rule permits tcp 22 from 203.0.113.7/32
}
