package main

import (
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// guardrailDocument is the guardrail as files and Parameter Store have it.
type guardrailDocument struct {
	Schema int              `json:"schema"`
	Mode   baseline.Mode    `json:"mode"`
	Forbid []forbiddenEntry `json:"forbid"`
}

type forbiddenEntry struct {
	Direction string      `json:"direction"`
	Protocol  string      `json:"protocol"`
	Ports     string      `json:"ports,omitempty"`
	Widest    widestPeers `json:"widest"`
}

type widestPeers struct {
	IPv4 int `json:"ipv4"`
	IPv6 int `json:"ipv6"`
}

func documentOfGuardrail(g *baseline.Guardrail) guardrailDocument {
	d := guardrailDocument{baseline.SchemaVersion, g.Mode, []forbiddenEntry{}}
	for _, f := range g.Forbid {
		e := forbiddenEntry{Direction: f.Direction.String(), Protocol: f.Protocol.String(), Widest: widestPeers{f.WidestV4, f.WidestV6}}
		if f.Protocol.HasPorts() {
			e.Ports = rule.PortsText(f.Protocol, f.Ports)
		}
		d.Forbid = append(d.Forbid, e)
	}
	return d
}

// yaml writes the document as a file that push takes.
func (d guardrailDocument) yaml() string {
	var text strings.Builder
	fmt.Fprintf(&text, "schema: %d\nmode: %s\nforbid:", d.Schema, d.Mode)
	if len(d.Forbid) == 0 {
		text.WriteString(" []")
	}
	text.WriteString("\n")
	for _, e := range d.Forbid {
		fmt.Fprintf(&text, "  - direction: %s\n    protocol: %s\n", e.Direction, e.Protocol)
		if e.Ports != "" {
			fmt.Fprintf(&text, "    ports: %q\n", e.Ports)
		}
		fmt.Fprintf(&text, "    widest: {ipv4: %d, ipv6: %d}\n", e.Widest.IPv4, e.Widest.IPv6)
	}
	return text.String()
}
