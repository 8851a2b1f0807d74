// Package events holds sample messages as a Lambda function receives them from EventBridge, one file per shape: every
// form of security-group event that CloudTrail makes, changes of managed prefix lists, changes in Parameter Store,
// schedules, and messages that are none of sgwarden's business. All ids are invented.
//
// The samples of managed prefix lists are constructed from the EC2 API reference (ModifyManagedPrefixList,
// RestoreManagedPrefixListVersion, DeleteManagedPrefixList) and from how CloudTrail writes ModifySecurityGroupRules: no
// raw event but a shortened one was at hand.
package events

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed *.json
var files embed.FS

// Names returns the samples' names in order: file names without ".json", such as "authorize-ingress-ipv4". Their first
// word is the action, or "foreign" for what sgwarden has no business with.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("list the embedded events: %v", err)) // an embedded root always lists
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".json"))
	}
	slices.Sort(names) // "a.json" comes after "a-b.json", "a" before "a-b"
	return names
}

// Read returns the sample with that name, a whole EventBridge message in JSON. It fails where no sample has the name.
func Read(name string) ([]byte, error) {
	content, err := files.ReadFile(name + ".json")
	if err != nil {
		return nil, fmt.Errorf("read the sample event %q: %w", name, err)
	}
	return content, nil
}

// MustRead is Read for names fixed in the source: it panics on an unknown one.
func MustRead(name string) []byte {
	content, err := Read(name)
	if err != nil {
		panic(err)
	}
	return content
}
