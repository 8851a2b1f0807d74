package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/amend"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// trustState is what trust prints.
type trustState struct {
	Identity   account.Identity   `json:"identity"`
	Parameter  string             `json:"parameter"`
	Version    int64              `json:"version"` // 0: there is no document
	Changed    bool               `json:"changed"`
	Principals []trustedPrincipal `json:"principals"` // afterwards
	Problem    string             `json:"problem,omitempty"`
	// Restored is what others wrote at the same time, and what was put back.
	Restored []string `json:"restored,omitempty"`

	says    string // what became of the request
	isShown bool   // the identity was printed already
}

// trustedPrincipal is a trusted principal.
type trustedPrincipal struct {
	ARN          string `json:"arn"`
	PendingHours int    `json:"pendingHours"`
}

func (s *trustState) setPrincipals(doc *baseline.Trust) {
	for _, p := range doc.Principals {
		s.Principals = append(s.Principals, trustedPrincipal{p.ARN, int(p.Pending / time.Hour)})
	}
}

// changeTrust trusts a principal, or no longer where hours is 0. Changes that others write at
// the same time stay.
func changeTrust(ctx context.Context, kind amend.Kind[*baseline.Trust], state trustState, arn string, hours int) (trustState, error) {
	var after *baseline.Trust
	changes := amend.Changes{arn: nil}
	if hours > 0 {
		text := strconv.Itoa(hours)
		changes[arn] = &text
	}
	outcome, err := kind.Edit(ctx, func(doc *baseline.Trust) (*baseline.Trust, error) {
		var err error
		after, err = kind.With(doc, changes)
		return after, err
	}, amend.Backoff(rand.Int64N))
	if err != nil {
		return trustState{}, err
	}
	state.setPrincipals(after)
	state.Version, state.Changed, state.Restored = outcome.Version, outcome.Changed, append(outcome.Restored, outcome.Broken...)
	switch {
	case hours > 0 && state.Changed:
		state.says = fmt.Sprintf("%s is trusted: what it opens waits %s for approval", arn, words.Count(hours, "hour"))
	case hours > 0:
		state.says = fmt.Sprintf("%s was trusted already: what it opens waits %s for approval", arn, words.Count(hours, "hour"))
	case state.Changed:
		state.says = arn + " is trusted no longer: what it opens is reverted at once; what waits already stays until it ends"
	default:
		state.says = arn + " was not trusted"
	}
	return state, nil
}

// printTrust prints what there is to say; a document that can't be used is a finding.
func (a *app) printTrust(s trustState) error {
	var err error
	if a.output == "json" {
		err = a.printJSON(s)
	} else {
		_, err = fmt.Fprint(a.out, s.text())
	}
	if err == nil && s.Problem != "" {
		err = errFindings
	}
	return err
}

// text is for people.
func (s trustState) text() string {
	text := ""
	if !s.isShown {
		text = s.Identity.String() + "\n"
	}
	if s.says != "" {
		text += s.says + fmt.Sprintf(" (%s, version %d)\n", s.Parameter, s.Version)
	}
	for _, line := range s.Restored {
		text += "  others changed the document at the same time; this is in it: " + line + "\n"
	}
	switch {
	case s.Problem != "":
		return text + s.Problem + "\n"
	case len(s.Principals) == 0 && s.Version == 0:
		return text + "nobody is trusted: there is no document at " + s.Parameter + "\n"
	case len(s.Principals) == 0:
		return text + "nobody is trusted (" + s.Parameter + ")\n"
	}
	text += "trusted:\n"
	for _, p := range s.Principals {
		text += fmt.Sprintf("  %s, waits %s\n", p.ARN, words.Count(p.PendingHours, "hour"))
	}
	return text
}
