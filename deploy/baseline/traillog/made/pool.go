package made

import (
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// defaultEgress is the position in the pool of the rule that EC2 gives a new group.
const defaultEgress = 0

// pool are the rules that come and go. Neighbours can be opened by one call.
var pool = func() []rule.Rule {
	texts := []string{
		"egress all all 0.0.0.0/0",
		"egress tcp 443 pl-0e00000000000001",
		"ingress tcp 443 0.0.0.0/0",
		"ingress tcp 443 ::/0",
		"ingress tcp 80 0.0.0.0/0",
		"ingress tcp 22 0.0.0.0/0",
		"ingress tcp 3389 0.0.0.0/0",
		"ingress tcp 5432 sg-0cc00000000000001",
		"ingress tcp 6379 sg-0cc00000000000002",
		"ingress udp 53 10.0.0.0/8",
		"ingress icmp 8 10.0.0.0/8",
		"ingress all all 0.0.0.0/0",
		"ingress tcp 8000-8080 172.16.0.0/12",
		"egress tcp 5432 sg-0cc00000000000001",
		"egress udp 123 0.0.0.0/0",
		"egress tcp 443 2001:db8::/32",
	}
	for n := range 16 {
		texts = append(texts, fmt.Sprintf("ingress tcp 22 203.0.113.%d/32", n*16))
	}
	rules := make([]rule.Rule, len(texts))
	for i, text := range texts {
		var err error
		if rules[i], err = rule.Parse(text); err != nil {
			panic(fmt.Sprintf("the made history's rule %q: %v", text, err)) // fixed above
		}
	}
	return rules
}()
