package simulation

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
