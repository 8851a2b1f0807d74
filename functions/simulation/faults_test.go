package simulation

import "time"

// fault is what can go wrong.
type fault int

// The faults of calls, of invocations, and of the way of an event.
const (
	noFault fault = iota
	throttled
	serverError // with an error code
	bareServerError
	slow
	hungBefore // never answers, and has had no effect
	hungAfter  // never answers, and has had its effect
	dropBefore
	dropAfter
	stale
	noIDsInAnswer
	someIDsInAnswer
	someRulesRevoked
	denied
	topicDown
	killedBefore
	killedAfter
	ranOutOfTime
	eventDropped
	eventDoubled
	eventReordered
	authorizeThrottled
	authorizeDenied
	documentsThrottled
	rulesThrottled
	keyDenied
	managedRefused
	eventWithoutGroup
	eventByName
	sweepShort
	poisonDocument
	baselineReplaced
	baselineBeyondQuota
	directionLeftOut
	messageDoubled
	killedUndeleted
	memorySpoilt
	poisonMessage
	kindsOfFault
)

var faultNames = [kindsOfFault]string{
	"none", "throttled", "5xx with an error code", "bare 5xx", "slow answer", "time-out, no effect", "time-out after the effect",
	"connection cut before the effect", "connection cut after the effect", "stale describe", "revoke answer without ids",
	"revoke answer with some ids", "some rules revoked only", "access denied for a while", "SNS down for a while",
	"killed before a call's effect", "killed after a call's effect", "invocation out of time", "event lost", "event doubled", "event reordered",
	"Authorize alone throttled", "Authorize alone denied", "reads of documents alone throttled", "reads of rules alone throttled",
	"key of a SecureString denied", "change of a managed group refused", "event without the group", "event with the group's name only",
	"sweep with little time", "poison in place of a baseline", "baseline deleted and written again", "baseline with more rules than the quota",
	"baseline without one direction", "message of the alert queue doubled", "notifier killed before its messages were deleted",
	"notifier's memory spoilt", "message without an alert",
}

func (f fault) String() string { return faultNames[f] }

const (
	// staleBound is how old an answer of EC2's describes may be.
	staleBound = 10 * time.Second
	// documentsBound is how much older than the rules the documents may be.
	documentsBound = 500 * time.Millisecond
	// slowest is how long a call may take to have its effect.
	slowest = 8 * time.Second
	// decisionTime is how long the product holds a decision.
	decisionTime = 20 * time.Second
	// decisionBound is how old a decision may be when it takes effect: the product's
	// 20 seconds, and the call on its way.
	decisionBound = decisionTime + slowest + 100*time.Millisecond
)
