package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// portsText writes what rules open, such as "tcp 80, 443; udp 53", each once, however
// many peers there are.
func portsText(rules []rule.Rule) string {
	byProtocol := map[rule.Protocol][]rule.Ports{}
	var protocols []rule.Protocol
	for _, r := range rules {
		if _, seen := byProtocol[r.Protocol]; !seen {
			protocols = append(protocols, r.Protocol)
		}
		byProtocol[r.Protocol] = append(byProtocol[r.Protocol], r.Ports)
	}
	slices.Sort(protocols)
	texts := make([]string, len(protocols))
	for i, p := range protocols {
		texts[i] = protocolText(p, byProtocol[p])
	}
	return strings.Join(texts, "; ")
}

func protocolText(p rule.Protocol, ranges []rule.Ports) string {
	if p == rule.All {
		return "all traffic"
	}
	slices.SortFunc(ranges, func(a, b rule.Ports) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To)) })
	var texts []string
	for i, r := range slices.Compact(ranges) {
		if i > 0 && covered(ranges[:i], r) {
			continue
		}
		texts = append(texts, rule.PortsText(p, r))
	}
	name := p.String()
	if !p.HasPorts() && p != rule.All {
		name, texts = "protocol "+name, nil
	}
	return strings.TrimSpace(name + " " + strings.Join(texts, ", "))
}

// covered reports whether one of some ranges holds another.
func covered(ranges []rule.Ports, r rule.Ports) bool {
	return slices.ContainsFunc(ranges, func(other rule.Ports) bool { return other.From <= r.From && r.To <= other.To })
}

// clipped shortens text to some characters. A shortened text ends in three points.
func clipped(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}

// clippedPorts shortens a text of ports between two of them.
func clippedPorts(s string, most int) string {
	if len(s) <= most {
		return s
	}
	at := strings.LastIndexAny(s[:most], ",;")
	if at < 0 {
		return clipped(s, most)
	}
	more := strings.Count(s[at:], ",") + strings.Count(s[at:], ";")
	return fmt.Sprintf("%s and %d more", s[:at], more)
}
