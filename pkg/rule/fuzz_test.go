package rule_test

import (
	"testing"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"ingress tcp 22 0.0.0.0/0", "egress all all sg-0bbb", "ingress icmp 3/4 10.0.0.0/8", "ingress tcp 8000-8080 pl-0ccc",
		"ingress icmpv6 all ::/0", "egress 50 all 2001:db8::/32", "ingress TCP 022 10.0.0.5/8", " egress  -1\tall ::ffff:0:0/96",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := rule.Parse(text)
		if err != nil {
			if r != (rule.Rule{}) {
				t.Errorf("%v, and yet a rule: %s", err, r)
			}
			return
		}
		again, err := rule.Parse(r.String())
		if err != nil || again != r {
			t.Errorf("%q is %s, which is %s, %v", text, r, again, err)
		}
	})
}

// FuzzCanonical: what EC2 says of a canonical rule is that same rule.
func FuzzCanonical(f *testing.F) {
	f.Add("tcp", 22, 22, "10.0.0.5/8", false)
	f.Add("-1", 0, 65535, "::ffff:10.0.0.0/104", true)
	f.Add("58", -1, -1, "2001:DB8::/32", false)
	f.Add("icmp", 8, -1, "sg-0a", false)
	f.Fuzz(func(t *testing.T, protocol string, from, to int, peer string, egress bool) {
		e := rule.EC2{Direction: rule.Ingress, Protocol: protocol, From: &from, To: &to}
		if egress {
			e.Direction = rule.Egress
		}
		setPeer(&e, peer)
		r, err := e.Canonical()
		if err != nil {
			return
		}
		f2, t2 := r.EC2Ports()
		again := rule.EC2{Direction: r.Direction, Protocol: r.Protocol.String(), From: &f2, To: &t2}
		setPeer(&again, r.Peer.String())
		if back, err := again.Canonical(); err != nil || back != r {
			t.Errorf("%s became %s, %v", r, back, err)
		}
		if set := rule.Compile([]rule.Rule{r}); !set.Permits(r, rule.Covered) || !set.Permits(r, rule.Exact) {
			t.Errorf("%s does not permit itself", r)
		}
	})
}

func setPeer(e *rule.EC2, peer string) {
	switch {
	case len(peer) > 3 && peer[:3] == "sg-":
		e.GroupID = peer
	case len(peer) > 3 && peer[:3] == "pl-":
		e.PrefixListID = peer
	default:
		e.CIDR = peer
	}
}
