package simulation

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// rate is a token bucket: how many calls it holds, and how many come back in a
// second.
type rate struct{ burst, perSecond float64 }

// accountRates are the limits that a new account has in a region, by action, or
// by the actions that share one.
//
// EC2 has a bucket for each action: 100 tokens and 20 a second where it only
// reads, 50 and 5 where it changes something (Amazon EC2 Developer Guide, "Request
// throttling for the Amazon EC2 API"). DescribeSecurityGroups by id alone is taken
// for an unfiltered and unpaginated call, of which there are 50, and 10 a second.
// Parameter Store reads 40 times a second by whichever action (Systems Manager
// endpoints and quotas, "Parameter Store"). The quota for writes isn't documented:
// AWS Support says 3 a second of PutParameter; the same is assumed of
// DeleteParameters. SNS publishes 300 times a second in the regions where it
// publishes least (SNS endpoints and quotas).
var accountRates = map[string]rate{
	"DescribeSecurityGroupRules":    {100, 20},
	"DescribeSecurityGroups":        {50, 10},
	"DescribeNetworkInterfaces":     {100, 20},
	"AuthorizeSecurityGroupIngress": {50, 5},
	"AuthorizeSecurityGroupEgress":  {50, 5},
	"RevokeSecurityGroupIngress":    {50, 5},
	"RevokeSecurityGroupEgress":     {50, 5},
	parameterReads:                  {40, 40},
	"PutParameter":                  {3, 3},
	"DeleteParameters":              {3, 3},
	"Publish":                       {300, 300},
}

const parameterReads = "GetParameter, GetParameters, GetParametersByPath"

// limits are what AWS lets an account do at once. Histories have none, a nil.
type limits struct {
	rates       map[string]rate // nil for an account without limits
	concurrency int             // functions at once
	retryer     func() aws.Retryer

	buckets map[string]*bucket
	calls   map[string]*attempts // by action

	running int
	waiting []*delivery // in Lambda's queue
}

type bucket struct {
	tokens float64
	at     time.Time
}

// attempts are the calls of one action that arrived.
type attempts struct{ all, throttled int }

func newLimits(rates map[string]rate, concurrency int, retryer func() aws.Retryer) *limits {
	return &limits{rates: rates, concurrency: concurrency, retryer: retryer, buckets: map[string]*bucket{}, calls: map[string]*attempts{}}
}

// admit takes a token for a call, and says whether there was one.
func (l *limits) admit(action string, now time.Time) bool {
	if l == nil {
		return true
	}
	if l.calls[action] == nil {
		l.calls[action] = &attempts{}
	}
	l.calls[action].all++
	if l.take(action, now) {
		return true
	}
	l.calls[action].throttled++
	return false
}

func (l *limits) take(action string, now time.Time) bool {
	if slices.Contains([]string{"GetParameter", "GetParameters", "GetParametersByPath"}, action) {
		action = parameterReads
	}
	r, limited := l.rates[action]
	if !limited {
		return true
	}
	b := l.buckets[action]
	if b == nil {
		b = &bucket{r.burst, now}
		l.buckets[action] = b
	}
	b.tokens, b.at = min(r.burst, b.tokens+now.Sub(b.at).Seconds()*r.perSecond), now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// begin says whether there is a function for an event now. Else it waits in
// Lambda's queue. Lambda looks there again after 1 second to 5 minutes (Developer
// Guide, "Asynchronous invocation"); here a free function takes the next at once,
// which is harder on the account.
func (l *limits) begin(d *delivery) bool {
	switch {
	case l == nil:
		return true
	case l.running >= l.concurrency:
		l.waiting = append(l.waiting, d)
		return false
	}
	l.running++
	return true
}

// end frees a function, and returns the event that has waited longest, if any.
func (l *limits) end() *delivery {
	if l == nil {
		return nil
	}
	l.running--
	if len(l.waiting) == 0 {
		return nil
	}
	next := l.waiting[0]
	l.waiting = l.waiting[1:]
	return next
}

// newRetryer is the retryer of a function's client.
func (w *world) newRetryer() aws.Retryer {
	if w.limits != nil {
		return w.limits.retryer()
	}
	return newHistoryRetryer(w.dice)
}

// total sums up the calls of all actions.
func (l *limits) total() attempts {
	var sum attempts
	for _, a := range l.calls {
		sum.all += a.all
		sum.throttled += a.throttled
	}
	return sum
}

// lines are the calls by action, most often called first.
func (l *limits) lines() []string {
	names := slices.SortedFunc(maps.Keys(l.calls), func(a, b string) int {
		return cmp.Or(l.calls[b].all-l.calls[a].all, cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%8d   %s, %d throttled", l.calls[name].all, name, l.calls[name].throttled)
	}
	return names
}
