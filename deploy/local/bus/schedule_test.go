package bus_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
)

func (w *world) putSchedule(expression string) {
	w.t.Helper()
	if _, err := w.events.PutRule(w.t.Context(), &eventbridge.PutRuleInput{Name: aws.String("timer"), ScheduleExpression: &expression}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.events.PutTargets(w.t.Context(), &eventbridge.PutTargetsInput{
		Rule: aws.String("timer"), Targets: []ebtypes.Target{{Id: aws.String("function"), Arn: aws.String(functionARN)}},
	}); err != nil {
		w.t.Fatal(err)
	}
}

func TestASchedulePlaysAtItsRateUntilItIsGone(t *testing.T) {
	t.Parallel()
	clock := &clock{ticks: make(chan time.Time), asked: make(chan time.Duration, 10), ended: make(chan struct{}, 10)}
	w := newWorldWith(t, "ca-central-1", bus.OnFailure{}, func(c *bus.Config) { c.Ticks = clock.start })
	fired := make(chan int, 10)
	w.function.then = func(n int) { fired <- n }
	w.putSchedule("rate(15 minutes)")
	w.sync()
	w.sync() // a deployment that leaves the rule alone leaves its clock alone
	if every := <-clock.asked; every != 15*time.Minute {
		t.Errorf("it plays every %s", every)
	}
	for want := range 2 {
		clock.ticks <- time.Now()
		if n := <-fired; n != want+1 {
			t.Errorf("fired %d times, want %d", n, want+1)
		}
	}
	w.waitIdle()
	var event struct {
		DetailType string `json:"detail-type"`
		Account    string
		Resources  []string
	}
	if err := json.Unmarshal([]byte(w.function.events()[0]), &event); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"arn:aws:events:ca-central-1:123456789012:rule/timer"}, event.Resources); diff != "" || event.DetailType != "Scheduled Event" || event.Account != "123456789012" {
		t.Errorf("event %s", w.function.events()[0])
	}

	w.putSchedule("rate(1 hour)")
	w.sync()
	if every := <-clock.asked; every != time.Hour {
		t.Errorf("it plays every %s after its change", every)
	}
	<-clock.ended
	w.enable("timer", false)
	w.sync()
	<-clock.ended
	if len(clock.asked) > 0 {
		t.Errorf("clocks besides: %d", len(clock.asked))
	}
	if got, err := w.bus.RunSchedules(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("a disabled schedule came to %+v, error %v", got, err)
	}
}

// clock is the test's; each schedule takes its ticks from it.
type clock struct {
	ticks chan time.Time
	asked chan time.Duration
	ended chan struct{}
}

func (c *clock) start(every time.Duration) (<-chan time.Time, func()) {
	c.asked <- every
	return c.ticks, func() { c.ended <- struct{}{} }
}

func TestSchedulesRunOnDemandAndTellWhatCameOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sa-east-1", bus.OnFailure{Retries: 1})
	w.putRule("judge", pattern, functionARN)
	w.putSchedule("rate(1 minute)")
	w.sync()
	got, err := w.bus.RunSchedules(t.Context())
	if err != nil || len(got) != 1 || got[0].Rule != "timer" || got[0].Result.Error != nil || string(got[0].Result.Payload) != "{}" {
		t.Fatalf("%+v, error %v", got, err)
	}
	w.function.failures = 100
	got, err = w.bus.RunSchedules(t.Context())
	if err != nil || len(got) != 1 || got[0].Attempts != 2 || got[0].Result.Error == nil {
		t.Errorf("%+v, error %v, want two attempts that fail", got, err)
	}
}

func TestAScheduleThatIsNotPlayedIsReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "me-south-1", bus.OnFailure{})
	const expression = "cron(0 10 * * ? *)"
	w.putSchedule(expression)
	if err := w.bus.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), expression) {
		t.Errorf("error %v", err)
	}
}
