package baseline_test

import (
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const exampleGroup = "sg-0a1b2c3d4e5f60718"

func decoded(text string) *baseline.Document {
	doc, err := baseline.Decode([]byte(text), exampleGroup)
	if err != nil {
		panic(err)
	}
	return doc
}

// A document says which rules are permitted at a time. A direction without a list is not
// guarded.
func ExampleDecode() {
	doc, err := baseline.Decode([]byte(`{"schema": 1, "groupId": "sg-0a1b2c3d4e5f60718",
		"ingress": [{"protocol": "tcp", "ports": "443", "sources": ["10.0.0.0/16", "sg-0aaaaaaaaaaaaaaa1"]}],
		"exceptions": [{"direction": "ingress", "protocol": "tcp", "ports": "22", "sources": ["203.0.113.7/32"],
			"expires": "2026-12-01T09:00:00Z", "reason": "INC-1234 repair"}]}`), exampleGroup)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, at := range []string{"2026-11-30T00:00:00Z", "2026-12-02T00:00:00Z"} {
		now, _ := time.Parse(time.RFC3339, at)
		fmt.Println(at, doc.Permitted(now))
	}
	fmt.Println("ingress guarded:", doc.Guards(rule.Ingress), "egress guarded:", doc.Guards(rule.Egress))
	// Output:
	// 2026-11-30T00:00:00Z [ingress tcp 443 10.0.0.0/16 ingress tcp 443 sg-0aaaaaaaaaaaaaaa1 ingress tcp 22 203.0.113.7/32]
	// 2026-12-02T00:00:00Z [ingress tcp 443 10.0.0.0/16 ingress tcp 443 sg-0aaaaaaaaaaaaaaa1]
	// ingress guarded: true egress guarded: false
}

// All errors of a document come at once, each with its path.
func ExampleDecode_errors() {
	_, err := baseline.Decode([]byte(`{"schema": 1, "groupId": "sg-0a1b2c3d4e5f60718", "owner": "ana",
		"ingress": [{"protocol": "tcp", "ports": "443", "sources": ["10.0.0.1/16"]}]}`), exampleGroup)
	fmt.Println(err)
	// Output:
	// owner: unknown field; known are schema, groupId, groupName, mode, match, restore, graceMinutes, ingress, egress, exceptions; ingress[0].sources[0]: 10.0.0.1/16 has host bits set: write 10.0.0.0/16 or the one address you mean
}

// What a change of a baseline permits more and less.
func ExampleCompare() {
	before := decoded(`{"schema": 1, "groupId": "sg-0a1b2c3d4e5f60718",
		"ingress": [{"protocol": "tcp", "ports": "443", "sources": ["10.0.0.0/16"]}]}`)
	after := decoded(`{"schema": 1, "groupId": "sg-0a1b2c3d4e5f60718", "mode": "alert",
		"ingress": [{"protocol": "tcp", "ports": "443", "sources": ["10.0.0.0/24"]}, {"protocol": "tcp", "ports": "80", "sources": ["10.0.0.0/16"]}]}`)
	difference := baseline.Compare(before, after, time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))
	fmt.Println("more:", difference.More)
	fmt.Println("less:", difference.Less)
	fmt.Println("settings:", difference.Settings)
	fmt.Println("weakens the guard:", difference.Weakens())
	// Output:
	// more: [ingress tcp 80 10.0.0.0/16]
	// less: [ingress tcp 443 10.0.0.0/16]
	// settings: [mode: alert, was enforce]
	// weakens the guard: true
}
