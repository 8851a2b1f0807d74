// Package lineage says how a group's baseline came to be what Parameter Store has:
// which versions pushes of files wrote, and what others changed since. It says
// whether a file may replace the version in force.
//
// Files carry no state. A push writes a record into the description of the parameter,
// with the same call that writes the baseline.
package lineage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Record is what a push says of the version that it writes.
//
// A record counts only where Wrote is the digest of the baseline beside it. Others who
// write the parameter, such as the console, write no record. AWS does not document
// whether a write without a description keeps the old description; it makes no
// difference, since an old record does not match another baseline.
type Record struct {
	Wrote    string // Digest of the baseline that the push wrote
	Replaced string // Digest of the baseline before; empty where there was none, or a broken one
}

const none = "none"

var recordText = regexp.MustCompile(`wrote (sha256:[0-9a-f]{64}) replaced (sha256:[0-9a-f]{64}|none)`)

// String is the description of the parameter.
func (r Record) String() string {
	replaced := r.Replaced
	if replaced == "" {
		replaced = none
	}
	return fmt.Sprintf("pushed by sgwarden's baseline command: wrote %s replaced %s", r.Wrote, replaced)
}

// ParseRecord finds the record in a description.
func ParseRecord(description string) (r Record, found bool) {
	match := recordText.FindStringSubmatch(description)
	if match == nil {
		return Record{}, false
	}
	if r = (Record{Wrote: match[1], Replaced: match[2]}); r.Replaced == none {
		r.Replaced = ""
	}
	return r, true
}

// NewRecord returns the record of a push that replaces one baseline with another.
// before is nil where there was none, or a broken one.
func NewRecord(before, after *baseline.Document) Record {
	r := Record{Wrote: Digest(after)}
	if before != nil {
		r.Replaced = Digest(before)
	}
	return r
}

// Digest identifies what a baseline says. Two baselines have the same digest if
// compare.Documents finds no difference: how entries are grouped and ordered makes no
// difference. What this hashes must never change, since records hold old digests.
func Digest(doc *baseline.Document) string {
	var lines []string
	for _, s := range compare.Settings(doc) {
		lines = append(lines, fmt.Sprintf("setting %s %q", s.Name, s.Value))
	}
	for i, description := range compare.Items(doc) {
		lines = append(lines, fmt.Sprintf("rule %q %q %q", i.Rule.String(), i.Exception, description))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return "sha256:" + hex.EncodeToString(sum[:])
}
