package baseline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const approvalText = `{"schema": 1, "rules": ["ingress tcp 22 203.0.113.7/32", "egress all all sg-0b"], "expires": "2026-11-26T05:40:00Z", "reason": "INC-1234"}`

func TestAnApprovalBecomesRules(t *testing.T) {
	t.Parallel()
	want := &baseline.Approval{
		Name:    "INC-1234",
		Rules:   []rule.Rule{parse(t, "ingress tcp 22 203.0.113.7/32"), parse(t, "egress all all sg-0b")},
		Expires: time.Date(2026, 11, 26, 5, 40, 0, 0, time.UTC), Reason: "INC-1234",
	}
	yaml := "schema: 1\nrules:\n  - ingress  6 22-22 203.0.113.7/32\n  - egress all all sg-0b\nexpires: 2026-11-26T06:40:00+01:00\nreason: INC-1234\n"
	for format, c := range map[string]struct {
		decode func([]byte, string, time.Time) (*baseline.Approval, error)
		text   string
	}{
		"JSON": {baseline.DecodeApproval, approvalText},
		"YAML": {yamlfile.DecodeApproval, yaml},
	} {
		got, err := c.decode([]byte(c.text), "INC-1234", now)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if diff := cmp.Diff(want, got, sameDocument); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
}

func TestAnApprovalEndsTheMomentItExpires(t *testing.T) {
	t.Parallel()
	a := baseline.Approval{Expires: now}
	for at, want := range map[time.Time]bool{now.Add(-time.Nanosecond): true, now: false, now.Add(time.Hour): false} {
		if a.Active(at) != want {
			t.Errorf("at %s it is active: %v", at, !want)
		}
	}
}

// TestAnApprovalLastsNinetyDaysFromWhenItWasWritten: an approval that is old is
// read for as long as the parameter is there.
func TestAnApprovalLastsNinetyDaysFromWhenItWasWritten(t *testing.T) {
	t.Parallel()
	expires := time.Date(2026, 11, 26, 5, 40, 0, 0, time.UTC)
	const days = 24 * time.Hour
	cases := map[string]struct {
		written    time.Time
		json, yaml string
	}{
		"90 days before":               {expires.Add(-90 * days), "", ""},
		"more than 90 days before":     {expires.Add(-90*days - time.Second), "expires: is later than 2026-11-26T05:39:59Z, which is 90 days after the document was written", "expires: is later than 2026-11-26T05:39:59Z, which is 90 days from now"},
		"a moment before":              {expires.Add(-time.Nanosecond), "", ""},
		"that moment":                  {expires, "", "expires: has passed, so the approval would have no effect"},
		"after the approval has ended": {expires.Add(days), "", "expires: has passed, so the approval would have no effect"},
		"at a time that nobody knows":  {time.Time{}, "expires: is later than 0001-04-01T00:00:00Z, which is 90 days after the document was written", "expires: is later than 0001-04-01T00:00:00Z, which is 90 days from now"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := baseline.DecodeApproval([]byte(approvalText), "a", c.written)
			if message(err) != c.json || (a == nil) != (c.json != "") {
				t.Errorf("JSON: got %v, %v", a, err)
			}
			if a, err := yamlfile.DecodeApproval([]byte(approvalText), "a", c.written); message(err) != c.yaml || (a == nil) != (c.yaml != "") {
				t.Errorf("YAML: got %v, %v", a, err)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAnApprovalHasTheNameOfAParameter(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"INC-1234":               true,
		"pending-0a1b.c_d":       true,
		"7":                      true,
		strings.Repeat("a", 128): true,
		strings.Repeat("a", 129): false,
		"":                       false,
		"a/b":                    false,
		"/":                      false,
		"a b":                    false,
		"a\n":                    false,
		"café":                   false,
		"a*":                     false,
		"a\x00":                  false,
	} {
		if baseline.IsApprovalName(name) != want {
			t.Errorf("%q is a name: %v", name, !want)
		}
		if _, err := baseline.DecodeApproval([]byte(approvalText), name, now); (err == nil) != want {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestAnApprovalThatIsEncodedDecodesToTheSame(t *testing.T) {
	t.Parallel()
	want := &baseline.Approval{
		Name: "a", Rules: []rule.Rule{parse(t, "ingress icmp 3/4 2001:db8::/32"), parse(t, "egress 50 all pl-0c")},
		Expires: now.Add(time.Hour).In(time.FixedZone("CET", 3600)), Reason: `"why" & <how>`,
	}
	data, err := baseline.EncodeApproval(want)
	if err != nil {
		t.Fatal(err)
	}
	const text = `{"schema":1,"rules":["ingress icmp 3/4 2001:db8::/32","egress 50 all pl-0c"],"expires":"2026-11-21T13:00:00Z","reason":"\"why\" \u0026 \u003chow\u003e"}`
	if diff := cmp.Diff(text, string(data)); diff != "" {
		t.Error(diff)
	}
	got, err := baseline.DecodeApproval(data, "a", now)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameDocument); diff != "" {
		t.Error(diff)
	}
}

func TestAnApprovalThatWouldBeRefusedIsNotEncoded(t *testing.T) {
	t.Parallel()
	valid := baseline.Approval{Name: "a", Rules: []rule.Rule{parse(t, "ingress tcp 22 sg-0b")}, Expires: now, Reason: "x"}
	cases := map[string]struct {
		change func(*baseline.Approval)
		want   string
	}{
		"no rules":          {func(a *baseline.Approval) { a.Rules = nil }, "rules: is missing or empty"},
		"a rule twice":      {func(a *baseline.Approval) { a.Rules = append(a.Rules, a.Rules[0]) }, "rules[1]: is the same rule as rules[0]"},
		"a rule of nothing": {func(a *baseline.Approval) { a.Rules = make([]rule.Rule, 1) }, "rules[0]: "},
		"no expiry":         {func(a *baseline.Approval) { a.Expires = time.Time{} }, "it has no expiry"},
		"no reason":         {func(a *baseline.Approval) { a.Reason = " " }, "reason: is missing or blank"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := valid
			c.change(&a)
			if data, err := baseline.EncodeApproval(&a); err == nil || !strings.HasPrefix(err.Error(), "encode the approval a: "+c.want) {
				t.Errorf("got %s, %v", data, err)
			}
		})
	}
	if _, err := baseline.EncodeApproval(&valid); err != nil {
		t.Errorf("what nothing is wrong with: %v", err)
	}
}
