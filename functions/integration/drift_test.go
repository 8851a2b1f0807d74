package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

const (
	office   = "ingress tcp 443 10.0.0.0/16"
	world    = "ingress tcp 443 0.0.0.0/0"
	database = "ingress tcp 5432 10.1.0.0/16"
	ssh      = "ingress tcp 22 0.0.0.0/0"
)

func restoring(d *baseline.Document) { d.Restore = true }

func TestARuleWidenedByModifyIsNarrowedToWhatIsApproved(t *testing.T) {
	t.Parallel()
	g := guarded(t, nil, office, database)
	g.modify(t, office, world)
	g.has(t, office, database)
	a := revertedBy(t, g, "ModifySecurityGroupRules")
	want(t, "findings", []string{"missing: restored: " + office, "violation: revoked: " + world}, actions(a))
	if !strings.HasSuffix(a.Actor.ARN, ":user/mallory") || a.Actor.SourceIP != "203.0.113.66" {
		t.Errorf("actor %+v", a.Actor)
	}
}

// revertedBy waits until everything is dealt with, and returns the one alert that an event's drift was reverted.
func revertedBy(t *testing.T, g group, event string) alert.Alert {
	t.Helper()
	idle(t)
	var found []alert.Alert
	for _, a := range g.alerts(t) {
		if a.Kind == alert.Drift && a.Outcome == alert.Reverted && a.Event.Name == event {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d such alerts, want 1: %+v", len(found), g.alerts(t))
	}
	return found[0]
}

func TestARuleModifiedWithinWhatIsApprovedStays(t *testing.T) {
	t.Parallel()
	g := unguarded(t, "ingress tcp 443 10.0.1.0/24", office)
	put(t, parameters, g.document(t, office))
	g.modify(t, "ingress tcp 443 10.0.1.0/24", "ingress tcp 443 10.0.2.0/24")
	g.quiet(t)
	g.has(t, "ingress tcp 443 10.0.2.0/24", office)
}

func TestARuleIsRevokedBeforeItsApprovedPartIsRestoredWhereTheGroupIsFull(t *testing.T) {
	t.Parallel()
	var rules []string
	var permissions []types.IpPermission
	for port := int32(1000); port < 1060; port++ { // as many as EC2's quota allows, and moto's
		rules = append(rules, fmt.Sprintf("ingress tcp %d 10.0.0.0/16", port))
		permissions = append(permissions, permission(port, "10.0.0.0/16")...)
	}
	g := unguarded(t)
	if _, err := client.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &g.id, IpPermissions: permissions}); err != nil {
		t.Fatal(err)
	}
	put(t, parameters, g.document(t, rules...))
	idle(t)
	g.modify(t, rules[0], "ingress tcp 1000 0.0.0.0/0")
	g.has(t, rules...)
	a := revertedBy(t, g, "ModifySecurityGroupRules")
	want(t, "findings", []string{"missing: restored: " + rules[0], "violation: revoked: ingress tcp 1000 0.0.0.0/0"}, actions(a))
}

func TestAnApprovedRuleThatIsRevokedIsReportedAndPutBackIfTheBaselineSaysSo(t *testing.T) {
	t.Parallel()
	byID := func(t *testing.T, g group) error {
		return reference.Revoke(t.Context(), client, g.id, office)
	}
	byName := func(t *testing.T, g group) error {
		_, err := client.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{
			GroupName: &g.name, IpPermissions: permission(443, "10.0.0.0/16"),
		})
		return err
	}
	tests := []struct {
		name   string
		adapt  func(*baseline.Document)
		revoke func(*testing.T, group) error
		left   []string
		action alert.Action
	}{
		{"by id, reported", nil, byID, []string{database}, alert.ActionNone},
		{"by id, put back", restoring, byID, []string{database, office}, alert.ActionRestored},
		{"by name, reported", nil, byName, []string{database}, alert.ActionNone},
		{"by name, put back", restoring, byName, []string{database, office}, alert.ActionRestored},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := guarded(t, test.adapt, office, database)
			if err := test.revoke(t, g); err != nil {
				t.Fatal(err)
			}
			g.has(t, test.left...)
			a := g.reported(t, alert.Drift)
			want(t, "findings", []string{fmt.Sprintf("missing: %s: %s", test.action, office)}, actions(a))
			if a.Event.Name != "RevokeSecurityGroupIngress" || a.Findings[0].Description != "approved" {
				t.Errorf("alert %+v", a)
			}
		})
	}
}

func TestARevokeThatTakesNothingApprovedAwayIsQuiet(t *testing.T) {
	t.Parallel()
	g := unguarded(t, "ingress tcp 443 10.0.1.0/24", office)
	put(t, parameters, g.document(t, office))
	if err := reference.Revoke(t.Context(), client, g.id, "ingress tcp 443 10.0.1.0/24"); err != nil {
		t.Fatal(err)
	}
	g.quiet(t)
	g.has(t, office)
}

func TestAMissingRuleIsNotReportedWithEventsThatRemoveNothingApproved(t *testing.T) {
	t.Parallel()
	g := unguarded(t, office)
	put(t, parameters, g.document(t, office, database))
	idle(t) // else the change of the baseline may be what finds the intrusion
	g.open(t, client, ssh)
	g.has(t, office)
	a := revertedBy(t, g, "AuthorizeSecurityGroupIngress")
	want(t, "findings of the drift", []string{"violation: revoked: " + ssh}, actions(a))
	for _, a := range g.alerts(t) {
		if a.Event.Name == "RevokeSecurityGroupIngress" { // sgwarden's own
			t.Errorf("alert %+v", a)
		}
	}
}

func TestANewGroupIsJudgedAsItIsWithTheBaselineThatComesAtOnce(t *testing.T) {
	t.Parallel()
	const everywhere = "egress all all 0.0.0.0/0" // with which EC2 makes every group
	for _, approved := range []bool{false, true} {
		t.Run(fmt.Sprintf("approved: %t", approved), func(t *testing.T) {
			t.Parallel()
			g := create(t)
			document := g.document(t)
			if approved {
				document = g.document(t, everywhere)
			}
			put(t, parameters, document)
			if approved {
				g.quiet(t)
				g.has(t, everywhere)
				return
			}
			g.has(t)
			idle(t)
			if got := g.alerts(t); !hasFinding(got, alert.Reverted, "violation: revoked: "+everywhere) {
				t.Errorf("alerts %+v", got)
			}
		})
	}
}

// hasFinding says whether one of the alerts has an outcome and a finding.
func hasFinding(alerts []alert.Alert, outcome alert.Outcome, finding string) bool {
	for _, a := range alerts {
		for _, f := range actions(a) {
			if a.Outcome == outcome && f == finding {
				return true
			}
		}
	}
	return false
}

func TestTheDeletionOfAGroupIsReportedWhereItHasABaseline(t *testing.T) {
	t.Parallel()
	with, without := guarded(t, nil, office), unguarded(t, office)
	for _, g := range []group{with, without} {
		if _, err := client.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: &g.id}); err != nil {
			t.Fatal(err)
		}
	}
	without.quiet(t)
	a := with.reported(t, alert.Drift)
	if a.Outcome != alert.None || a.Event.Name != "DeleteSecurityGroup" || !strings.Contains(a.Reason, "deleted") || !strings.HasSuffix(a.Actor.ARN, "user/mallory") {
		t.Errorf("alert %+v", a)
	}
}
