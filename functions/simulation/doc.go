// Package simulation proves what sgwarden promises while AWS fails. It lives
// through many short histories of an AWS account and judges each of them. The
// package holds tests only.
//
// # What a history is
//
// A history is some minutes of the life of one account. The account has a few
// security groups, a guardrail, and a baseline for most groups. People open, modify
// and revoke rules. They create and delete groups. They write, widen, narrow, break,
// replace and delete baselines, often within seconds of each other. They approve
// rules for a while and withdraw that, pause the functions and end the pause, and
// trust a pipeline or nobody. Some changes are a pipeline's, and some are an intern's,
// whose sessions are named after the pipeline. Two histories in five have a grace of
// ten minutes, the others have none.
//
// The rules come from a universe of some fifty rules, which overlap in every way.
// People write some thirty of them. The others are what two of these have in common,
// since the functions may authorise an intersection.
//
// The functions are the real ones, wired as in production: real SDK clients, real
// serialisers and retries, real adapters. Only their HTTP client is not real. It is a
// model of EC2, SSM and SNS in memory, with the semantics of the API references.
//
// A bus carries events to the functions. It delays an event by up to a minute, and
// some events come twice, out of order, or never. Lambda tries a failed event twice
// more, ends a function that takes too long, uses a warm function again, and puts
// what it gives up into a dead-letter queue. A sweep runs every 15 minutes. Any number
// of functions run at once, on the same group too.
//
// Time is virtual (testing/synctest). All that chance decides follows from a number,
// the seed. The same seed is the same history, to the nanosecond.
//
// # What goes wrong in a history
//
//   - A call is throttled, refused with a 5xx, answered late or never, or its
//     connection is dropped, with the call's effect or without.
//   - DescribeSecurityGroupRules shows the rules of up to 10 seconds ago.
//   - A revoke is answered without ids or with some, or is done in part.
//   - Access is denied, or SNS is down, for minutes.
//   - Authorize alone fails for minutes, or up to the end of the history.
//   - One of the two reads that a decision needs is throttled, and the other is not.
//   - A function is killed before or after the effect of a call.
//   - A sweep has 31 to 60 seconds instead of 15 minutes.
//   - A group is managed by an AWS service, so that EC2 refuses to change its rules.
//   - An event knows its group by name only, or not at all.
//   - A baseline leaves a direction out, has more rules than the quota, or is deleted
//     and written again within seconds.
//   - A baseline is no baseline: a typing error, a text that unpacks to megabytes, or
//     a SecureString whose key the functions may not use.
//
// A history ends without faults, but for Authorize in some histories: 20 minutes
// pass, which is longer than the last retry takes; a sweep runs; 20 more minutes;
// another sweep; 5 minutes. Where sweeps have little time, more of them run.
//
// # What is promised
//
// The judge is a second, naive implementation. With package naive, it enumerates the packets that rules
// and baselines permit, and shares no code with the product. It takes a document as
// its author meant it. A breach names one of these promises:
//
//   - safety: what a function revokes was forbidden, and what it authorises was
//     approved and about to be interrupted.
//   - door: what was open is closed, whatever else fails.
//   - convergence: in the end all is as the documents say.
//   - no silent violation: people are notified of every violation.
//   - mail: every alert ends in a mail, or in the notifier's dead-letter queue. What
//     counts as notified is written at judgeMails.
//   - quiet: where AWS fails nothing, nothing is called a failure.
//
// # Safety
//
// When a function's revoke takes effect, some enforcing document forbade the rule.
// The document is the group's baseline, or the guardrail where there is none. It was
// in force while the function may have decided: since the invocation began, at most
// 28 seconds ago (the 20 that a decision holds, and a call on its way), and at most
// 500 ms before the function had the rules. A rule of a direction that the baseline
// leaves out is never forbidden.
//
// The rule is what its id stood for in that time, or up to 10 seconds before: EC2
// revokes by id, and knows no condition.
//
// Of rules that break the guardrail only together, those are revoked that the function's
// own event opened. Another one is revoked only if the others still break the guardrail.
//
// A permitted rule is revoked only where the group is full and the baseline restores. It
// is one that the baseline does not have, and live rules that the baseline has carry
// its traffic.
//
// A revoke does not interrupt traffic that was approved all that time and was carried
// before the call that the function's event reports. There are four exceptions.
// People, or a function that judged by another baseline, have just taken away another
// rule that carried the traffic. The quota is used up, so that room has to be made
// first. EC2 refused for good to authorise the traffic. EC2 failed to authorise it for
// now, in a sweep or in a run whose event is older than a minute. The last three are
// counted.
//
// What a function authorises is approved by an enforcing baseline that was in force
// since the function began. Either the baseline restores it, or a violation carried
// it. A violation that the function's own Authorize event opened does not count, since
// nothing had relied on it. Whether a CIDR carries the traffic of a group or a prefix
// list, nobody can know: then the protocol and the ports decide.
//
// What an approval permits counts like an exception of the baseline, until the
// approval ends or is withdrawn. In a group without a baseline, it breaks nothing of
// the guardrail. What a version of the baseline permitted that was in force within the
// grace is not revoked. While a pause is in force, no function changes anything.
//
// A function writes an approval only for what the call of its own event opened, where a
// trusted principal made that call and the rule has no high severity, and for an hour. It
// does not revoke such a rule, unless the approval could not be written, or EC2 did not
// show the rule. The last is counted.
//
// A run at the deletion of a baseline changes nothing. With MODE=alert no function
// changes anything.
//
// # Door
//
// At the end of an invocation no violation is live that it knew of, where a document
// enforces. While a pause is in force nothing has to be closed, and what waits for
// approval stays open. An excuse is a failed read or revoke, the invocation's own end, and an
// alert that could not be delivered together with a record that could not be kept.
// That EC2 authorises nothing is an excuse only if this may pass, and only in a run
// at an event that is less than a minute old.
//
// A function makes one Authorize call for a direction before its revoke, and one
// after it. Retries of the SDK are not counted, nor is what a baseline restores.
//
// A sweep that has all its time looks into each group of which it saw a violation.
//
// # Convergence
//
// At the end no rule is live that an enforcing baseline does not permit, and the
// rules of no group without a baseline break an enforcing guardrail. With restore no
// approved rule is missing, unless it refers to a deleted group, or the quota leaves
// no room, or EC2 authorises nothing. No request for a sweep is left, unless sweeps
// have little time and EC2 authorises nothing.
//
// By then every pause, grace and approval has ended, those that the functions wrote
// too.
//
// # No silent violation
//
// Every rule that a function revoked is in a delivered alert by its id, whatever
// became of the invocation. For a rule that an event names, an alert of this event
// that reports the rule will do, and so will the event in the dead-letter queue. Where
// the retry found the rule approved, or could not judge it, this is counted.
//
// Every violation that a successful invocation knew of is in a delivered alert. It knew
// of the rules that EC2 had shown it, that its event named, and that a sweep's first look
// over all groups showed. It judges by the documents that SSM answered last before it
// wrote anything, and exceptions expire at the time of this answer. One that fails or is
// killed owes only what it revoked: its event is tried again, and the last attempt either
// succeeds or leaves the event in the dead-letter queue. A rule that was not live or
// approved before the next attempt is counted.
//
// The event of a Modify call does not say the direction of its rules. A rule of such
// an event that is not live any more counts only if it would be a violation in both
// directions.
//
// A document that could not be used is reported. After an event that does not say its
// group, a sweep is asked for.
//
// The beginning and the end of a pause, and what people do to an approval, are reported.
//
// A version of a document that is not deleted again is reported, though its event was
// lost: a sweep finds it. The versions from before the first sweep of all are left out.
//
// # Quiet
//
// An invocation whose calls AWS did not fail returns no error, and calls the revoke
// of no rule that is not live a failure. Stale answers, races, and answers that something
// is not found or there already do not count as failures. A run may fail whose document's
// key is denied, or whose group's quota is used up.
//
// # Load
//
// TestABurstIsRevertedAndReportedWithoutAStorm has 2,000 rules opened in 200 groups. Their
// events come within a second, to 20 functions at once. The API limits are those of a
// new account, as token buckets. Nothing may be lost, and calls, Lambda's retries and
// alerts have bounds. A retryer that does not wait breaks the bounds, and so does one
// that tries once. With -v the test prints what the burst cost.
//
// # Running it
//
//	go test ./functions/simulation                               # 2,000 histories (60 with -race), and 300 of the day (20)
//	go test -short ./functions/simulation                        # 250 histories (30 with -race), and 50 of the day (10)
//	go test ./functions/simulation -histories 100000 -timeout 2h -v
//	go test ./functions/simulation -run TestTheFourPromises -seed=N -v
//	go test ./functions/simulation -run TestABurst -v
//
// The fixed histories have the seeds from 1 on, or from -from on. The day's histories
// have the date for a seed, such as 20261125000, so that each day lives through some
// that nobody has seen before.
//
// The third command replays one history and prints its trace: virtual time, who,
// which call, which fault, which effect. A call stands where it returned, below its
// effect.
//
// TestEveryBrokenVariantIsCaught shows that the promises are not kept by accident. It
// takes one thing after the other out of the product, and each time some history must
// break a promise.
package simulation
