package simulation

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// figures are what a load came to, before any sweep.
type figures struct {
	groups                           int
	byAction                         []string
	opened, live                     int // rules opened, and of them live at the end
	events, invocations, retries     int
	deadLetters, waiting, unreported int
	calls                            attempts
	alerts, repeats                  int            // and of them those of rules that are not live and were reported before
	inASecond, newsInASecond         int            // the most alerts in any second, with repeats and without
	outcomes                         map[string]int // of alerts
	reported                         int            // violations that an alert reported
	until                            []time.Duration
	lastRevoke, lastAlert            time.Duration
	afterSweep                       int // alerts that a sweep adds, of what is on record still
	breaches                         []breach
}

func (f *figures) measure(w *world, start time.Time) {
	f.byAction, f.calls = w.limits.lines(), w.limits.total()
	f.events, f.waiting = w.events, len(w.limits.waiting)
	f.invocations, f.retries, f.deadLetters = w.invocations, w.tally.counts[countRetries], w.tally.counts[countDeadLetters]
	openedAt := map[string]time.Time{}
	for _, c := range w.ec2.changes {
		switch {
		case c.by != people && c.after < 0:
			f.until = append(f.until, c.at.Sub(openedAt[c.id]))
			f.lastRevoke = max(f.lastRevoke, c.at.Sub(start))
		case c.before < 0:
			openedAt[c.id] = c.at
		}
	}
	slices.Sort(f.until)
	f.opened = len(openedAt) - f.groups
	f.live = f.opened - len(f.until)
	f.measureAlerts(w, start)
	for name := range w.ssm.parameters {
		if strings.HasPrefix(name, prefix+"/unreported/") {
			f.unreported++
		}
	}
}

func (f *figures) measureAlerts(w *world, start time.Time) {
	f.alerts, f.outcomes = len(w.alerts), map[string]int{}
	reported := map[[2]string]bool{}
	var all, news []time.Time
	for _, d := range w.alerts {
		f.outcomes[d.alert.Outcome]++
		f.lastAlert = max(f.lastAlert, d.at.Sub(start))
		isNews := d.alert.Outcome != "already-gone"
		for _, x := range d.alert.Findings {
			rule := [2]string{d.alert.GroupID, x.Rule}
			isNews, reported[rule] = isNews || !reported[rule], true
		}
		all = append(all, d.at)
		if isNews {
			news = append(news, d.at)
		}
	}
	f.reported, f.repeats = len(reported), len(all)-len(news)
	f.inASecond, f.newsInASecond = mostInASecond(all), mostInASecond(news)
}

// mostInASecond counts times, which ascend.
func mostInASecond(times []time.Time) int {
	most := 0
	for i, at := range times {
		first, _ := slices.BinarySearchFunc(times, at.Add(-time.Second), time.Time.Compare)
		most = max(most, i-first+1)
	}
	return most
}

// failures are the bounds that the load has broken.
func (f *figures) failures() []string {
	var all []string
	check := func(kept bool, format string, args ...any) {
		if !kept {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	for _, b := range f.breaches {
		check(false, "%s: %s", b.promise, b.what)
	}
	check(f.opened == rulesPerGroup*f.groups, "%d rules were opened", f.opened)
	check(f.live == 0, "%d rules are still live", f.live)
	check(f.reported == f.opened, "%d violations were told of %d", f.reported, f.opened)
	check(f.deadLetters == 0 && f.waiting == 0, "%d dead letters, %d events still waiting", f.deadLetters, f.waiting)
	check(f.attemptsPerCall() <= mostAttemptsPerCall, "%.2f attempts for each call that got through, more than %.2f", f.attemptsPerCall(), mostAttemptsPerCall)
	check(f.perEvent(f.retries) <= mostRetriesPerEvent, "%.2f retries of Lambda for each event, more than %.2f", f.perEvent(f.retries), mostRetriesPerEvent)
	check(f.perRule() <= mostAlertsPerRule, "%.2f alerts for each rule, more than %.2f", f.perRule(), mostAlertsPerRule)
	return all
}

func (f *figures) attemptsPerCall() float64 {
	return float64(f.calls.all) / float64(f.calls.all-f.calls.throttled)
}

func (f *figures) perRule() float64 { return float64(f.alerts) / float64(f.opened) }

func (f *figures) perEvent(n int) float64 { return float64(n) / float64(f.events) }

// quantile is the time until the revoke that a part of the rules don't exceed.
func (f *figures) quantile(part float64) time.Duration {
	if len(f.until) == 0 {
		return 0
	}
	return f.until[int(part*float64(len(f.until)-1))]
}

// String is a table for people.
func (f *figures) String() string {
	var b strings.Builder
	round := func(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
	fmt.Fprintf(&b, "%8d rules opened in %d groups by as many calls, %d revoked, %d told\n", f.opened, f.groups, len(f.until), f.reported)
	fmt.Fprintf(&b, "%8v until half of the rules were revoked, 99 %% %v, all %v\n", round(f.quantile(0.5)), round(f.quantile(0.99)), round(f.lastRevoke))
	fmt.Fprintf(&b, "%8v until the last alert\n", round(f.lastAlert))
	fmt.Fprintf(&b, "%8d events, with those of the functions' own calls\n", f.events)
	fmt.Fprintf(&b, "%8d invocations, %d of them retries (%.2f an event), %d dead letters\n", f.invocations, f.retries, f.perEvent(f.retries), f.deadLetters)
	fmt.Fprintf(&b, "%8d alerts (%.2f a rule), by outcome %v, %d in the worst second\n", f.alerts, f.perRule(), f.outcomes, f.inASecond)
	fmt.Fprintf(&b, "%8d alerts without those of rules that are gone and were told before, %d in the worst second\n", f.alerts-f.repeats, f.newsInASecond)
	fmt.Fprintf(&b, "%8d alerts more by the next sweep, of %d on record\n", f.afterSweep, f.unreported)
	fmt.Fprintf(&b, "%8d calls, %d throttled (%.2f attempts for each that got through):\n", f.calls.all, f.calls.throttled, f.attemptsPerCall())
	return b.String() + strings.Join(f.byAction, "\n")
}
