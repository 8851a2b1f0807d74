package rule_test

import (
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// must reads a rule text that is known to be right.
func must(text string) rule.Rule {
	r, err := rule.Parse(text)
	if err != nil {
		panic(err)
	}
	return r
}

// Two spellings of one rule are one value.
func ExampleParse() {
	a, err := rule.Parse("ingress 6 22-22 10.0.0.0/8")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a)
	fmt.Println(a == must("ingress tcp 22 10.0.0.0/8"))
	_, err = rule.Parse("ingress tcp 22 10.0.0.1/8")
	fmt.Println(err)
	// Output:
	// ingress tcp 22 10.0.0.0/8
	// true
	// rule "ingress tcp 22 10.0.0.1/8", word 4: 10.0.0.1/8 has host bits set: write 10.0.0.0/8 or the one address you mean
}

// The rules of the package's picture: A and B together permit what neither permits alone.
func ExampleSet_Permits() {
	approved := rule.Compile([]rule.Rule{
		must("ingress tcp 400-500 10.0.0.0/25"),   // A
		must("ingress tcp 400-449 10.0.0.128/25"), // B
	})
	for _, text := range []string{"ingress tcp 443 10.0.0.0/24", "ingress tcp 400-500 10.0.0.0/25", "ingress tcp 460 10.0.0.0/24"} {
		fmt.Println(text, approved.Permits(must(text), rule.Covered), approved.Permits(must(text), rule.Exact))
	}
	fmt.Println(approved.Reason(must("ingress tcp 460 10.0.0.0/24"), rule.Covered))
	// Output:
	// ingress tcp 443 10.0.0.0/24 true false
	// ingress tcp 400-500 10.0.0.0/25 true true
	// ingress tcp 460 10.0.0.0/24 false false
	// only part of tcp 460 from 10.0.0.0/24 is permitted, by ingress tcp 400-500 10.0.0.0/25
}

// An approved rule was widened. Before the wide rule is revoked, what both permit is
// authorised, so that the revoke interrupts no approved traffic.
func ExampleCarried() {
	approved, violation := must("ingress tcp 443 10.0.0.0/16"), must("ingress tcp 400-500 10.0.0.0/8")
	fmt.Println(rule.Carried(approved, violation))
	_, overlap := rule.Carried(must("ingress tcp 22 10.0.0.0/16"), violation)
	fmt.Println(overlap)
	// Output:
	// ingress tcp 443 10.0.0.0/16 true
	// false
}

// Two rules, each of which the guardrail permits, open too many addresses together. The
// one that came last breaks it.
func ExampleBreakingInOrder() {
	entries := []rule.Forbidden{{Direction: rule.Ingress, Protocol: must("ingress tcp 22 0.0.0.0/0").Protocol, Ports: rule.Ports{From: 22, To: 22}, WidestV4: 24, WidestV6: 48}}
	rules := []rule.Rule{must("ingress tcp 22 20.0.0.0/24"), must("ingress tcp 22 20.0.1.0/24")}
	for i, broken := range rule.BreakingInOrder(rules, entries) {
		fmt.Println(rules[i], broken != nil)
	}
	// Output:
	// ingress tcp 22 20.0.0.0/24 false
	// ingress tcp 22 20.0.1.0/24 true
}
