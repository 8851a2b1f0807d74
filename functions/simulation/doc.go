// Package simulation proves, by living through many short histories of an AWS
// account, what sgwarden promises under faults. It holds tests only.
//
// # What a history is
//
// A few security groups, a universe of two dozen rules that overlap in every way,
// baselines and a guardrail; people who authorise, modify and revoke rules, create
// and delete groups, and write, approve, break and delete baselines, often within
// seconds of each other; a bus that delays events by up to a minute, doubles them,
// lets them overtake each other, and loses some; Lambda with its two retries, its
// time-outs, its warm instances, and dead-letter queues; and a sweep every 15
// minutes. The functions are the real ones, wired as in production: real SDK
// clients, serialisers and retries, real adapters. Their HTTP client is a model of
// EC2, SSM and SNS, in memory, with the semantics of the API references.
//
// Any call may be throttled, refused with a 5xx, answered late or never, with or
// without its effect, or its connection cut before or after it; DescribeSecurityGroupRules
// may answer the state of up to 10 seconds ago; a revoke may be answered without
// ids, with some, or be done in part; access may be denied, and SNS be down, for
// minutes; a function may be killed before or after the effect of any of its
// calls. What was on its way then arrives or not. Any number of functions run at
// once, on the same group too.
//
// Time is virtual (testing/synctest), and all that chance decides follows from the
// history's seed: the same seed is the same history, to the nanosecond.
//
// A history ends without faults: 20 minutes pass, which is longer than the last
// retry takes, a sweep runs, 20 more minutes, another sweep, 5 minutes.
//
// # What is promised
//
// The judge is a second, naive implementation: it enumerates the packets that
// rules and baselines permit, and shares no code with the product. It takes the
// documents as their authors meant them.
//
//  1. Safety. When a function's revoke takes effect on a rule, some enforcing
//     baseline (or, without one, guardrail) did not permit the rule that was in
//     force while the function may have decided: since the invocation began, and at
//     most 28 seconds ago (the 20 that a decision holds, and a call on its way). "The
//     rule" is what its id stood for in that time or up to 10 seconds before: EC2
//     revokes by id, and knows no condition. Nor does the revoke cut traffic that
//     was approved all that time and was carried just before, unless people, or a
//     function that judged by another baseline, have modified or taken away another
//     rule that carried it meanwhile, or the group's quota is used up, so that room
//     has to be made first (counted, as are revokes of what had just been approved).
//     What a function authorises is a rule of an enforcing baseline. With MODE=alert
//     a function changes nothing.
//  2. Convergence. At the end no rule is live that an enforcing baseline does not
//     permit, no rule wider than an enforcing guardrail allows, and with restore no
//     approved rule is missing, except one that refers to a deleted group or that
//     the quota leaves no room for.
//  3. No silent violation. Every rule that a function revoked is in a delivered
//     alert, by its id, whatever became of the invocation, or by what it permits in
//     an alert of the event that named it, or that event is in the dead-letter queue
//     (or the retry found it approved, or could not judge it: counted). Every violation that a successful invocation knew
//     of is in a delivered alert, by id and rule: those that EC2 had shown it live
//     before it judged, that its event named, and that a sweep's first look over all
//     groups showed, judged by the very documents that SSM answered to that
//     invocation. One that fails or is killed owes only what it revoked: its event
//     is tried again, and the last attempt either succeeds or leaves the event in
//     the dead-letter queue (what was gone or approved before the next attempt is
//     counted). The event of a Modify call does not say the direction of its rules:
//     of one that isn't live any more it counts only if it would be a violation
//     either way. A baseline that could not be used is told too.
//  4. Quiet. An invocation whose calls AWS did not fail (stale answers, races, and
//     answers that something is gone or there already do not count) returns no
//     error, and calls the revoke of no rule that is gone a failure. A sweep that
//     finds an unusable guardrail fails all the same, and so may one in a group
//     whose quota is used up.
//
// # Load
//
// TestABurstIsRevertedAndToldWithoutAStorm has 2,000 rules opened in 200 groups, whose
// events come within a second, with 20 functions at once and the API limits of a
// new account as token buckets. Nothing may be lost, and calls, Lambda's retries and
// alerts have bounds; a retryer that doesn't wait, or none, breaks them. With -v it
// prints what the burst cost.
//
// # Running it
//
//	go test ./functions/simulation                               # 2,000 histories (60 with -race)
//	go test ./functions/simulation -histories 100000 -timeout 2h -v
//	go test ./functions/simulation -run TestTheThreePromises -seed=N -v
//	go test ./functions/simulation -run TestABurst -v
//
// The third replays one history and prints its trace: virtual time, who, which call,
// which fault, which effect. A call stands where it returned, below its effect. TestEveryBrokenVariantIsCaught shows that the promises
// are not kept by accident: it takes one thing after the other out of the product,
// and each time some history must break a promise.
package simulation
