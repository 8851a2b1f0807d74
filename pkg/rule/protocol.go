package rule

import (
	"fmt"
	"strconv"
	"strings"
)

// Protocol is an IANA protocol number, or All.
type Protocol int16

// The protocols that EC2 names. EC2 writes 1, 6, 17 and 58 as names, in lower
// case, and every other number as a number; -1 is all protocols
// (EC2 API reference, IpPermission.IpProtocol).
const (
	All    Protocol = -1
	ICMP   Protocol = 1
	TCP    Protocol = 6
	UDP    Protocol = 17
	ICMPv6 Protocol = 58
)

var protocolNames = map[Protocol]string{All: "all", ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMPv6: "icmpv6"}

// ParseProtocol reads a protocol as EC2, a baseline or rule text writes it: a
// name in any case, an IANA number from 0 to 255, or "all" or "-1".
func ParseProtocol(s string) (Protocol, error) {
	for p, name := range protocolNames {
		if strings.EqualFold(s, name) {
			return p, nil
		}
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < -1 || n > 255 {
		return 0, fmt.Errorf("%q is not a protocol: want tcp, udp, icmp, icmpv6, all or a number from 0 to 255", s)
	}
	return Protocol(n), nil
}

// HasPorts reports whether EC2 looks at ports for the protocol. For all others
// it "allows traffic on all ports, regardless of any port range you specify"
// (EC2 API reference, AuthorizeSecurityGroupIngress).
func (p Protocol) HasPorts() bool { return p == TCP || p == UDP || p.isICMP() }

func (p Protocol) isICMP() bool { return p == ICMP || p == ICMPv6 }

// String is the name where EC2 has one ("all" for -1), else the number.
func (p Protocol) String() string {
	if name, ok := protocolNames[p]; ok {
		return name
	}
	return strconv.Itoa(int(p))
}
