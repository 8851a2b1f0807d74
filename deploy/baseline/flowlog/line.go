package flowlog

import (
	"bytes"
	"errors"
	"net/netip"
	"time"
)

// The errors of a line. They are values, so that a torn log does not cost memory.
var (
	errColumns   = errors.New("the line has another number of fields than the format")
	errInterface = errors.New("the interface is not an id such as eni-0a1b2c3d4e5f60718")
	errAddress   = errors.New("an address is not an IP address")
	errNumber    = errors.New("a port, the protocol or the flags are not a number in range")
	errAction    = errors.New("the action is neither ACCEPT nor REJECT")
	errStatus    = errors.New("the log-status is none of OK, NODATA and SKIPDATA")
	errTime      = errors.New("start and end are not seconds since 1970 of one window, at a time when there were flow logs")
	errHeading   = errors.New("the flow-direction is neither ingress nor egress")
)

// Flow logs began in June 2015 (VPC User Guide, Document history). The other end keeps nonsense out.
var (
	earliest = time.Date(2015, 6, 1, 0, 0, 0, 0, time.UTC).Unix()
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
)

// longestWindow is in seconds. A window lasts up to 10 minutes, and a row of the Athena query up to a day.
const longestWindow = 2 * 24 * 60 * 60

// parser reads lines. It does not allocate, except for IPv6 addresses that it did not meet lately.
type parser struct {
	format Format
	ipv6   map[string]netip.Addr
}

func newParser() *parser { return &parser{format: defaultFormat, ipv6: map[string]netip.Addr{}} }

// parse reads a line into a record.
func (p *parser) parse(line []byte, r *Record) error {
	var values [fieldCount][]byte
	if err := p.split(line, &values); err != nil {
		return err
	}
	*r = Record{Interface: values[fieldInterface]}
	if !bytes.HasPrefix(r.Interface, []byte("eni-")) {
		return errInterface
	}
	if err := r.times(values[fieldStart], values[fieldEnd]); err != nil {
		return err
	}
	switch string(values[fieldStatus]) {
	case "OK", "": // a format may be without the field
		r.Status = OK
	case "NODATA":
		r.Status = NoData
		return nil
	case "SKIPDATA":
		r.Status = SkipData
		return nil
	default:
		return errStatus
	}
	return p.traffic(&values, r)
}

// split finds the values of the fields that matter.
func (p *parser) split(line []byte, values *[fieldCount][]byte) error {
	for i, which := range p.format.columns {
		end := bytes.IndexByte(line, p.format.separator)
		last := i == len(p.format.columns)-1
		if last != (end < 0) {
			return errColumns
		}
		value := line
		if !last {
			value, line = line[:end], line[end+1:]
		}
		if n := len(value); p.format.separator == ',' && n >= 2 && value[0] == '"' && value[n-1] == '"' {
			value = value[1 : n-1]
		}
		if which != unused {
			values[which] = value
		}
	}
	return nil
}

func (r *Record) times(start, end []byte) error {
	from, ok1 := number(start, latest)
	to, ok2 := number(end, latest)
	if !ok1 || !ok2 || from < earliest || to < from || to-from > longestWindow {
		return errTime
	}
	r.Start, r.End = from, to
	return nil
}

func (p *parser) traffic(values *[fieldCount][]byte, r *Record) error {
	switch string(values[fieldAction]) {
	case "ACCEPT":
		r.Action = Accepted
	case "REJECT":
		r.Action = Rejected
	default:
		return errAction
	}
	switch string(values[fieldHeading]) {
	case "ingress":
		r.Heading = In
	case "egress":
		r.Heading = Out
	case "-", "":
	default:
		return errHeading
	}
	if err := p.endpoint(&r.Source, values[fieldSource], values[fieldPacketSource], values[fieldSourcePort]); err != nil {
		return err
	}
	if err := p.endpoint(&r.Target, values[fieldTarget], values[fieldPacketTarget], values[fieldTargetPort]); err != nil {
		return err
	}
	protocol, ok := number(values[fieldProtocol], 255)
	if !ok {
		return errNumber
	}
	r.Protocol = uint8(protocol)
	return r.flags(values[fieldFlags])
}

func (r *Record) flags(text []byte) error {
	if len(text) == 0 || string(text) == "-" {
		return nil
	}
	flags, ok := number(text, 255)
	if !ok {
		return errNumber
	}
	r.Flags, r.HasFlags = uint8(flags), true
	return nil
}

func (p *parser) endpoint(e *Endpoint, addr, packet, port []byte) error {
	var ok bool
	if e.Addr, ok = p.address(addr); !ok {
		return errAddress
	}
	if len(packet) > 0 && string(packet) != "-" {
		if e.Packet, ok = p.address(packet); !ok {
			return errAddress
		}
	}
	switch string(port) {
	case "-", "": // of protocols without ports
		return nil
	case "-1": // of the Athena query
		e.Port = noPort
		return nil
	}
	n, ok := number(port, 65535)
	e.Port = int32(n)
	if !ok {
		return errNumber
	}
	return nil
}

// number reads plain digits.
func number(text []byte, most int64) (int64, bool) {
	var n int64
	for _, c := range text {
		if c < '0' || c > '9' || n > most {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(text) > 0 && n <= most
}

// maxIPv6 is how many IPv6 addresses are remembered.
const maxIPv6 = 1 << 14

func (p *parser) address(text []byte) (netip.Addr, bool) {
	if bytes.IndexByte(text, ':') < 0 {
		return ipv4(text)
	}
	if addr, known := p.ipv6[string(text)]; known {
		return addr, true
	}
	addr, err := netip.ParseAddr(string(text))
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, false
	}
	if len(p.ipv6) >= maxIPv6 {
		clear(p.ipv6)
	}
	addr = addr.Unmap()
	p.ipv6[string(text)] = addr
	return addr, true
}

func ipv4(text []byte) (netip.Addr, bool) {
	var parts [4]byte
	for i := range parts {
		part := text
		if i < 3 {
			dot := bytes.IndexByte(text, '.')
			if dot < 0 {
				return netip.Addr{}, false
			}
			part, text = text[:dot], text[dot+1:]
		}
		n, ok := number(part, 255)
		if !ok || len(part) > 1 && part[0] == '0' {
			return netip.Addr{}, false
		}
		parts[i] = byte(n)
	}
	return netip.AddrFrom4(parts), true
}
