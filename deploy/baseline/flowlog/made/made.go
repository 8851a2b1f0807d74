// Package made makes VPC flow logs for tests. Whoever asks with the same seed gets the same log, and what truly happened
// beside the log.
package made

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Options say what is in a log.
type Options struct {
	Seed        uint64
	Connections int
	// Full logs have the fields flow-direction and tcp-flags. Others are in the default format of version 2.
	Full bool
	From time.Time
	For  time.Duration
}

// Connection is what truly happened: a security group's rule let a connection be opened.
type Connection struct {
	Interface string
	Direction rule.Direction
	Protocol  rule.Protocol
	Port      uint16 // of the service; 0 for ICMP
	Peer      netip.Addr
}

// Interfaces are the ids of the interfaces with their addresses. The first two are in the group sg-0web, the third in
// sg-0db.
var Interfaces = []struct{ ID, Group, Addr string }{
	{"eni-0web1", "sg-0web", "10.0.0.10"}, {"eni-0web2", "sg-0web", "10.0.0.11"}, {"eni-0db1", "sg-0db", "10.0.1.20"},
}

// Snapshot is the answer of describe-network-interfaces for Interfaces.
func Snapshot() string {
	var all []string
	for _, i := range Interfaces {
		all = append(all, fmt.Sprintf(`{"NetworkInterfaceId": %q, "VpcId": "vpc-0a", "Groups": [{"GroupId": %q, "GroupName": %q}], "PrivateIpAddress": %q}`,
			i.ID, i.Group, strings.TrimPrefix(i.Group, "sg-0"), i.Addr))
	}
	return `{"NetworkInterfaces": [` + strings.Join(all, ",\n") + "]}\n"
}

// header names the fields of a full log.
const header = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status flow-direction tcp-flags\n"

// Log returns the text of a log and the connections in it.
func Log(o Options) (string, []Connection) {
	m := maker{Options: o, random: rand.New(rand.NewPCG(o.Seed, 17))}
	if o.Full {
		m.text.WriteString(header)
	}
	var truth []Connection
	for n := range o.Connections {
		truth = append(truth, m.connection(o.From.Add(o.For*time.Duration(n)/time.Duration(o.Connections))))
	}
	return m.text.String(), truth
}

type maker struct {
	Options
	random *rand.Rand
	text   strings.Builder
}

var (
	services = []uint16{22, 53, 443, 800, 2049, 5432, 8080, 9200, 50051}
	networks = []string{"10.0.0.0/28", "10.0.1.0/24", "10.9.0.0/16", "203.0.113.0/24", "198.51.100.7/32", "169.254.0.0/30"}
)

func pick[T any](m *maker, from []T) T { return from[m.random.IntN(len(from))] }

// connection writes the records of one connection at both headings.
func (m *maker) connection(at time.Time) Connection {
	own := pick(m, Interfaces)
	c := Connection{Interface: own.ID, Direction: pick(m, []rule.Direction{rule.Ingress, rule.Egress}), Protocol: pick(m, []rule.Protocol{rule.TCP, rule.TCP, rule.UDP, rule.ICMP})}
	network := netip.MustParsePrefix(pick(m, networks)).Masked()
	bytes := network.Addr().As4()
	host := m.random.Uint32() & (1<<(32-network.Bits()) - 1)
	for i := range bytes {
		bytes[i] |= byte(host >> (24 - 8*i))
	}
	c.Peer = netip.AddrFrom4(bytes)
	caller := 1024 + m.random.IntN(64000) // what NAT gateways use
	if c.Protocol == rule.ICMP {
		caller = 0
	} else {
		c.Port = pick(m, services)
		if c.Port == 2049 {
			caller = 665 + m.random.IntN(359) // NFS calls from such ports
		}
	}
	m.records(c, own.Addr, caller, at)
	return c
}

// records writes what the interface records: the caller's packets and the replies, and later packets without flags.
func (m *maker) records(c Connection, own string, caller int, at time.Time) {
	from, to, heading, back := c.Peer.String(), own, "ingress", "egress"
	if c.Direction == rule.Egress {
		from, to, heading, back = to, from, back, heading
	}
	syn, synACK := 0, 0
	if c.Protocol == rule.TCP && m.random.IntN(3) > 0 { // else the connection began before the log
		syn, synACK = 2|m.random.IntN(2), 18
	}
	m.record(c, from, to, caller, int(c.Port), heading, syn, at)
	if m.random.IntN(4) > 0 {
		m.record(c, to, from, int(c.Port), caller, back, synACK, at)
	}
}

func (m *maker) record(c Connection, from, to string, fromPort, toPort int, heading string, flags int, at time.Time) {
	fmt.Fprintf(&m.text, "5 111122223333 %s %s %s %d %d %d 9 900 %d %d ACCEPT OK", c.Interface, from, to, fromPort, toPort, c.Protocol, at.Unix(), at.Unix()+60)
	if m.Full {
		fmt.Fprintf(&m.text, " %s %d", heading, flags)
	}
	m.text.WriteString("\n")
}
