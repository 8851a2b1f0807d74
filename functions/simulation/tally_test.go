package simulation

import (
	"fmt"
	"strings"
	"time"
)

// count is something that tallies count.
type count int

const (
	countLived count = iota
	countActions
	countEvents
	countInvocations
	countCalls
	countRetries
	countDeadLetters
	countDeadSweeps
	countRevokes
	countRestores
	countAlerts
	countKnown
	countOvertaken
	countOverruled
	countRaced
	countInterruptedForRoom
	countInterruptedUnprotected
	countPausesDeleted
	countRestoredTooLong
	countPending
	countProbedPending
	countBatches
	countMails
	countMailed
	countKnownAlready
	countDeadMessages
	countEndsForgotten
	kindsOfCount
)

var countNames = [kindsOfCount]string{
	"histories", "actions of people", "events", "invocations", "calls to EC2, SSM and SNS", "invocations that were retries",
	"dead letters", "failed sweeps", "rules revoked by the functions", "rules authorised by the functions", "alerts delivered",
	"violations that an invocation knew of",
	"  of them only failed ones, and gone or approved before the retry",
	"violations revoked by invocations that failed, approved or not to be judged by the time of the retry",
	"rules revoked that had been approved since the function read the baseline",
	"revokes that cut approved traffic for a moment, since EC2's quota of rules left no room",
	"revokes that cut approved traffic, since EC2 failed or refused to authorise it first",
	"pauses in force that a sweep deleted, since they were written after it had read one that had ended",
	"runs that could not put violations on record, and then had no time left to revoke them",
	"approvals that functions wrote for what a trusted principal opened",
	"rules revoked by id that EC2 did not show, though a trusted principal had opened them",
	"batches of alerts that a notifier got", "mails", "alerts that a mail tells", "alerts of which people knew all before",
	"messages in the notifier's dead-letter queue",
	"looks at what people were told to be over by a notifier that could not remember so",
}

// tally counts what happened in histories.
type tally struct {
	counts [kindsOfCount]int
	faults [kindsOfFault]int
	// oldest is the longest time from a baseline's answer to a revoke.
	oldest time.Duration
}

func (t *tally) add(other tally) {
	for i, n := range other.counts {
		t.counts[i] += n
	}
	for i, n := range other.faults {
		t.faults[i] += n
	}
	t.oldest = max(t.oldest, other.oldest)
}

// String is a table for people.
func (t tally) String() string {
	var b strings.Builder
	b.WriteString("what the histories held:\n")
	for i, n := range t.counts {
		fmt.Fprintf(&b, "%12d  %s\n", n, countNames[i])
	}
	fmt.Fprintf(&b, "%12v  the longest from reading a baseline to a revoke by it\nfaults dealt:\n", t.oldest.Round(100*time.Millisecond))
	for f := noFault + 1; f < kindsOfFault; f++ {
		fmt.Fprintf(&b, "%12d  %v\n", t.faults[f], f)
	}
	return b.String()
}
