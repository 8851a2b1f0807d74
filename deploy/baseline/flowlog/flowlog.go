// Package flowlog reads VPC flow logs and says which approved rules of security groups saw traffic, and how narrow a
// wide rule could have been.
//
// A security group is stateful: a rule is for the packets that open a connection, and the replies pass without a rule.
// A flow log has both, and does not say which is which. Opener says how far that is known. Whatever is in doubt counts
// as traffic that a rule saw.
package flowlog

import (
	"net/netip"
	"time"
)

// Action is what became of the packets of a record.
type Action uint8

// The actions of a record. The security groups and the network ACLs let the packets of an accepted record pass. Packets
// are rejected by a security group, by a network ACL, or because they came after the connection had ended
// (VPC User Guide, Flow log records, field action).
const (
	Accepted Action = iota + 1
	Rejected
)

// Status says what a record is about.
type Status uint8

// The kinds of records (VPC User Guide, Flow log records, field log-status).
const (
	OK       Status = iota + 1
	NoData          // no traffic in the window
	SkipData        // some traffic of the window was not recorded
)

// Heading is the way of the packets of a record, seen from the interface.
type Heading uint8

// The ways of packets. Logs without the field flow-direction leave the way unknown.
const (
	UnknownHeading Heading = iota
	In
	Out
)

// noPort stands for a port that an aggregated record leaves out.
const noPort = -1

// Record is what one line of a flow log says. Fields that the log does not have are zero.
type Record struct {
	// Interface is the id, such as eni-0a1b2c3d4e5f60718. It is valid until the next record is read.
	Interface []byte
	Source    Endpoint
	Target    Endpoint
	Protocol  uint8
	Flags     uint8 // of TCP: FIN 1, SYN 2, RST 4, SYN-ACK 18
	HasFlags  bool
	Heading   Heading
	Action    Action
	Status    Status
	Start     int64 // seconds since 1970
	End       int64
}

// Endpoint is one end of a flow.
type Endpoint struct {
	Addr netip.Addr
	// Packet is the address in the packet itself, where the log has that field (pkt-srcaddr, pkt-dstaddr).
	Packet netip.Addr
	Port   int32 // noPort: left out, because the port was only that of whoever opened the connection
}

// has reports whether the endpoint has an address that is so.
func (e Endpoint) has(is func(netip.Addr) bool) bool {
	return is(e.Addr) || e.Packet.IsValid() && is(e.Packet)
}

// Period is from the first to the last moment of something. The zero value is no time at all.
type Period struct {
	From, To time.Time
}

// Text writes the period for people, in UTC: "from 2026-10-01 to 2026-10-31". Periods of less than two days have the
// time of day.
func (p Period) Text() string {
	layout := time.DateOnly
	last := p.To
	if p.To.Sub(p.From) < 48*time.Hour {
		layout = "2006-01-02 15:04"
	} else if p.To.Equal(p.To.Truncate(24 * time.Hour)) {
		last = p.To.Add(-time.Second) // midnight still belongs to the day that ended
	}
	return "from " + p.From.UTC().Format(layout) + " to " + last.UTC().Format(layout)
}
