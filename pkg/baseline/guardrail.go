package baseline

import (
	"fmt"
	"strconv"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// The widest public peers that an entry of a guardrail permits where the entry
// doesn't say: prefix lengths. Half of IPv4 is not the world. All of IPv6 that is
// assigned for public use lies in 2000::/3 (IANA, Internet Protocol Version 6
// Address Space), so that whoever opens this /3 opens the world.
const (
	DefaultWidestV4 = 1
	DefaultWidestV6 = 4
)

// Guardrail is what no group without a baseline may open.
type Guardrail struct {
	Mode   Mode // Alert unless the document says enforce
	Forbid []rule.Forbidden
}

// Enforces reports whether what breaks the guardrail is to be revoked.
func (g *Guardrail) Enforces() bool { return g.Mode == Enforce }

// DecodeGuardrail reads a guardrail from the JSON that SSM holds, as strictly as
// Decode reads a baseline. The error is an *Error.
func DecodeGuardrail(data []byte) (*Guardrail, error) {
	return decodeAs(readJSON, data, (*decoder).guardrail)
}

func (d *decoder) guardrail(root node) *Guardrail {
	f, ok := d.fields("", root, "schema", "mode", "forbid")
	if !ok {
		return nil
	}
	d.schema(f)
	g := &Guardrail{Mode: Mode(d.oneOf(f, "mode", string(Alert), string(Enforce)))}
	if g.Mode == "" {
		g.Mode = Alert
	}
	if !f.has("forbid") {
		d.wrong(f, "forbid", "is missing: a guardrail that forbids nothing must say forbid: []")
	}
	g.Forbid = each(d, f, "forbid", d.forbidden)
	return g
}

func (d *decoder) forbidden(path string, n node) rule.Forbidden {
	f, ok := d.fields(path, n, "direction", "protocol", "ports", "widest")
	if !ok {
		return rule.Forbidden{}
	}
	entry := rule.Forbidden{WidestV4: DefaultWidestV4, WidestV6: DefaultWidestV6}
	var err error
	if entry.Direction, err = rule.ParseDirection(f.get("direction").word()); err != nil {
		d.wrong(f, "direction", "must be ingress or egress")
	}
	entry.Protocol, entry.Ports = d.protocolAndPorts(f)
	if !f.has("widest") {
		return entry
	}
	widest, ok := d.fields(path+".widest", f.get("widest"), "ipv4", "ipv6")
	if ok {
		entry.WidestV4 = d.prefixLength(widest, "ipv4", 32, DefaultWidestV4)
		entry.WidestV6 = d.prefixLength(widest, "ipv6", 128, DefaultWidestV6)
	}
	return entry
}

// prefixLength reads a prefix length up to most. Where the field is absent, the
// result is the default.
func (d *decoder) prefixLength(f fields, key string, most, byDefault int) int {
	if !f.has(key) {
		return byDefault
	}
	bits, err := strconv.Atoi(f.get(key).word())
	if err != nil || f.get(key).kind != number || bits < 0 || bits > most {
		d.wrong(f, key, "must be a prefix length from 0 to %d", most)
	}
	return bits
}

// ForbidText writes an entry of the guardrail for people.
func ForbidText(f rule.Forbidden) string {
	return fmt.Sprintf("forbid %s %s %s wider than /%d (IPv4) or /%d (IPv6)",
		f.Direction, f.Protocol, rule.PortsText(f.Protocol, f.Ports), f.WidestV4, f.WidestV6)
}
