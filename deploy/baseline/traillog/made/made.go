// Package made makes histories as CloudTrail records them, from a seed: records about security groups among others, and
// beside them the truth of what the calls did. Tests hold readers and judges of histories to that truth.
//
// The records about security groups are those of deploy/local/cloudtrail, which tests compare with the samples in events/.
package made

import (
	"cmp"
	"iter"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Call is what one call did.
type Call struct {
	Time    time.Time // whole seconds
	Account string
	Region  string
	GroupID string
	// Actor is the arn in the record's userIdentity, Principal the ARN of the user or role that acted.
	Actor, Principal string
	Name             string // of the call, such as AuthorizeSecurityGroupIngress
	Opens, Closes    []rule.Rule
	EventID          string
	Failed           bool // the call changed nothing, and its record has an errorCode
}

// Group is a group that exists before the history begins. No record has its rules.
type Group struct {
	ID, Account, Region string
	Open                []rule.Rule
}

// Options say what history to make. The same options make the same history.
type Options struct {
	Seed   uint64
	Calls  int           // about security groups
	Others int           // records about something else, for each of the calls
	Begin  time.Time     // zero: 2026-09-01
	Every  time.Duration // between two calls, on average; zero: one minute, and never less than two seconds
	// Accounts, Regions and Groups are how many; Groups are those of one account in one region. Zero: 2, 2 and 20.
	Accounts, Regions, Groups int
	// Doubled is after how many records one comes a second time, as where two trails write to one bucket. Zero: never.
	Doubled int
	// Disorder is how many records may overtake each other. Zero: the records are in order.
	Disorder int
	// Odd adds what CloudTrail does not write and JSON permits: spaces, and escapes in names and values.
	Odd bool
	// PerFile is how many records a file of Write has at most. Zero: 500.
	PerFile int
}

func (o Options) withDefaults() Options {
	o.Begin = o.Begin.UTC().Truncate(time.Second)
	if o.Begin.Before(time.Unix(0, 0)) {
		o.Begin = time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC)
	}
	o.Every = max(cmp.Or(o.Every, time.Minute), 2*time.Second)
	o.Accounts, o.Regions, o.Groups = cmp.Or(o.Accounts, 2), cmp.Or(o.Regions, 2), cmp.Or(o.Groups, 20)
	o.PerFile = cmp.Or(o.PerFile, 500)
	return o
}

// Truth yields the calls in the order in which they were made. No two calls are of the same second, except that a group can
// get its first rule in the second of its creation.
func (o Options) Truth() iter.Seq[Call] {
	return func(yield func(Call) bool) {
		for r := range newWorld(o.withDefaults()).records() {
			if r.call != nil && !yield(*r.call) {
				return
			}
		}
	}
}

// Existing are the groups that exist before the first call.
func (o Options) Existing() []Group {
	var all []Group
	for _, g := range newWorld(o.withDefaults()).groups {
		if g.exists {
			all = append(all, Group{ID: g.id, Account: g.account, Region: g.region, Open: g.rules(g.open)})
		}
	}
	return all
}

// Record is one record of CloudTrail's.
type Record struct {
	JSON            []byte // valid until the next record
	Account, Region string
	Time            time.Time
	Call            *Call // nil for a record about something else
	Copy            bool  // the record came before
}

// Records are the records of the history, in the order in which CloudTrail delivers them.
func (o Options) Records() iter.Seq[Record] {
	o = o.withDefaults()
	return func(yield func(Record) bool) {
		newDelivery(o, yield).all()
	}
}
