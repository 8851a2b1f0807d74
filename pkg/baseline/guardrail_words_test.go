package baseline

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// guardrailOf is a guardrail of these entries, nil for none.
func guardrailOf(t *testing.T, head, entries string) *Guardrail {
	t.Helper()
	if entries == "none" {
		return nil
	}
	// This package does not know the format of files, so the YAML becomes JSON first.
	var document map[string]any
	err := yaml.Unmarshal([]byte("schema: 1\n"+head+"forbid: ["+entries+"]\n"), &document)
	data, jsonErr := json.Marshal(document)
	g, decodeErr := DecodeGuardrail(data)
	if err := errors.Join(err, jsonErr, decodeErr); err != nil {
		t.Fatal(err)
	}
	return g
}

const (
	noSSH      = "{direction: ingress, protocol: tcp, ports: '22'}"
	fewSSH     = "{direction: ingress, protocol: tcp, ports: '22', widest: {ipv4: 24, ipv6: 48}}"
	fewerSSH   = "{direction: ingress, protocol: tcp, ports: '22', widest: {ipv4: 32, ipv6: 64}}"
	mixedSSH   = "{direction: ingress, protocol: tcp, ports: '22', widest: {ipv4: 32, ipv6: 32}}"
	onlyV4SSH  = "{direction: ingress, protocol: tcp, ports: '22', widest: {ipv4: 24, ipv6: 0}}"
	noRDP      = "{direction: ingress, protocol: tcp, ports: '3389'}"
	noTCP      = "{direction: ingress, protocol: tcp, ports: all}"
	noAll      = "{direction: ingress, protocol: all}"
	noMailOut  = "{direction: egress, protocol: tcp, ports: '25'}"
	noDNS      = "{direction: ingress, protocol: udp, ports: '53'}"
	noPing     = "{direction: ingress, protocol: icmp, ports: '8'}"
	noGRE      = "{direction: ingress, protocol: '47'}"
	noUnknown  = "{direction: ingress, protocol: tcp, ports: '8081'}"
	toGroups   = " to groups without a baseline"
	fromGroups = " from groups without a baseline"
)

