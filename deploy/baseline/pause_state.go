package main

import (
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// pauseState is what pause prints.
type pauseState struct {
	Identity  account.Identity `json:"identity"`
	Parameter string           `json:"parameter"`
	Paused    bool             `json:"paused"` // afterwards
	Changed   bool             `json:"changed"`
	Since     *time.Time       `json:"since,omitempty"` // when it was written
	Until     *time.Time       `json:"until,omitempty"` // of a pause that has ended, too
	Reason    string           `json:"reason,omitempty"`
	Problem   string           `json:"problem,omitempty"` // why a pause can't be used
}

// printPause prints what there is to say; a pause that can't be used is a finding.
func (a *app) printPause(state pauseState) error {
	var err error
	if a.output == "json" {
		err = a.printJSON(state)
	} else {
		_, err = fmt.Fprintf(a.out, "%s\n%s\n", state.Identity, state.text(a.Now()))
	}
	if err == nil && state.Problem != "" {
		err = errFindings
	}
	return err
}

func (a *app) stateOf(store ssmstore.Store, stored baseline.Stored) pauseState {
	state := pauseState{Parameter: store.Pause()}
	if !stored.Exists() {
		return state
	}
	inForce, problem := account.PauseInForce(stored, a.Now())
	if problem != nil {
		state.Problem = problem.Error()
		return state
	}
	state.Paused = inForce != nil
	if !stored.ModifiedAt.IsZero() {
		since := stored.ModifiedAt.UTC().Truncate(time.Second)
		state.Since = &since
	}
	if p, err := stored.Pause(a.Now()); err == nil {
		state.Until, state.Reason = &p.Until, p.Reason
	}
	return state
}

// text is for people.
func (s pauseState) text(now time.Time) string {
	switch {
	case s.Problem != "":
		return s.Problem
	case s.Paused:
		since := ""
		if s.Since != nil {
			since = ", since " + s.Since.Format(time.RFC3339)
		}
		return fmt.Sprintf("sgwarden is paused until %s (%s)%s: nothing is changed in EC2 for %s\nto go on at once: baseline pause --end",
			s.Until.Format(time.RFC3339), s.Reason, since, words.Length(s.Until.Sub(now)))
	case s.Changed && s.Until != nil:
		return fmt.Sprintf("sgwarden was not paused any more: the pause ended at %s (%s); now its document is deleted", s.Until.Format(time.RFC3339), s.Reason)
	case s.Changed:
		return "the pause is ended: sgwarden changes security groups again"
	case s.Until != nil:
		return fmt.Sprintf("sgwarden is not paused: the pause ended at %s (%s)", s.Until.Format(time.RFC3339), s.Reason)
	}
	return "sgwarden is not paused: there is no pause at " + s.Parameter
}
