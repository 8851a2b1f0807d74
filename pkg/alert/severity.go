package alert

import (
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Severity ranks alerts for people and for SNS filter policies.
type Severity string

// The severities, from the worst down.
const (
	// Critical: what should have been revoked or restored wasn't, or a baseline can't be read.
	Critical Severity = "critical"
	// High: a violation that opens all protocols, an administrative or database port, or admits the whole world.
	High Severity = "high"
	// Medium: any other violation, and a missing rule.
	Medium Severity = "medium"
	// Low: the rest.
	Low Severity = "low"
)

// sensitivePorts are the well-known ports of remote administration and of
// databases (IANA service names, and the vendors' defaults).
var sensitivePorts = []uint16{
	22, 23, 135, 445, 2375, 2376, 3389, 5900, 5985, 5986, 6443, 10250, // ssh, telnet, Windows RPC and SMB, Docker, RDP, VNC, WinRM, Kubernetes
	1433, 1521, 2379, 3306, 5432, 5439, 5984, 6379, 7000, 8086, 9042, 9200, 9300, 11211, 27017, 27018, 50000, // databases and caches
}

func severity(a Alert) Severity {
	worst := Low
	var violations []rule.Rule
	for _, f := range a.Findings {
		if f.Verdict == Violation {
			violations = append(violations, f.Canonical)
		}
	}
	grave := slices.Contains(Grave(violations), true)
	for _, f := range a.Findings {
		switch {
		case f.Action == ActionFailed:
			return Critical
		case f.Verdict == Violation && grave:
			worst = High
		case worst == Low:
			worst = Medium
		}
	}
	if a.Kind == BaselineError || a.Outcome == Failed || a.Outcome == Partial {
		return Critical
	}
	if a.Kind == CanaryKind {
		return Low
	}
	if a.Weakens {
		return High
	}
	return worst
}

// Grave says of each violation whether it is of severity high: it opens all
// protocols, an administrative or database port, or, together with the others, the
// whole world.
func Grave(violations []rule.Rule) []bool {
	grave := make([]bool, len(violations))
	var others []rule.Rule
	for i, r := range violations {
		if grave[i] = isGrave(r); !grave[i] {
			others = append(others, r)
		}
	}
	if rule.OpensWorld(others) {
		for i, r := range violations {
			grave[i] = grave[i] || r.Peer.Kind == rule.CIDR
		}
	}
	return grave
}

func isGrave(r rule.Rule) bool {
	if r.Protocol == rule.All || rule.OpensWorld([]rule.Rule{r}) {
		return true
	}
	if r.Protocol != rule.TCP && r.Protocol != rule.UDP {
		return false
	}
	for _, port := range sensitivePorts {
		if r.Ports.From <= port && port <= r.Ports.To {
			return true
		}
	}
	return false
}
