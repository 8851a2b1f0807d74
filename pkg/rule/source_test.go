package rule_test

import (
	"testing"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

func ports(from, to int) (f, t *int) { return &from, &to }

func ec2(protocol string, from, to *int, cidr string) rule.EC2 {
	return rule.EC2{Direction: rule.Ingress, Protocol: protocol, From: from, To: to, CIDR: cidr}
}

func TestEC2SpellingsOfOneRuleAreOneRule(t *testing.T) {
	t.Parallel()
	p22a, p22b := ports(22, 22)
	zero, top := ports(0, 65535)
	any1, any2 := ports(-1, -1)
	ping, anyCode := ports(8, -1)
	cases := map[string]struct {
		spelling rule.EC2
		want     string
	}{
		"protocol by number":                 {ec2("6", p22a, p22b, "10.0.0.0/8"), "ingress tcp 22 10.0.0.0/8"},
		"protocol in capitals":               {ec2("TCP", p22a, p22b, "10.0.0.0/8"), "ingress tcp 22 10.0.0.0/8"},
		"protocol 58 as a number":            {ec2("58", nil, nil, "::/0"), "ingress icmpv6 all ::/0"},
		"a protocol EC2 has no name for":     {ec2("50", p22a, p22b, "10.0.0.0/8"), "ingress 50 all 10.0.0.0/8"},
		"all protocols without ports":        {ec2("-1", nil, nil, "0.0.0.0/0"), "ingress all all 0.0.0.0/0"},
		"all protocols with ports 0-65535":   {ec2("-1", zero, top, "0.0.0.0/0"), "ingress all all 0.0.0.0/0"},
		"all protocols with ports -1":        {ec2("-1", any1, any2, "0.0.0.0/0"), "ingress all all 0.0.0.0/0"},
		"all protocols with a port supplied": {ec2("-1", p22a, p22b, "0.0.0.0/0"), "ingress all all 0.0.0.0/0"},
		"ICMP type with any code":            {ec2("icmp", ping, anyCode, "10.0.0.0/8"), "ingress icmp 8 10.0.0.0/8"},
		"ICMP without ports":                 {ec2("icmp", nil, nil, "10.0.0.0/8"), "ingress icmp all 10.0.0.0/8"},
		"ICMP type 0 code 0 is not any":      {ec2("icmp", zero, zero, "10.0.0.0/8"), "ingress icmp 0/0 10.0.0.0/8"},
		"every tcp port":                     {ec2("tcp", zero, top, "10.0.0.0/8"), "ingress tcp all 10.0.0.0/8"},
		"host bits":                          {ec2("tcp", p22a, p22b, "10.1.2.3/8"), "ingress tcp 22 10.0.0.0/8"},
		"host bits of the whole world":       {ec2("tcp", p22a, p22b, "203.0.113.7/0"), "ingress tcp 22 0.0.0.0/0"},
		"IPv6 in capitals with zero runs":    {ec2("tcp", p22a, p22b, "2001:DB8:0:0::/32"), "ingress tcp 22 2001:db8::/32"},
		"IPv4-mapped IPv6 stays IPv6":        {ec2("tcp", p22a, p22b, "::ffff:10.0.0.0/104"), "ingress tcp 22 ::ffff:10.0.0.0/104"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.spelling.Canonical()
			if err != nil || got.String() != c.want {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestWhatHasNoCanonicalFormIsAnError(t *testing.T) {
	t.Parallel()
	p22a, p22b := ports(22, 22)
	any1, _ := ports(-1, -1)
	big, _ := ports(70000, 0)
	cases := map[string]rule.EC2{
		"tcp without ports":          ec2("tcp", nil, nil, "10.0.0.0/8"),
		"tcp with ports -1":          ec2("tcp", any1, any1, "10.0.0.0/8"),
		"a port beyond 65535":        ec2("tcp", p22a, big, "10.0.0.0/8"),
		"any ICMP type but one code": ec2("icmp", any1, p22b, "10.0.0.0/8"),
		"an unknown protocol":        ec2("sctp2", p22a, p22b, "10.0.0.0/8"),
		"no protocol":                ec2("", p22a, p22b, "10.0.0.0/8"),
		"no peer":                    ec2("tcp", p22a, p22b, ""),
		"a peer that is no CIDR":     ec2("tcp", p22a, p22b, "everyone"),
		"two peers":                  {Direction: rule.Ingress, Protocol: "tcp", From: p22a, To: p22b, CIDR: "10.0.0.0/8", GroupID: "sg-0a"},
		"no direction":               {Protocol: "tcp", From: p22a, To: p22b, CIDR: "10.0.0.0/8"},
		"a group id of another kind": {Direction: rule.Ingress, Protocol: "tcp", From: p22a, To: p22b, GroupID: "pl-0a"},
	}
	for name, spelling := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := spelling.Canonical(); err == nil {
				t.Errorf("became %s", got)
			}
		})
	}
}

func TestEC2PortsReadBack(t *testing.T) {
	t.Parallel()
	for _, r := range parse(t, "ingress tcp 22 10.0.0.0/8", "ingress udp all 10.0.0.0/8", "ingress icmp all 10.0.0.0/8",
		"ingress icmp 8 10.0.0.0/8", "ingress icmp 3/4 10.0.0.0/8", "ingress all all 10.0.0.0/8", "ingress 50 all 10.0.0.0/8") {
		from, to := r.EC2Ports()
		back, err := ec2(r.Protocol.String(), &from, &to, r.Peer.String()).Canonical()
		if err != nil || back != r {
			t.Errorf("%s became %s, %v", r, back, err)
		}
	}
}
