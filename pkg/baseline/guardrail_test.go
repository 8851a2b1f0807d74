package baseline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

func TestAGuardrailBecomesWhatItForbids(t *testing.T) {
	t.Parallel()
	ssh := func(widest string) string {
		return `{"schema":1,"forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"` + widest + `}]}`
	}
	want := func(v4, v6 int) []rule.Forbidden {
		return []rule.Forbidden{{Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.Ports{From: 22, To: 22}, WidestV4: v4, WidestV6: v6}}
	}
	cases := map[string]struct {
		document string
		want     []rule.Forbidden
		says     string
	}{
		"both said":                {ssh(`,"widest":{"ipv4":24,"ipv6":48}`), want(24, 48), ""},
		"neither said":             {ssh(""), want(1, 4), ""},
		"an empty widest":          {ssh(`,"widest":{}`), want(1, 4), ""},
		"IPv4 alone said":          {ssh(`,"widest":{"ipv4":24}`), want(24, 4), ""},
		"IPv6 alone said":          {ssh(`,"widest":{"ipv6":48}`), want(1, 48), ""},
		"nothing forbidden":        {`{"schema":1,"forbid":[]}`, []rule.Forbidden{}, ""},
		"a prefix length too long": {ssh(`,"widest":{"ipv4":33,"ipv6":129}`), nil, "forbid[0].widest.ipv4: must be a prefix length from 0 to 32; forbid[0].widest.ipv6: must be a prefix length from 0 to 128"},
		"no list":                  {`{"schema":1}`, nil, "forbid: is missing: a guardrail that forbids nothing must say forbid: []"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := baseline.DecodeGuardrail([]byte(c.document))
			if c.says != "" {
				if err == nil || err.Error() != c.says {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Forbid); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTheDefaultGuardrailKnowsTheIPv6World: a rule for 2000::/3 opens all public
// IPv6, and one for half of that does not.
func TestTheDefaultGuardrailKnowsTheIPv6World(t *testing.T) {
	t.Parallel()
	g, err := baseline.DecodeGuardrail([]byte(`{"schema":1,"forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for peer, breaks := range map[string]bool{"::/0": true, "2000::/3": true, "2000::/4": false, "2600::/12": false, "0.0.0.0/0": true, "0.0.0.0/1": false} {
		if got := rule.BreakingTogether([]rule.Rule{parse(t, "ingress tcp 22 "+peer)}, g.Forbid); (got[0] != nil) != breaks {
			t.Errorf("%s breaks the guardrail: %v", peer, !breaks)
		}
	}
}
