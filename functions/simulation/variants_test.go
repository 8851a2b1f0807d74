package simulation

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/notify"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// variant is the product with something taken out. The zero variant is the
// product itself.
type variant struct {
	name      string
	breaks    string // the promise that it is to break
	want      string // part of how the judge puts it, where that matters
	shown     uint64 // the seed of a history that is known to show it, which is lived through first; 0 for none
	wrap      func(*remediate.Remediator)
	wrapSweep func(*sweep.Sweeper)
	reads     func(json.RawMessage) json.RawMessage // what it makes of an event
	swallow   bool                                  // errors
	noSweep   bool
	notifies  func(*notify.Notifier)
	// deletes returns the ids of the messages of a batch that are to be delivered again.
	deletes func(batch []notify.Message, failed []string) []string
}

func (v variant) remediator(r *remediate.Remediator) {
	if v.wrap != nil {
		v.wrap(r)
	}
}

func (v variant) sweeper(s *sweep.Sweeper) {
	v.remediator(remediatorOf(s))
	if v.wrapSweep != nil {
		v.wrapSweep(s)
	}
}

// remediatorOf returns the remediator that a sweep hands groups to. A sweeper that is
// wired otherwise is a panic: every variant would seem to keep the promises.
func remediatorOf(s *sweep.Sweeper) *remediate.Remediator {
	return s.Reconciler.(wiring.CountedRemediator).Remediator
}

func (v variant) message(e *event) json.RawMessage {
	if v.reads != nil {
		return v.reads(e.message)
	}
	return e.message
}

func (v variant) result(err error) error {
	if v.swallow {
		return nil
	}
	return err
}

var variants = []variant{
	{name: "not found is a failure", shown: 41, breaks: "quiet", wrap: func(r *remediate.Remediator) { r.Writer = failsWhereNotFound{r.Writer} }},
	{name: "revoke comes before authorise", shown: 8, breaks: "safety", want: "cut approved traffic", wrap: func(r *remediate.Remediator) { r.Writer = &revokesFirst{RuleWriter: r.Writer} }},
	{name: "the baseline is kept from one run to the next", breaks: "safety", wrap: func(r *remediate.Remediator) { r.Baselines = &keepsBaselines{from: r.Baselines} }},
	{name: "rules that are not live any more are not reported", breaks: "no silent violation", want: "nobody was told", wrap: func(r *remediate.Remediator) { r.Alerts = omitsAlreadyGone{r.Alerts} }},
	{name: "errors are swallowed", shown: 61, breaks: "no silent violation", want: "nobody was told", swallow: true},
	{name: "nothing is put on record before a revoke", shown: 30, breaks: "no silent violation", want: "nobody was told", wrap: func(r *remediate.Remediator) { r.Journal = noJournal{} }},
	{name: "no sweep", breaks: "convergence", want: "still live", noSweep: true},
	{name: "it asks for no sweep", breaks: "no silent violation", want: "asked for no sweep", wrap: func(r *remediate.Remediator) { r.Sweeps = nil }},
	{name: "a request for a sweep is never answered", breaks: "convergence", want: sweepRequest, wrapSweep: func(s *sweep.Sweeper) { s.Requests = neverDone{s.Requests} }},
	{name: "it authorises for an Authorize event", shown: 12, breaks: "safety", want: "only the rules of its own event carried", reads: forgetsWhatWasOpened},
	{name: "it revokes the rules that came first", shown: 486, breaks: "safety", want: "which the guardrail lets stay", reads: forgetsWhatWasOpened},
	{name: "it believes a stale read", shown: 159, breaks: "door", want: "still open", reads: forgetsIDs},
	{name: "it judges when a baseline is deleted", breaks: "safety", want: "only tells", reads: takesDeletesForUpdates},
	{name: "it takes a direction that is left out for an empty one", shown: 13, breaks: "safety", want: "while it may have decided", wrap: func(r *remediate.Remediator) { r.Baselines = guardsAll{r.Baselines} }},
	{name: "it makes no room", shown: 260, breaks: "convergence", want: "still missing", wrap: func(r *remediate.Remediator) { r.Writer = makesNoRoom{r.Writer} }},
	{name: "it holds back without limit", shown: 22, breaks: "convergence", want: "still live", wrap: func(r *remediate.Remediator) { r.Writer = &delaysRevokes{RuleWriter: r.Writer} }},
	{name: "it judges by the older read", breaks: "safety", want: "while it may have decided", wrap: judgesByTheOlderRead},
	{name: "a sweep does not report a bad guardrail", shown: 35, breaks: "no silent violation", want: "could not use the guardrail", wrapSweep: func(s *sweep.Sweeper) { s.Reporter = hushesBad{s.Reporter} }},
	{name: "it skips the groups after a bad baseline", shown: 33, breaks: "convergence", want: "still live", wrapSweep: func(s *sweep.Sweeper) { s.Documents = stopsAtBad{s.Documents} }},
	{name: "approvals are kept from one run to the next", shown: 31, breaks: "safety", want: "while it may have decided", wrap: func(r *remediate.Remediator) { r.Baselines = &keepsApprovals{from: r.Baselines} }},
	{name: "an approval that was withdrawn still permits", shown: 22, breaks: "door", want: "still open", wrap: func(r *remediate.Remediator) { r.Baselines = &keepsWithdrawn{from: r.Baselines} }},
	{name: "an approval never ends", shown: 20, breaks: "convergence", want: "still live", wrap: func(r *remediate.Remediator) { r.Baselines = endsNever{r.Baselines} }},
	{name: "it ignores the grace", breaks: "safety", want: "while it may have decided", wrap: func(r *remediate.Remediator) { r.Grace = 0 }},
	{name: "trust follows the session's name", shown: 11, breaks: "safety", want: "which nobody trusted opened", reads: trustsSessionNames},
	{name: "the notifier remembers before it has mailed", shown: 6, breaks: "mail", want: "in no mail", notifies: remembersFirst},
	{name: "the notifier swallows a failed publish", shown: 8, breaks: "mail", want: "in no mail", notifies: func(n *notify.Notifier) { n.Mails = swallowsFailures{n.Mails} }},
	{name: "the notifier deletes what it could not read", breaks: "mail", want: "holds no alert", deletes: deletesMessagesWithoutAlert},
	{name: "the notifier takes each rule for reported", breaks: "mail", want: "in no mail", notifies: func(n *notify.Notifier) { n.Mails = &onlyOnce{Mailer: n.Mails} }},
	{name: "a sweep looks for no version that nobody reported", shown: 74, breaks: "no silent violation", want: "was never told", wrapSweep: func(s *sweep.Sweeper) { s.Mark = reportsNoVersion{s.Mark} }},
	{name: "the sweep ignores a pause", shown: 55, breaks: "safety", want: "during a pause", wrapSweep: ignoresPause},
}

// mostHistories is how many a broken variant may take to be caught.
const mostHistories = 1000

func TestEveryBrokenVariantIsCaught(t *testing.T) {
	skipUnderRace(t)
	t.Parallel()
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			for n := range uint64(mostHistories) + 1 {
				seed := n // 0 is the one that is known
				if n == 0 {
					seed = max(v.shown, 1)
				}
				w := history(t, seed, v, false)
				for _, b := range w.breaches {
					if b.promise == v.breaks && strings.Contains(b.what, v.want) {
						t.Logf("caught by history %d, the %d. one: %s: %s", seed, n+1, b.promise, b.what)
						return
					}
				}
			}
			t.Errorf("%d histories kept the promise %q %s", mostHistories, v.breaks, v.want)
		})
	}
}
