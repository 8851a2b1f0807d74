// Package metrics writes one JSON line an invocation, "msg":"invocation", that says
// the whole story of the invocation. The line is in CloudWatch's embedded metric
// format too (CloudWatch User Guide, "Specification: Embedded metric format"), so
// that CloudWatch makes the metrics from the log and no call to AWS is needed.
//
// A function's main has its handler observed (wiring.Observed), which puts a Line
// into the context of each invocation. Whoever has the context adds to the line:
//
//	line := metrics.From(ctx) // nil outside of an observed function; its methods then do nothing
//	line.Set("mails", len(mails))
//	line.Add(metrics.MailsSent, float64(len(mails)))
//	line.Add(metrics.MailsFailed, 0) // a metric that is not added is not in the line
//
// A metric has the dimension function, which is the name of the function. Ignored
// has the dimension reason besides, which is one of trail.Causes. No other text
// becomes a dimension, so that nobody can run up a bill by names.
package metrics

// Name is the name of a metric, which is also its member in the line.
type Name string

// The metrics.
const (
	// Violations counts the rules that are not permitted, Reverted those of them that
	// were revoked, Restored the approved rules that were put back, and Failed what
	// should have been revoked or restored and was not. Held counts the rules whose
	// revoke waits for another try, since approved traffic could not be protected
	// first; they are not in Failed. The canary's own rule is in none of them.
	Violations Name = "Violations"
	Reverted   Name = "Reverted"
	Restored   Name = "Restored"
	Failed     Name = "Failed"
	Held       Name = "Held"
	// Ignored is 1 where there was nothing to do. The dimension reason says why.
	Ignored Name = "Ignored"
	// ExposureSeconds is how long what an event opened was open: from the call to the
	// answer that confirmed the revoke.
	ExposureSeconds Name = "ExposureSeconds"
	// HandlerMilliseconds is how long the handler took.
	HandlerMilliseconds Name = "HandlerMilliseconds"
	// UnreadableDocuments counts the documents that can't be used and were reported.
	UnreadableDocuments Name = "UnreadableDocuments"
	// LostEvents counts, of the remediator, events that do not say which group changed.
	// Of the sweeper it counts groups with a baseline in which a sweep revoked a rule: no
	// event's run had done so. A grace period that ended, and a run that failed for good,
	// count there too.
	LostEvents Name = "LostEvents"
	// UnguardedGroups counts the groups that have rules and no baseline.
	UnguardedGroups Name = "UnguardedGroups"
	// ForeignGroups counts the groups with rules that belong to other accounts. They are
	// left alone.
	ForeignGroups Name = "ForeignGroups"
	// CanarySeconds is how long it took until the canary's rule was reverted and reported.
	CanarySeconds Name = "CanarySeconds"
	// MailsSent and MailsFailed count mails of the notifier.
	MailsSent   Name = "MailsSent"
	MailsFailed Name = "MailsFailed"
	// Contention counts the groups that are reverted again and again.
	Contention Name = "Contention"
	// MailTopicUnconfirmed is 1 where nobody gets the mails, and 0 where somebody does.
	MailTopicUnconfirmed Name = "MailTopicUnconfirmed"
	// AwsCalls counts the requests to AWS, each try by itself. RoundTrips counts how
	// often the function began to wait for AWS: requests side by side are one.
	AwsCalls   Name = "AwsCalls"
	RoundTrips Name = "RoundTrips"
)

// definitions are all metrics in the order of the line, with their units.
var definitions = [...]definition{
	{Violations, count},
	{Reverted, count},
	{Restored, count},
	{Failed, count},
	{Held, count},
	{ExposureSeconds, seconds},
	{UnreadableDocuments, count},
	{LostEvents, count},
	{UnguardedGroups, count},
	{ForeignGroups, count},
	{CanarySeconds, seconds},
	{MailsSent, count},
	{MailsFailed, count},
	{Contention, count},
	{MailTopicUnconfirmed, count},
	{AwsCalls, count},
	{RoundTrips, count},
	{HandlerMilliseconds, milliseconds},
	{Ignored, count},
}

// The units are among those that CloudWatch knows (MetricDatum in its API reference).
const (
	count        = "Count"
	seconds      = "Seconds"
	milliseconds = "Milliseconds"
)

// definition is a metric as the embedded metric format declares one.
type definition struct {
	Name Name
	Unit string
}
