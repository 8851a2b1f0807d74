// Package replay says what sgwarden would have done about a history of calls: it plays the
// calls in the order of time, keeps the rules that each group would have had, and has
// every change judged at the time of its call. Package judge does all the judging. The
// package makes no call to AWS and has no clock.
//
// # What is replayed
//
// The history is as it would have been with sgwarden: a rule that would have been revoked
// is taken out of the group's rules, and later calls meet the group without that rule. A
// rule that would only have been reported stays.
//
// The documents are taken as they are given, as if they had been there all the time. An
// exception and an approval permit a rule at each time before their end. When one of them
// ends, the group is judged anew, as a sweep does.
//
// # What is known of a group's rules
//
// CloudTrail's records say what changes, and not what is there. A group that the history
// creates begins with the rule that EC2 gives each new group. Any other group begins with
// no rules: a rule that was there and that the history never names is not judged. A
// Description, a saved answer of EC2, says all rules of a group at a time, and is taken
// over from that time on. NotReplayed lists what else is left out.
package replay

import (
	"encoding/json"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// NotReplayed says for people what sgwarden does and a replay does not.
var NotReplayed = []string{
	"The baselines, the guardrail, exceptions and approvals count as if they had been there from the beginning. No grace period is replayed.",
	"Approved rules that somebody revoked are not put back (restore: true), and no approved traffic is authorised in place of a revoked rule.",
	"A new group begins with the rule egress all all 0.0.0.0/0. Whether its VPC has IPv6, and so egress all all ::/0 too, no record says.",
	"Default security groups that come with a VPC, and managed prefix lists, are not replayed.",
	"A call that made use of a rule which sgwarden would have revoked is replayed as it was: perhaps nobody would have made the call.",
}

// Documents are what groups are judged by. Any of them may be empty.
type Documents struct {
	Baselines map[string]*baseline.Document // by group id
	Guardrail *baseline.Guardrail           // for the groups without a baseline
	Approvals map[string][]*baseline.Approval
	Trust     *baseline.Trust
	Pause     *baseline.Pause
	// PausedFrom is when the pause was written. Before that time it paused nothing.
	PausedFrom time.Time
}

// Options say how to replay.
type Options struct {
	Documents Documents
	// Account and Region are where the documents are of. Calls elsewhere are counted and
	// not judged. Empty for documents that hold anywhere.
	Account, Region string
	// OwnRoles are the ARNs of sgwarden's own IAM roles: their calls are replayed and not judged.
	OwnRoles     []string
	Descriptions []Description
	// From and To are what part of the history was asked for. Zero: from the first call
	// on, and up to the last. The days of the Result begin and end there. Calls before From
	// only say which rules there were: sgwarden is switched on at From, and what is a
	// violation by then is not counted.
	From, To time.Time
	// Latest is the latest time that a record may have. A later one is reported and not judged.
	Latest time.Time
}

// Event is one record of CloudTrail. Record is the record as it was written, for the few
// facts that a trigger does not have. It may be empty.
type Event struct {
	Trigger trail.Trigger
	Nothing *trail.Nothing
	Record  json.RawMessage
}

// Revert is a rule that sgwarden would have revoked, or would have reported.
type Revert struct {
	Time      time.Time `json:"time"`
	Account   string    `json:"account,omitempty"`
	Region    string    `json:"region,omitempty"`
	GroupID   string    `json:"groupId"`
	GroupName string    `json:"groupName,omitempty"`
	Rule      string    `json:"rule"`
	RuleID    string    `json:"ruleId,omitempty"`
	// Actor, EventID and EventName are of the call that opened the rule. They are empty
	// where the history does not have that call.
	Actor     string `json:"actor"`
	EventID   string `json:"eventId"`
	EventName string `json:"eventName,omitempty"`
	Reason    string `json:"reason"`
	// Kind says what forbids the rule: alert.Drift, alert.GuardrailKind or alert.ExceptionExpired.
	Kind alert.Kind `json:"kind"`
	// Outcome is alert.Reverted; alert.WouldRevert where the document's mode is alert or a
	// pause was in force, so that the rule would have been reported only; or alert.Pending.
	Outcome alert.Outcome `json:"outcome"`
}

// Replay is a history that is being replayed. Make one with New. It is not for concurrent use.
type Replay struct {
	options Options
	each    func(Revert) error
	own     map[string]bool
	groups  map[string]*group
	names   map[groupName]string // ids; empty where several groups have the name
	due     dues
	now     time.Time // of the latest call
	counts  counts
}

// New begins a replay. each is called for each rule that sgwarden would have acted on.
// Its error ends the replay.
func New(o Options, each func(Revert) error) *Replay {
	r := &Replay{
		options: o, each: each,
		own: map[string]bool{}, groups: map[string]*group{}, names: map[groupName]string{}, counts: newCounts(),
	}
	for _, arn := range o.OwnRoles {
		r.own[arn] = true
	}
	for i, d := range o.Descriptions {
		r.due.add(due{at: d.At, description: &o.Descriptions[i]})
		r.learnNames(d)
	}
	if !o.From.IsZero() {
		r.due.add(due{at: o.From, begins: true})
	}
	return r
}

// began is when CloudTrail began to record: a record that says to be older has a wrong
// clock (AWS announced CloudTrail on 2013-11-13).
var began = time.Date(2013, 11, 1, 0, 0, 0, 0, time.UTC)

// Take replays the next record. Records have to come in the order of time.
func (r *Replay) Take(e Event) error {
	t := e.Trigger
	switch {
	case r.isEarly(t.Time) && (e.Nothing != nil || r.isElsewhere(t) || t.Time.Before(began)):
		return nil
	case r.isElsewhere(t):
		r.counts.elsewhere.row(Origin{Account: t.Account, Region: t.Region}).Calls++
		return nil
	case e.Nothing != nil && e.Nothing.NeedsSweep:
		r.notJudged(t, "the record does not say which group changed")
		return nil
	case e.Nothing != nil:
		r.counts.nothing++
		return nil
	case t.Time.Before(began):
		r.notJudged(t, "the record has no time, or one before CloudTrail began in 2013")
		return nil
	case !r.options.Latest.IsZero() && t.Time.After(r.options.Latest):
		r.notJudged(t, "the record has a time in the future")
		return nil
	}
	if err := r.pass(t.Time); err != nil {
		return err
	}
	return r.change(t, e.Record)
}

// isEarly reports whether sgwarden is not switched on yet.
func (r *Replay) isEarly(at time.Time) bool { return at.Before(r.options.From) }

func (r *Replay) isElsewhere(t trail.Trigger) bool {
	other := func(is, want string) bool { return want != "" && is != "" && is != want }
	return other(t.Account, r.options.Account) || other(t.Region, r.options.Region)
}

// change replays a call that changed a group.
func (r *Replay) change(t trail.Trigger, record json.RawMessage) error {
	if t.Kind != trail.RulesChanged && t.Kind != trail.GroupDeleted {
		r.counts.nothing++
		return nil
	}
	details := detailsOf(t, record)
	if t.GroupID == "" {
		t.GroupID = r.names[groupName{t.Account, t.Region, t.GroupName}]
	}
	r.learnName(t, details.name)
	isOwn, isEarly := t.Principal != "" && r.own[t.Principal], r.isEarly(t.Time)
	if !isEarly {
		r.counts.call(t, isOwn)
	}
	switch {
	case t.GroupID == "":
		r.notJudged(t, "the record names its group by the name only, and the history does not say which group has the name")
		return nil
	case !rule.IsGroupID(t.GroupID):
		// The id would stand in a command that people paste, and a file may hold anything.
		r.notJudged(t, "the record names its group by what is no id of a group")
		return nil
	case !r.isGuarded(t.GroupID):
		if !isEarly {
			r.counts.unguarded++
		}
		return nil
	case t.Kind == trail.GroupDeleted:
		r.deleted(t)
		return nil
	}
	g := r.group(t.GroupID, t)
	g.calls++
	unsure := g.apply(t, details)
	if isOwn || isEarly || !opens(t) {
		return nil
	}
	for range t.Unparsed {
		r.notJudged(t, "the record names a rule that can't be read")
	}
	r.counts.judged++
	return r.judgeCall(g, t, unsure)
}

// opens reports whether a call can have opened something.
func opens(t trail.Trigger) bool { return len(t.Changes) > 0 || t.EventName == createGroup }

// isGuarded reports whether anything says what a group may have.
func (r *Replay) isGuarded(id string) bool {
	return r.options.Documents.Baselines[id] != nil || r.options.Documents.Guardrail != nil
}

// deleted forgets a group. EC2 never gives an id again.
func (r *Replay) deleted(t trail.Trigger) {
	if g := r.groups[t.GroupID]; g != nil {
		r.counts.known(g)
		delete(r.groups, t.GroupID)
	}
}

// Finish replays what ends up to the end of the history, and sums up.
func (r *Replay) Finish() (Result, error) {
	end := r.options.To
	if end.IsZero() || !r.options.Latest.IsZero() && end.After(r.options.Latest) {
		end = r.now
	}
	if err := r.pass(end); err != nil {
		return Result{}, err
	}
	return r.result(), nil
}
