package simulation

import "slices"

// guardrail forbids ssh from wider public sources than a /24.
type guardrail struct {
	enforce bool
	broken  bool
	locked  bool // a SecureString whose key is denied to the functions
}

func (g *guardrail) usable() bool { return !g.broken && !g.locked }

func (g *guardrail) text() string {
	switch {
	case g.locked:
		return ciphertext("the guardrail")
	case g.broken:
		return `{"schema": 1}`
	}
	return mustEncode(map[string]any{
		"schema": 1, "mode": map[bool]string{false: "alert", true: "enforce"}[g.enforce],
		"forbid": []any{map[string]any{"direction": "ingress", "protocol": "tcp", "ports": "22", "widest": map[string]any{"ipv4": 24, "ipv6": 64}}},
	})
}

// probes are public addresses, a bit each.
type probes uint8

// probed has an address of each set of public addresses that the CIDRs of the
// universe tell apart.
var probed = []string{"8.8.8.8", "20.40.0.1", "20.40.60.1", "20.40.60.129", "20.40.61.1"}

// tooWide are the sets of probes that only wider prefixes than a /24 hold: the
// world outside of 20.40.0.0/16, this /16 outside of 20.40.60.0/23, and the /23.
var tooWide = []probes{0b00001, 0b00010, 0b11100}

// publicOf are the probes to which a rule opens ssh.
func publicOf(r universeRule) probes {
	var p probes
	for i, address := range probed {
		if !r.egress && r.permitsFlow(flow{"tcp", 22}) && holds(r.peer, address) {
			p |= 1 << i
		}
	}
	return p
}

// breaks reports whether rules break the guardrail together.
func breaks(rules []int) bool {
	var open probes
	for _, r := range rules {
		open |= universe[r].public
	}
	return open.tooWide()
}

func (p probes) tooWide() bool {
	return slices.ContainsFunc(tooWide, func(wide probes) bool { return p&wide == wide })
}

// breaksAlone reports whether the rule breaks the guardrail all by itself.
func (r universeRule) breaksAlone() bool { return r.public.tooWide() }
