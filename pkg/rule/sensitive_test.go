package rule_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

func TestSensitiveServicesAreNamedByTheirPorts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule string
		want []string
	}{
		"one port":                             {"ingress tcp 22 10.0.0.0/8", []string{"SSH (22)"}},
		"the same port over udp":               {"egress udp 11211 sg-0a", []string{"Memcached (11211)"}},
		"a range, in the order of its ports":   {"ingress tcp 3306-5432 10.0.0.0/8", []string{"MySQL (3306)", "RDP (3389)", "PostgreSQL (5432)"}},
		"the ends of a range count":            {"ingress tcp 23-135 10.0.0.0/8", []string{"Telnet (23)", "Windows RPC (135)"}},
		"beside a port":                        {"ingress tcp 24-134 10.0.0.0/8", nil},
		"an icmp type is no port":              {"ingress icmp 22 10.0.0.0/8", nil},
		"a protocol without ports opens none":  {"ingress 50 all 10.0.0.0/8", nil},
		"a port that anybody may have is none": {"ingress tcp 443 0.0.0.0/0", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := rule.Parse(c.rule)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range r.Sensitive() {
				got = append(got, s.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	everything, err := rule.Parse("ingress all all 10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	all := everything.Sensitive()
	for i := range all[1:] {
		if all[i].Port >= all[i+1].Port {
			t.Error(fmt.Sprint(all[i], " stands before ", all[i+1]))
		}
	}
	if tcp, err := rule.Parse("ingress tcp all 10.0.0.0/8"); err != nil || len(tcp.Sensitive()) != len(all) {
		t.Errorf("all ports of tcp open %d services, all protocols %d, error %v", len(tcp.Sensitive()), len(all), err)
	}
}
