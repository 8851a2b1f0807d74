// Package iam decides what IAM would decide, as far as sgwarden's own policies go. It
// is for tests of policies: nothing here asks AWS.
//
// A form that the package does not know is an error, so that no policy counts as narrower than
// IAM takes it for.
package iam

import (
	"fmt"
	"strings"
)

// Statement is one statement of a policy.
type Statement struct {
	Sid       string
	Deny      bool
	Actions   []string
	Resources []string
	// Principals are whom a policy of a resource is for. Nil in a policy of a role, which
	// is for the role.
	Principals []Principal
	Conditions []Condition
}

// Principal is who calls: the kind AWS with an ARN, or the kind Service with a name such
// as sns.amazonaws.com. The kind AWS with the id * is everybody.
type Principal struct{ Kind, ID string }

// Call is what somebody wants to do to one resource.
type Call struct {
	Principal Principal // left empty for policies of roles
	Action    string    // such as ssm:PutParameter
	Resource  string    // an ARN, or * for an action that knows no resources
	// Context has the values of condition keys, such as aws:ResourceTag/team. A key that
	// the call does not have is left out.
	Context map[string]string
}

func (c Call) String() string {
	text := c.Action + " on " + c.Resource
	if c.Principal != (Principal{}) {
		text = c.Principal.ID + ": " + text
	}
	if len(c.Context) > 0 {
		text += fmt.Sprintf(" with %v", c.Context)
	}
	return text
}

// Allows reports whether statements together allow a call: one of them allows the call,
// and none denies the call. Source: IAM User Guide, "Policy evaluation logic".
func Allows(statements []Statement, c Call) (bool, error) {
	allowed := false
	for _, s := range statements {
		matches, err := s.Matches(c)
		switch {
		case err != nil:
			return false, err
		case matches && s.Deny:
			return false, nil
		}
		allowed = allowed || matches
	}
	return allowed, nil
}

// Matches reports whether a statement is about a call.
func (s Statement) Matches(c Call) (bool, error) {
	for _, resource := range s.Resources {
		if strings.Contains(resource, "${") {
			return false, fmt.Errorf("statement %q: the variable in %q is not known here", s.Sid, resource)
		}
	}
	met := true
	for _, condition := range s.Conditions {
		ok, err := condition.met(c.Context)
		if err != nil {
			return false, fmt.Errorf("statement %q: %w", s.Sid, err)
		}
		met = met && ok
	}
	return met && s.isFor(c.Principal) && anyOf(s.Actions, c.Action, matchesAction) && anyOf(s.Resources, c.Resource, matchesResource), nil
}

func (s Statement) isFor(caller Principal) bool {
	if s.Principals == nil {
		return caller == Principal{}
	}
	for _, p := range s.Principals {
		everybody := p.Kind == "AWS" && p.ID == "*"
		if everybody || p == caller || p.Kind == "AWS" && caller.Kind == "AWS" && isOfAccount(p.ID, caller.ID) {
			return true
		}
	}
	return false
}

// isOfAccount reports whether an ARN such as arn:aws:iam::111122223333:root, which stands
// for an account, is that of a caller's account. Source: IAM User Guide, "AWS JSON policy
// elements: Principal".
func isOfAccount(account, caller string) bool {
	of, isRoot := strings.CutSuffix(account, ":root")
	parts := strings.SplitN(caller, ":", 6)
	return isRoot && len(parts) == 6 && strings.HasSuffix(of, "::"+parts[4])
}

func anyOf(patterns []string, text string, matches func(pattern, text string) bool) bool {
	for _, pattern := range patterns {
		if matches(pattern, text) {
			return true
		}
	}
	return false
}
