package baseline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

func described(t *testing.T, description string, texts ...string) []baseline.Described {
	t.Helper()
	var rules []baseline.Described
	for _, text := range texts {
		r, err := rule.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, baseline.Described{Rule: r, Description: description})
	}
	return rules
}

func TestAGroupsRulesBecomeAFile(t *testing.T) {
	t.Parallel()
	rules := append(described(t, "TLS: from #1", "ingress tcp 443 10.0.0.0/8", "ingress tcp 443 sg-0a", "ingress tcp 443 2001:db8::/32", "ingress tcp 443 10.0.0.0/8"),
		described(t, "", "egress all all 0.0.0.0/0", "ingress icmp 3/4 pl-0b", "ingress tcp 22 10.0.0.0/8")...)
	const want = `schema: 1
groupId: sg-0a
groupName: web
ingress:
  - protocol: icmp
    ports: "3/4"
    sources: [pl-0b]
  - protocol: tcp
    ports: "22"
    sources: [10.0.0.0/8]
  - protocol: tcp
    ports: "443"
    sources: [10.0.0.0/8, '2001:db8::/32', self]
    description: 'TLS: from #1'
egress:
  - protocol: all
    destinations: [0.0.0.0/0]
`
	got, err := yamlfile.Encode(baseline.Compose("sg-0a", "web", rules))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestEveryDocumentReadsBackFromYAML(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ -~\n]{0,12}`)
		doc := baseline.Compose("sg-0a", word.Draw(t, "name"), nil)
		switch rapid.SampledFrom([]string{"both", "ingress", "egress"}).Draw(t, "guarded") {
		case "ingress":
			doc.Egress = nil
		case "egress":
			doc.Ingress = nil
		}
		for range rapid.IntRange(0, 4).Draw(t, "entries") {
			r, err := rule.Parse(rapid.SampledFrom([]string{
				"ingress tcp 22 10.0.0.0/8", "egress all all ::/0", "ingress icmp 8 sg-0b", "egress 50 all pl-0c", "ingress tcp all sg-0a",
			}).Draw(t, "rule"))
			if err != nil {
				t.Fatal(err)
			}
			if doc.Guards(r.Direction) == (doc.Allow(r, word.Draw(t, "description")) != nil) {
				t.Fatal("a rule of a guarded direction is refused, or one of another is taken")
			}
			if err := doc.AllowUntil(r, word.Draw(t, "description"), now, word.Draw(t, "reason"), word.Draw(t, "approver")); doc.Guards(r.Direction) == (err != nil) {
				t.Fatal(err)
			}
		}
		data, err := yamlfile.Encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		back, err := yamlfile.Decode(data, "sg-0a")
		if err != nil {
			t.Fatalf("%v in\n%s", err, data)
		}
		if diff := cmp.Diff(doc, back, sameDocument); diff != "" {
			t.Fatalf("%s in\n%s", diff, data)
		}
	})
}
