package simulation

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/settings"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// The load: somebody opens rulesPerGroup rules in each of loadGroups groups, with
// a call each, and the events come within the burst to functionsAtOnce functions.
const (
	loadGroups      = 200
	rulesPerGroup   = 10
	functionsAtOnce = 20
	burst           = time.Second
	// loadTime is longer than anything may still be on its way after it.
	loadTime = time.Hour
)

// What the load may cost. The measured figures are in the test's log.
const (
	mostAttemptsPerCall = 1.5  // calls that arrived, for each that was not throttled
	mostRetriesPerEvent = 0.05 // invocations that were Lambda's retries
	mostAlertsPerRule   = 1.2  // one for each event, and one more where a rule is reported before it may be revoked
)

// load is a kind of account and of function.
type load struct {
	name    string
	rates   map[string]rate
	retryer func(dice) aws.Retryer
}

var ordinary = load{"the limits of a new account", accountRates, productRetryer}

func TestABurstIsRevertedAndReportedWithoutAStorm(t *testing.T) {
	skipUnderRace(t)
	t.Parallel()
	f := ordinary.run(t, loadGroups)
	t.Logf("with %s:\n%v", ordinary.name, f)
	for _, failure := range f.failures() {
		t.Error(failure)
	}
}

func TestABurstTakesLongOnlyForTheLimits(t *testing.T) {
	skipUnderRace(t)
	t.Parallel()
	f := load{name: "no limits", retryer: productRetryer}.run(t, loadGroups)
	t.Logf("with no limits:\n%v", f)
	for _, failure := range f.failures() {
		t.Error(failure)
	}
	if f.calls.throttled > 0 || f.retries > 0 || f.lastRevoke > time.Minute {
		t.Errorf("%d throttled, %d retries, the last revoke after %v", f.calls.throttled, f.retries, f.lastRevoke)
	}
}

// The bounds are worth something only if a function that behaves badly breaks
// them.
func TestABrokenRetryerMakesAStorm(t *testing.T) {
	skipUnderRace(t)
	t.Parallel()
	for _, broken := range []struct {
		load
		breaks string
	}{
		{load{"no back-off", accountRates, func(dice) aws.Retryer { return hastyRetryer{newLoadRetryer(0)} }}, "attempts"},
		{load{"one attempt", accountRates, func(dice) aws.Retryer { return aws.NopRetryer{} }}, "retries"},
	} {
		t.Run(broken.name, func(t *testing.T) {
			t.Parallel()
			f := broken.run(t, loadGroups/2)
			failures := f.failures()
			t.Logf("%s:\n%v\n%s", broken.name, f, strings.Join(failures, "\n"))
			if !strings.Contains(strings.Join(failures, "\n"), broken.breaks) {
				t.Errorf("no bound of the %s is broken", broken.breaks)
			}
		})
	}
}

// run lives through the load for so many groups.
func (l load) run(t *testing.T, groups int) *figures {
	w := &world{
		dice: 1, calm: true, log: slog.New(slog.DiscardHandler),
		sweepTime: sweeperTime,
		settings:  settings.Settings{BaselinePrefix: prefix, AlertTopicARN: topicARN, Enforce: true, OwnRoles: []string{roleARN + "sgwarden"}},
		ec2:       ec2{lastID: 0x100, quota: usualQuota},
		ssm:       ssm{parameters: map[string][]version{}},
		papers:    newPapers(),
	}
	w.limits = newLimits(l.rates, functionsAtOnce, func() aws.Retryer { return l.retryer(w.dice) })
	f := &figures{groups: groups}
	synctest.Test(t, func(*testing.T) {
		start := time.Now()
		w.locked(func() { w.openAll(groups) })
		time.Sleep(loadTime)
		w.locked(func() { f.measure(w, start) })
		w.locked(w.sweep)
		time.Sleep(sweeperTime)
		w.locked(func() {
			w.judgeHistory()
			f.breaches, f.afterSweep = w.breaches, len(w.alerts)-f.alerts
		})
	})
	return f
}

// openAll makes the groups, each with a baseline and its approved rule, and opens
// what the baseline does not permit.
func (w *world) openAll(groups int) {
	approved := naive.Index("ingress tcp 443 10.1.2.0/24")
	for n := range groups {
		g := &group{id: w.ec2.newID("sg"), name: fmt.Sprintf("group-%d", n)}
		if n == 0 {
			g.id = naive.FirstGroup
		}
		w.ec2.groups = append(w.ec2.groups, g)
		w.ec2.become(g, []owned{{w.ec2.newID("sgr"), approved}}, nil, time.Now())
		d := &document{group: g.id, permanent: []int{approved}}
		if _, _, err := w.ssm.put(ssmRequest{Name: groupsPath + g.id, Value: w.papers.add(d)}, "ana", time.Now()); err != nil {
			panic(err)
		}
	}
	for _, g := range w.ec2.groups {
		opened := 0
		for rule, r := range naive.Universe {
			if rule != approved && !r.Egress && opened < rulesPerGroup {
				w.people("AuthorizeSecurityGroupIngress", authorizeForm(url.Values{"GroupId": {g.id}}, []int{rule}))
				opened++
			}
		}
	}
}

// loadRetryer is the product's own. The SDK takes its jitter from the machine,
// this from the dice; the test of it shows that it is the same back-off.
type loadRetryer struct {
	aws.RetryerV2
	dice dice
}

func newLoadRetryer(d dice) loadRetryer { return loadRetryer{awserr.Retryer().(aws.RetryerV2), d} }

func productRetryer(d dice) aws.Retryer { return newLoadRetryer(d) }

// jittered are the retries before which the SDK waits a part of 2 or 4 seconds.
// Before all others it waits its most.
const jittered = 2

// RetryDelay is the product's, with another jitter.
func (r loadRetryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	if attempt > jittered {
		return r.RetryerV2.RetryDelay(attempt, err)
	}
	return r.dice.throw(time.Now(), "back-off", attempt).between(0, time.Second<<attempt), nil
}

// hastyRetryer doesn't wait.
type hastyRetryer struct{ loadRetryer }

// RetryDelay is none.
func (hastyRetryer) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

func TestTheLoadBacksOffAsTheProductDoes(t *testing.T) {
	skipUnderRace(t)
	t.Parallel()
	throttled := &smithy.GenericAPIError{Code: "ThrottlingException"}
	for attempt := 1; attempt < newLoadRetryer(0).MaxAttempts(); attempt++ {
		var longest, product time.Duration
		for n := range 2000 {
			ours, err := newLoadRetryer(dice(n)).RetryDelay(attempt, throttled)
			theirs, productErr := awserr.Retryer().RetryDelay(attempt, throttled)
			if err != nil || productErr != nil {
				t.Fatal(err, productErr)
			}
			longest, product = max(longest, ours), max(product, theirs)
		}
		if diff := longest - product; diff.Abs() > product/20 {
			t.Errorf("before attempt %d it waits up to %v, the product up to %v", attempt+1, longest, product)
		}
	}
}
