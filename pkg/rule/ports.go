package rule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Ports is an inclusive range. For tcp and udp it holds ports. For icmp and
// icmpv6 it holds type*256+code, so that "type 3, any code" is the range
// 768-1023 and one algebra serves both. Protocols without ports have AllPorts.
type Ports struct{ From, To uint16 }

// AllPorts is every port, every ICMP type and code, or "has no ports".
var AllPorts = Ports{0, 65535}

const maxCode = 255

// portsFromEC2 reads the port pair of an EC2 rule; nil means absent. For ICMP
// the pair is type and code, and -1 or absent is any (EC2 API reference,
// IpPermission.FromPort and ToPort).
func portsFromEC2(p Protocol, from, to *int) (Ports, error) {
	switch {
	case !p.HasPorts():
		return AllPorts, nil
	case p.isICMP():
		return icmpPorts(valueOr(from, -1), valueOr(to, -1))
	case from == nil || to == nil:
		return Ports{}, fmt.Errorf("a %s rule without a port range", p)
	}
	return portRange(*from, *to)
}

func valueOr(p *int, otherwise int) int {
	if p == nil {
		return otherwise
	}
	return *p
}

func portRange(from, to int) (Ports, error) {
	if from < 0 || to > 65535 || from > to {
		return Ports{}, fmt.Errorf("%d-%d is not a range of ports within 0-65535", from, to)
	}
	return Ports{uint16(from), uint16(to)}, nil
}

func icmpPorts(typ, code int) (Ports, error) {
	switch {
	case typ == -1 && code == -1:
		return AllPorts, nil
	case typ < 0 || typ > 255:
		return Ports{}, fmt.Errorf("%d is not an ICMP type from 0 to 255", typ)
	case code == -1:
		return Ports{uint16(typ) << 8, uint16(typ)<<8 | maxCode}, nil
	case code < 0 || code > maxCode:
		return Ports{}, fmt.Errorf("%d is not an ICMP code from 0 to 255", code)
	}
	at := uint16(typ)<<8 | uint16(code)
	return Ports{at, at}, nil
}

// ParsePorts reads ports as baselines and rule text write them: "443",
// "8000-8080" or "all"; for ICMP "8" (a type), "3/4" (type and code) or "all".
// Protocols without ports take "all" only.
func ParsePorts(p Protocol, s string) (Ports, error) {
	switch {
	case s == "all":
		return AllPorts, nil
	case !p.HasPorts():
		return Ports{}, fmt.Errorf("protocol %s has no ports: leave ports out or write all", p)
	case s == "":
		return Ports{}, fmt.Errorf("ports are missing: write all if every port of %s is meant", p)
	case p.isICMP():
		return parseICMP(s)
	}
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	f, err1 := number(from)
	t, err2 := number(to)
	if errors.Join(err1, err2) != nil {
		return Ports{}, fmt.Errorf("%q is not a port, a range such as 8000-8080, or all", s)
	}
	return portRange(f, t)
}

func parseICMP(s string) (Ports, error) {
	typ, code, hasCode := strings.Cut(s, "/")
	t, err := number(typ)
	c := -1
	if hasCode && err == nil {
		c, err = number(code)
	}
	if err != nil {
		return Ports{}, fmt.Errorf("%q is not an ICMP type, type/code such as 3/4, or all", s)
	}
	return icmpPorts(t, c)
}

// number reads plain digits only: no sign, no leading zero, so that parsing and
// formatting are inverse.
func number(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err == nil && strconv.FormatUint(n, 10) != s {
		err = fmt.Errorf("%q is not a plain number", s)
	}
	return int(n), err
}

// PortsText writes ports as rule text does, the inverse of ParsePorts for the
// ports of a canonical rule.
func PortsText(p Protocol, ports Ports) string {
	switch {
	case ports == AllPorts:
		return "all"
	case p.isICMP():
		return icmpText(ports)
	case ports.From == ports.To:
		return strconv.Itoa(int(ports.From))
	}
	return fmt.Sprintf("%d-%d", ports.From, ports.To)
}

func icmpText(ports Ports) string {
	typ, code := ports.From>>8, ports.From&maxCode
	switch {
	case ports.From == ports.To:
		return fmt.Sprintf("%d/%d", typ, code)
	case code != 0 || ports.To&maxCode != maxCode:
		return fmt.Sprintf("%d/%d to %d/%d", typ, code, ports.To>>8, ports.To&maxCode)
	case ports.To>>8 == typ:
		return strconv.Itoa(int(typ))
	}
	return fmt.Sprintf("%d-%d", typ, ports.To>>8)
}

// EC2 returns the port pair as an EC2 API request wants it; for protocols
// without ports both are -1.
func (r Rule) EC2Ports() (from, to int) {
	switch {
	case !r.Protocol.HasPorts(), r.Protocol.isICMP() && r.Ports == AllPorts:
		return -1, -1
	case r.Protocol.isICMP() && r.Ports.From == r.Ports.To:
		return int(r.Ports.From >> 8), int(r.Ports.From & maxCode)
	case r.Protocol.isICMP():
		return int(r.Ports.From >> 8), -1
	}
	return int(r.Ports.From), int(r.Ports.To)
}
