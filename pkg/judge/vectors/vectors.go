// Package vectors holds judgements in a form that no programming language owns: what a
// group is judged by, its live rules, what an event says of them, and the decision that
// follows. README.md describes vectors.json field by field.
//
// The expectations were written by hand from the design. The judge, the sweep and the
// commands explain and diff must all agree with them. The package is for tests.
package vectors

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"
)

//go:embed vectors.json
var file []byte

// File is all of vectors.json.
type File struct {
	Schema  int    `json:"schema"`
	GroupID string `json:"groupId"` // of the group that every case is about
	Account string `json:"account"` // of that group
	Cases   []Case `json:"cases"`
}

// Case is one judgement. A document that is absent does not exist.
type Case struct {
	Name         string      `json:"name"`
	Decision     string      `json:"decision"` // of the design that the case is about
	Now          time.Time   `json:"now"`
	GraceMinutes *int        `json:"graceMinutes"` // that are configured; nil for the default of 10
	Baseline     []Version   `json:"baseline"`     // oldest first; the last one is in force
	Guardrail    *Document   `json:"guardrail"`
	Approvals    []Approval  `json:"approvals"`
	Trust        *Document   `json:"trust"`
	Live         []Live      `json:"live"`
	Event        *Event      `json:"event"` // nil for a sweep
	Expect       Expectation `json:"expect"`
}

// Document is the value of a parameter. One of the fields is set.
type Document struct {
	JSON    json.RawMessage `json:"document"`
	Text    string          `json:"text"`    // instead of a document that is no JSON
	Refused bool            `json:"refused"` // the store does not give the value
}

// Version is one version of the baseline.
type Version struct {
	Version   int64     `json:"version"`
	WrittenAt time.Time `json:"writtenAt"`
	Document
}

// Approval is the parameter of an approval.
type Approval struct {
	Name      string    `json:"name"`
	WrittenAt time.Time `json:"writtenAt"`
	Document
}

// Live is a live rule: its rule text, or how EC2 spells it.
type Live struct {
	ID   string `json:"id"`
	Rule string `json:"rule"`
	EC2  *EC2   `json:"ec2"`
}

// EC2 is a rule as DescribeSecurityGroupRules answers it, of which a field may be absent.
type EC2 struct {
	IsEgress          bool   `json:"isEgress"`
	IPProtocol        string `json:"ipProtocol"`
	FromPort          *int   `json:"fromPort"`
	ToPort            *int   `json:"toPort"`
	CidrIPv4          string `json:"cidrIpv4"`
	CidrIPv6          string `json:"cidrIpv6"`
	ReferencedGroupID string `json:"referencedGroupId"`
	PrefixListID      string `json:"prefixListId"`
}

// Event is what the record of a call says.
type Event struct {
	Call             string   `json:"call"`
	Opened           []Opened `json:"opened"`
	DirectionUnknown bool     `json:"directionUnknown"` // of the opened rules
	Removed          []string `json:"removed"`          // rules, where the event says which ones the call removed
	Principal        string   `json:"principal"`        // ARN of the role or user that made the call
}

// Opened is a rule that an event says its call opened.
type Opened struct {
	Rule string `json:"rule"`
	ID   string `json:"id"` // empty where the event does not say it
}

// Expectation is the decision.
type Expectation struct {
	JudgedBy     string      `json:"judgedBy"` // ByBaseline, ByGuardrail or ByNothing
	Kind         string      `json:"kind"`
	Enforce      bool        `json:"enforce"`
	Violations   []Violation `json:"violations"` // the live ones in the order of the live rules, then the others
	Pending      []Violation `json:"pending"`
	InGrace      []InGrace   `json:"inGrace"`
	NotCanonical []string    `json:"unreadable"` // ids
	Protect      []string    `json:"protect"`    // rules, in any order
	Missing      []string    `json:"missing"`    // rules, in any order
	Restore      bool        `json:"restore"`
	Redundant    []string    `json:"spare"`    // rules, in any order
	Unusable     []string    `json:"unusable"` // documents that permit, forbid and trust nothing
}

// What judges a group.
const (
	ByBaseline  = "baseline"
	ByGuardrail = "guardrail"
	ByNothing   = "nothing"
)

// Violation is a rule that is not permitted.
type Violation struct {
	Rule          string `json:"rule"`
	ID            string `json:"id"`
	NotLive       bool   `json:"gone"`
	MaybeLive     bool   `json:"unseen"`
	OpenedByEvent bool   `json:"openedByEvent"`
	Added         bool   `json:"added"`
}

// InGrace is a live rule that only the grace permits.
type InGrace struct {
	Rule    string `json:"rule"`
	ID      string `json:"id"`
	Version int64  `json:"version"` // 0 where only several versions together permit the rule
}

// Read returns the cases. A field that this package does not know is an error.
func Read() (File, error) {
	var f File
	decoder := json.NewDecoder(bytes.NewReader(file))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return f, fmt.Errorf("decode vectors.json: %w", err)
	}
	return f, nil
}
