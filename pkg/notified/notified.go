// Package notified is the notifier's memory: what people were notified of, so that a drift
// that stays makes no new mail with every sweep.
package notified

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Open is something that people were notified of and that was not over by then.
type Open struct {
	GroupID   string
	GroupName string
	Kind      alert.Kind
	// Parameter is the document's in force. Where Rule is empty, people were
	// notified of the document, since it can't be used.
	Parameter string
	Rule      string // rule text
	Verdict   alert.Verdict
	Since     time.Time // when people were first notified of it
}

// Ref names what an Open is about. Where Rule is empty, Parameter names the document, and
// Kind distinguishes a document that can't be used from a group that could not be judged by it.
type Ref struct {
	GroupID, Rule, Parameter string
	Verdict                  alert.Verdict
	Kind                     alert.Kind
}

// Ref returns the name by which the entry is found again. A rule is the same one
// whichever document is in force.
func (o Open) Ref() Ref {
	if o.Rule != "" {
		return Ref{GroupID: o.GroupID, Rule: o.Rule, Verdict: o.Verdict}
	}
	return Ref{GroupID: o.GroupID, Parameter: o.Parameter, Kind: o.Kind}
}

// Entry is an Open with what decides whether it is news again.
type Entry struct {
	Open
	// State is the entry's state when people were notified. Another state is news.
	State string
	// Act is the id of the event that opened it, as the alert named it. It is empty where no
	// event was known.
	Act string
	// Awaits says that the rule waits for an approval. No sweep sees it as drift, and no
	// sweep may close it.
	Awaits     bool
	Notified   int       // how many mails were about it
	NotifiedAt time.Time // when the last of them was sent
}

// Contention is what is remembered of the reverts of one group.
type Contention struct {
	GroupID string
	Reverts []Revert  // the oldest first
	Alarmed time.Time // when an alarm was raised over them; zero for never
}

// Revert is one act that was reverted.
type Revert struct {
	At   time.Time
	Who  string // an ARN; empty where no event was known
	Rule string // rule text, or a text for several rules
}