func TestAGuardrailIsComparedInWords(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		from, to string
		want     []string
	}{
		"nothing changes":                  {noSSH + ", " + noRDP, noRDP + ", " + noSSH, []string{}},
		"an entry that says nothing new":   {noTCP, noTCP + ", " + noSSH, []string{}},
		"the same entry, written as two":   {"{direction: ingress, protocol: tcp, ports: 20-30}", "{direction: ingress, protocol: tcp, ports: 20-25}, {direction: ingress, protocol: tcp, ports: 26-30}", []string{}},
		"the IPv6 world, written in other": {noSSH, "{direction: ingress, protocol: tcp, ports: '22', widest: {ipv4: 1, ipv6: 1}}", []string{}},
		"there was none":                   {"none", noSSH, []string{"what breaks the guardrail is only reported (mode alert)", "SSH from the whole internet is no longer allowed" + toGroups}},
		"an entry more":                    {noSSH, noSSH + ", " + noRDP, []string{"RDP from the whole internet is no longer allowed" + toGroups}},
		"an entry less":                    {noSSH + ", " + noRDP, noRDP, []string{"SSH from the whole internet is now allowed" + toGroups}},
		"an entry that forbids nothing":    {noSSH, "{direction: ingress, protocol: tcp, ports: '22', widest: {ipv4: 0, ipv6: 0}}", []string{"SSH from the whole internet is now allowed" + toGroups}},
		"an entry for egress":              {"", noMailOut, []string{"SMTP to the whole internet is no longer allowed" + fromGroups}},
		"other traffic": {"", noDNS + ", " + noPing + ", " + noGRE + ", " + noUnknown, []string{
			"icmp 8 from the whole internet is no longer allowed" + toGroups,
			"tcp 8081 from the whole internet is no longer allowed" + toGroups,
			"DNS over udp from the whole internet is no longer allowed" + toGroups,
			"protocol 47 from the whole internet is no longer allowed" + toGroups,
		}},
		"a narrower source": {noSSH, fewSSH, []string{
			"SSH from more than a /24 (IPv4) or a /48 (IPv6) of the internet is no longer allowed" + toGroups + ", so far not from the whole internet",
		}},
		"a narrower source where nothing was said": {"", fewSSH, []string{"SSH from more than a /24 (IPv4) or a /48 (IPv6) of the internet is no longer allowed" + toGroups}},
		"a wider source": {fewSSH, noSSH, []string{
			"SSH from more of the internet is now allowed" + toGroups + ": still not from the whole internet, so far not from more than a /24 (IPv4) or a /48 (IPv6) of the internet",
		}},
		"one of two versions of IP": {fewSSH, onlyV4SSH, []string{
			"SSH from more of the internet is now allowed" + toGroups + ": still not from more than a /24 of the IPv4 internet, so far not from more than a /24 (IPv4) or a /48 (IPv6) of the internet",
		}},
		"the only version of IP": {onlyV4SSH, "", []string{"SSH from the whole IPv4 internet is now allowed" + toGroups}},
		"narrower in one version of IP, wider in the other": {fewSSH, mixedSSH, []string{
			"SSH from more than a /32 of the IPv4 internet is no longer allowed" + toGroups + ", so far not from more than a /24 of the IPv4 internet",
			"SSH from more of the internet is now allowed" + toGroups + ": still not from more than a /32 of the IPv6 internet, so far not from more than a /48 of the IPv6 internet",
		}},
		"all of tcp instead of one port": {fewerSSH, noTCP + ", " + fewerSSH, []string{
			"tcp 0-21 from the whole internet is no longer allowed" + toGroups,
			"tcp 23-65535 from the whole internet is no longer allowed" + toGroups,
		}},
		"all traffic":                           {"", noAll, []string{"any traffic from the whole internet is no longer allowed" + toGroups}},
		"all traffic, of which a part was said": {noTCP, noAll, []string{"any traffic but tcp from the whole internet is no longer allowed" + toGroups}},
		"all traffic but a part of it any more": {noTCP + ", " + noAll, noTCP, []string{"any traffic but tcp from the whole internet is now allowed" + toGroups}},
		"all traffic, and a part of it with it": {noTCP + ", " + noAll, "", []string{"any traffic from the whole internet is now allowed" + toGroups}},
		"any tcp":                               {noTCP, "", []string{"any tcp from the whole internet is now allowed" + toGroups}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := GuardrailChanges(guardrailOf(t, "", c.from), guardrailOf(t, "", c.to))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheModeOfAGuardrailIsWrittenInWords(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ from, to, want string }{
		"it enforces from now on":     {"", "mode: enforce\n", "what breaks the guardrail is now revoked (mode enforce), so far only reported"},
		"it doesn't enforce any more": {"mode: enforce\n", "mode: alert\n", "what breaks the guardrail is no longer revoked, only reported (mode alert)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff([]string{c.want}, GuardrailChanges(guardrailOf(t, c.from, noSSH), guardrailOf(t, c.to, noSSH))); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := GuardrailChanges(nil, guardrailOf(t, "mode: enforce\n", "")); !cmp.Equal(got, []string{"what breaks the guardrail is revoked (mode enforce)"}) {
		t.Errorf("got %q", got)
	}
}

// TestTheWordsAreAboutExactlyTheTrafficThatChanges compares with a look at single
// ports: traffic is in one sentence if its breadth changed, and in none if not.
func TestTheWordsAreAboutExactlyTheTrafficThatChanges(t *testing.T) {
	t.Parallel()
	protocols := []rule.Protocol{rule.TCP, rule.UDP, rule.ICMP, 47, 50, rule.All}
	entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rule.Forbidden {
		f := rule.Forbidden{Direction: rule.Ingress, Protocol: rapid.SampledFrom(protocols).Draw(t, "protocol"), Ports: rule.AllPorts}
		f.WidestV4, f.WidestV6 = rapid.IntRange(0, 2).Draw(t, "ipv4"), rapid.SampledFrom([]int{0, 3, 4, 48}).Draw(t, "ipv6")
		if f.Protocol.HasPorts() && rapid.Bool().Draw(t, "some ports") {
			f.Ports.From = uint16(rapid.IntRange(0, 4).Draw(t, "from"))
			f.Ports.To = f.Ports.From + uint16(rapid.IntRange(0, 3).Draw(t, "length"))
		}
		return f
	}), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		before, after := entries.Draw(t, "before"), entries.Draw(t, "after")
		changed := strictness(before, after)
		for _, p := range protocols[:5] {
			for _, port := range []uint16{0, 1, 2, 3, 4, 5, 6, 7, 8, 65535} {
				if !p.HasPorts() && port > 0 {
					continue
				}
				one := traffic{direction: rule.Ingress, protocol: p, ports: rule.Ports{From: port, To: port}}
				want := compareAt(before, after, one)
				times := 0
				for _, s := range changed {
					if !isAbout(s.traffic, one) {
						continue
					}
					if times++; s.before != want.before || s.after != want.after {
						t.Fatalf("%v is written as %+v, want %+v", one, s, want)
					}
				}
				if changes := want.before != want.after; changes && times != 1 || !changes && times > 0 {
					t.Fatalf("%v is written %d times, and %+v", one, times, want)
				}
			}
		}
	})
}

// isAbout reports whether a sentence about some traffic is about one port.
func isAbout(about, one traffic) bool {
	if about.protocol == rule.All {
		return !slices.Contains(strings.Split(about.but, " and "), one.protocol.String())
	}
	return about.protocol == one.protocol && about.ports.From <= one.ports.From && one.ports.To <= about.ports.To
}
