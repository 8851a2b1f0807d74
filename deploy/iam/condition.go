package iam

import (
	"fmt"
	"strings"
)

// Condition compares one key of a call with values, of which one has to fit.
type Condition struct {
	Operator string // such as StringEquals
	Key      string // such as aws:SourceArn; IAM ignores the key's case
	Values   []string
}

// operators are those that sgwarden's policies use. Each compares a value of the policy
// with that of the call. Source: IAM User Guide, "IAM JSON policy elements: Condition
// operators". ArnEquals and ArnLike behave alike.
var operators = map[string]func(wanted, got string) bool{
	"StringEquals": func(wanted, got string) bool { return wanted == got },
	"StringLike":   Wildcard,
	"ArnEquals":    matchesResource,
	"ArnLike":      matchesResource,
}

// met reports whether a call's context meets a condition. A key that the call does not
// have meets none but Null.
func (c Condition) met(context map[string]string) (bool, error) {
	got, exists := "", false
	for key, value := range context {
		if strings.EqualFold(key, c.Key) {
			got, exists = value, true
		}
	}
	if c.Operator == "Null" {
		return c.null(exists)
	}
	compare, known := operators[c.Operator]
	if !known {
		return false, fmt.Errorf("the operator %s of the condition on %s is not known here: add it to deploy/iam", c.Operator, c.Key)
	}
	for _, wanted := range c.Values {
		if strings.Contains(wanted, "${") {
			return false, fmt.Errorf("the variable in %q of the condition on %s is not known here", wanted, c.Key)
		}
	}
	return exists && anyOf(c.Values, got, compare), nil
}

// null is the operator Null: true asks for a key that is not there, false for one that is.
func (c Condition) null(exists bool) (bool, error) {
	met := false
	for _, wanted := range c.Values {
		if wanted != "true" && wanted != "false" {
			return false, fmt.Errorf("the condition Null on %s is %q: want true or false", c.Key, wanted)
		}
		met = met || (wanted == "false") == exists
	}
	return met, nil
}
