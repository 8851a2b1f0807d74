package simulation

import (
	"testing"
	"time"
)

func TestABucketAdmitsWhatItHoldsAndWhatIsRefilled(t *testing.T) {
	t.Parallel()
	l := newLimits(map[string]rate{"PutParameter": {3, 2}, parameterReads: {1, 1}}, 1, nil)
	start := time.Now()
	for i, step := range []struct {
		action   string
		after    time.Duration
		admitted bool
	}{
		{"PutParameter", 0, true},
		{"PutParameter", 0, true},
		{"PutParameter", 0, true},
		{"PutParameter", 0, false},
		{"PutParameter", 400 * time.Millisecond, false},
		{"PutParameter", 500 * time.Millisecond, true},
		{"PutParameter", 500 * time.Millisecond, false},
		{"GetParameters", time.Second, true},
		{"GetParametersByPath", time.Second, false}, // shares it
		{"Publish", time.Second, true},              // has no limit
		{"PutParameter", time.Hour, true},
		{"PutParameter", time.Hour, true},
		{"PutParameter", time.Hour, true},
		{"PutParameter", time.Hour, false}, // no more than it holds
	} {
		if got := l.admit(step.action, start.Add(step.after)); got != step.admitted {
			t.Errorf("call %d, %s after %v: admitted %v", i+1, step.action, step.after, got)
		}
	}
	if got, want := l.total(), (attempts{14, 5}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

func TestEventsWaitForAFunctionInTheirOrder(t *testing.T) {
	t.Parallel()
	l := newLimits(nil, 1, nil)
	first, second, third := &delivery{}, &delivery{attempts: 1}, &delivery{attempts: 2}
	if !l.begin(first) || l.begin(second) || l.begin(third) {
		t.Error("not just one function at once")
	}
	for _, want := range []*delivery{second, third, nil} {
		next := l.end()
		if next != want {
			t.Errorf("%+v came before %+v", next, want)
		}
		if next != nil && !l.begin(next) {
			t.Errorf("no function for %+v", next)
		}
	}
}
