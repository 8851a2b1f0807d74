package integration

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestANewDescriptionIsNoDrift(t *testing.T) {
	t.Parallel()
	g := guarded(t, nil, office)
	permissions := permission(443, "10.0.0.0/16")
	permissions[0].IpRanges[0].Description = new("of another kind")
	if _, err := client.UpdateSecurityGroupRuleDescriptionsIngress(t.Context(), &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{
		GroupId: &g.id, IpPermissions: permissions,
	}); err != nil {
		t.Fatal(err)
	}
	g.quiet(t)
	got := handled.about(g.id)
	if last := got[len(got)-1]; last.name != "UpdateSecurityGroupRuleDescriptionsIngress" || last.outcome != "none" || !strings.Contains(last.reason, "descriptions") {
		t.Errorf("%s came to %s: %s", last.name, last.outcome, last.reason)
	}
}

func TestEveryShapeOfEventIsDigested(t *testing.T) {
	t.Parallel()
	var put []string
	for _, name := range events.Names() {
		var envelope struct {
			Source     string
			DetailType string `json:"detail-type"`
			Detail     map[string]any
		}
		if err := json.Unmarshal(events.MustRead(name), &envelope); err != nil || envelope.Source == "" || envelope.DetailType == "" || envelope.Detail == nil {
			continue // EventBridge would not take it, so it comes on no rule
		}
		put = append(put, name)
		local.PutEvent(events.MustRead(name))
	}
	idle(t)
	outcomes := map[string]string{} // that none failed is for TestMain to see
	for _, e := range handled.all() {
		outcomes[string(e.event)] = e.outcome
	}
	for _, name := range put {
		action, _, _ := strings.Cut(name, "-")
		ours := slices.Contains([]string{"authorize", "revoke", "modify", "create", "delete", "update"}, action)
		if got := outcomes[string(events.MustRead(name))]; ours && got != string(alert.None) {
			t.Errorf("%s came to %q; there is no such group here", name, got)
		}
	}
}
