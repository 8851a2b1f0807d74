package simulation

import (
	"strings"
	"time"
)

// weather is how bad a history gets. All are probabilities but the windows.
type weather struct {
	calls, stale, partial, kills, dropped, doubled float64
	windows                                        []window
}

// window is a while in which calls are refused.
type window struct {
	fault    fault
	prefix   string // of "service/action"
	from, to time.Time
	share    float64 // of the calls
	lasts    bool    // to the end of the history
}

// newWeather makes some histories calm, most mixed, and some wild.
func newWeather(t throw, start time.Time, span time.Duration) weather {
	w := weather{stale: 0.2, dropped: 0.05, doubled: 0.1}
	switch t.IntN(5) {
	case 0:
		w = weather{dropped: 0.1, doubled: 0.1}
	case 1:
		w.calls, w.partial, w.kills, w.dropped, w.doubled = 0.3, 0.5, 0.3, 0.2, 0.2
	default:
		w.calls, w.partial, w.kills = 0.08, 0.3, 0.12
	}
	from := func() time.Time { return start.Add(t.between(0, span)) }
	targets := []string{
		"ec2/", "ssm/", "sns/", "ec2/Describe", "ec2/Authorize", "ec2/Revoke", "ec2/RevokeSecurityGroupIngress",
		"ec2/DescribeSecurityGroupRules", "ssm/Get", "ssm/Put", "ssm/Delete", "ssm/GetParametersByPath",
	}
	for range pick(t, []int{0, 0, 1, 1, 2}) {
		w.add(window{fault: denied, prefix: pick(t, targets), from: from(), share: 1}, t.between(time.Second, 5*time.Minute))
	}
	for range pick(t, []int{0, 0, 0, 1, 1, 2}) {
		w.add(window{fault: topicDown, prefix: "sns/", from: from(), share: 1}, t.between(10*time.Second, 8*time.Minute))
	}
	if t.chance(0.25) {
		authorize := window{fault: pick(t, []fault{authorizeThrottled, authorizeDenied}), prefix: "ec2/Authorize", from: from(), share: 1, lasts: t.chance(0.4)}
		w.add(authorize, t.between(10*time.Second, 10*time.Minute))
	}
	if t.chance(0.4) {
		w.delayOneRead(t, start, span)
	}
	return w
}

// delayOneRead has one of the two reads that a run makes side by side be throttled
// for a while, so that the other is older.
func (w *weather) delayOneRead(t throw, start time.Time, span time.Duration) {
	slow := window{fault: documentsThrottled, prefix: "ssm/GetParameters", share: 0.5}
	if t.chance(0.7) {
		slow.fault, slow.prefix = rulesThrottled, "ec2/DescribeSecurityGroupRules"
	}
	slow.from = start.Add(t.between(0, span))
	w.add(slow, t.between(time.Minute, span))
}

func (w *weather) add(x window, length time.Duration) {
	x.to = x.from.Add(length)
	w.windows = append(w.windows, x)
}

// barred says whether EC2 authorises nothing up to the end of the history.
func (w *weather) barred() bool {
	for _, x := range w.windows {
		if x.lasts && strings.HasPrefix(x.prefix, "ec2/") {
			return true
		}
	}
	return false
}

func (x window) applies(c *call, now time.Time) bool {
	return strings.HasPrefix(c.service+"/"+c.action, x.prefix) && !now.Before(x.from) && (x.lasts || now.Before(x.to))
}

// plan is how a call will go.
type plan struct {
	there, back time.Duration // virtual latencies, to the effect and back
	fault       fault
	staleness   time.Duration
	some        throw
	// wired says that the call is on its way, and has its effect, when its
	// function dies.
	wired bool
}

// plan deals a call its fate.
func (w *world) plan(c *call) plan {
	t := w.dice.throw(time.Now(), c.service+c.String(), c.by.number)
	p := plan{there: t.between(3*time.Millisecond, 60*time.Millisecond), back: t.between(time.Millisecond, 10*time.Millisecond), some: t, wired: t.chance(0.5)}
	for _, x := range w.weather.windows {
		if x.applies(c, time.Now()) && (x.lasts || !w.calm) && t.chance(x.share) {
			p.fault = x.fault
			return p
		}
	}
	if w.calm {
		return p
	}
	switch {
	case t.chance(w.weather.calls):
		p.fault = pick(t, []fault{throttled, throttled, throttled, serverError, serverError, bareServerError, slow, hungBefore, hungAfter, dropBefore, dropBefore, dropAfter, dropAfter})
	case c.action == "DescribeSecurityGroupRules" && t.chance(w.weather.stale):
		p.fault, p.staleness = stale, t.between(0, staleBound)
	case strings.HasPrefix(c.action, "Revoke") && t.chance(w.weather.partial):
		p.fault = pick(t, []fault{noIDsInAnswer, someIDsInAnswer, someRulesRevoked})
	}
	if p.fault == slow {
		p.there += t.between(time.Second, slowest)
	}
	return p
}
