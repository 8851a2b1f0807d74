package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notify"
)

// figure is a scenario of what people got before the notifier, and what they may get.
type figure struct {
	name, before string
	most         int
	play         func(t *testing.T, p *people) (wrong string)
}

// TestFigures prints how many mails people get, and fails where they are too many.
func TestFigures(t *testing.T) {
	t.Parallel()
	table := []string{"| scenario | before | mails | alarms | at most |", "| --- | --- | --- | --- | --- |"}
	for _, f := range []figure{
		{"10 authorize calls in one group by one session within 5 s", "12, 2 with the wrong actor", 2, playBurst},
		{"a pipeline opens 30 rules in 6 groups", "30", 3, playPipeline},
		{"drift that stays for a day in mode alert, a sweep each 15 minutes, then over", "96", 3, playDrift},
		{"11 baselines pushed at once", "11", 1, playPush},
		{"2,000 rules in 200 groups within a second, by one session", "2,035", 10, func(t *testing.T, p *people) string { return playFlood(t, p, 1) }},
		{"2,000 rules in 200 groups within a second, by 40 sessions", "2,035", 10, func(t *testing.T, p *people) string { return playFlood(t, p, 40) }},
	} {
		p := newPeople(t)
		if wrong := f.play(t, p); wrong != "" {
			t.Errorf("%s: %s", f.name, wrong)
		}
		table = append(table, fmt.Sprintf("| %s | %s | %d | %d | %d |", f.name, f.before, len(p.mails), len(p.alarms), f.most))
		if n := len(p.mails) + len(p.alarms); n > f.most || n == 0 {
			t.Errorf("%s: %d mails, want 1 to %d", f.name, n, f.most)
		}
	}
	t.Log("\n" + strings.Join(table, "\n"))
}

// playBurst: the run for the first event revokes all ten rules; those for the others find
// them not live. sgwarden's own revoke comes back as two events.
func playBurst(_ *testing.T, p *people) string {
	const own = "arn:aws:sts::111122223333:assumed-role/remediator/x"
	p.own = []string{"arn:aws:iam::111122223333:role/remediator"}
	p.restart()
	text := func(i int) string { return fmt.Sprintf("ingress tcp %d 0.0.0.0/0", 8000+i) }
	id := func(i int) string { return fmt.Sprint("sgr-", i) }
	first := []alert.Finding{opened(text(0), id(0), revoked)}
	var late []alert.Finding
	for i := 1; i < 10; i++ {
		first = append(first, finding(text(i), id(i), revoked))
		late = append(late, opened(text(i), id(i), notLive))
	}
	alerts := []alert.Alert{p.byEvent("sg-1", "e0", mallory, alert.Reverted, first...)}
	for i, f := range late {
		alerts = append(alerts, p.byEvent("sg-1", fmt.Sprint("e", i+1), mallory, alert.AlreadyGone, f))
	}
	for i := range 2 {
		alerts = append(alerts, p.byEvent("sg-1", fmt.Sprint("own", i), own, alert.AlreadyGone, late[i]))
	}
	// The window of the queue ends within the burst.
	p.get(alerts[:7]...)
	p.wait(30 * time.Second)
	p.get(alerts[7:]...)
	var want []string
	for i := range 7 {
		want = append(want, mallory+": revoked "+text(i))
	}
	for i := 7; i < 10; i++ { // the second batch says who opened the rules
		want = append(want, "nobody: revoked "+text(i), mallory+": already-gone "+text(i))
	}
	slices.Sort(want)
	return cmp.Diff(want, p.mailed())
}

func playPipeline(_ *testing.T, p *people) string {
	var alerts []alert.Alert
	for i := range 30 {
		group := fmt.Sprint("sg-", i%6)
		alerts = append(alerts, p.byEvent(group, fmt.Sprint("e", i), ci, alert.Reverted, opened(fmt.Sprintf("ingress tcp %d 10.0.0.0/8", 8000+i), fmt.Sprint("sgr-", i), revoked)))
	}
	p.get(alerts[:20]...)
	p.wait(30 * time.Second)
	p.get(alerts[20:]...)
	return ""
}

func playDrift(_ *testing.T, p *people) string {
	since := p.now
	for range 97 { // 0:00 to 24:00
		p.restart()
		p.get(p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", none)))
		p.wait(15 * time.Minute)
	}
	if len(p.mails) != 2 {
		return fmt.Sprintf("%d mails before it was over", len(p.mails))
	}
	over := p.bySweep("sg-1", alert.None)
	over.Closed = []alert.Closed{{How: "not live any more", Rule: ssh, Verdict: alert.Violation, Since: since}}
	p.get(alert.New(over))
	return ""
}

func playPush(_ *testing.T, p *people) string {
	var alerts []alert.Alert
	for i := range 11 {
		group := fmt.Sprint("sg-", i)
		alerts = append(alerts,
			p.ofDocument(alert.BaselineChanged, "/sg-baseline/groups/"+group, fmt.Sprint("e", i)),
			p.bySweep(group, alert.None, missing(web))) // approved first, and not live yet
	}
	p.get(alerts...)
	p.wait(15 * time.Minute)
	for i := range 11 {
		p.get(p.bySweep(fmt.Sprint("sg-", i), alert.None, missing(web)))
	}
	return ""
}

// playFlood has two notifiers at once, as Lambda runs them. The queue hands over a
// thousand messages at most.
func playFlood(t *testing.T, p *people, sessions int) string {
	var alerts []alert.Alert
	for i := range 2000 {
		group, who := fmt.Sprint("sg-", i%200), fmt.Sprint(mallory, i%200%sessions)
		alerts = append(alerts, p.byEvent(group, fmt.Sprint("e", i), who, alert.Reverted, opened(fmt.Sprintf("ingress tcp %d 198.51.100.0/24", 1000+i), fmt.Sprint("sgr-", i), revoked)))
	}
	for i := range 35 { // the events of sgwarden's own revokes
		a := alerts[i]
		a.Event.ID, a.Actor, a.Outcome = fmt.Sprint("own", i), nil, alert.AlreadyGone
		a.Findings = []alert.Finding{finding(a.Findings[0].Rule, a.Findings[0].RuleID, notLive)}
		alerts = append(alerts, alert.New(a))
	}
	notifiers := []*notify.Notifier{p.notifier, p.another()}
	start := p.now
	wereMailed := 0
	for i := 0; len(alerts) > 0; i++ {
		p.now = start.Add(time.Duration(i/2) * 30 * time.Second) // two batches begin at once
		n := min(1000, len(alerts))
		report := notifiers[i%2].Notify(t.Context(), p.batch(alerts[:n]...))
		alerts = alerts[n:]
		wereMailed += report.Alerts
		if len(report.Failed) > 0 {
			return "a message failed"
		}
	}
	logged := strings.Count(p.log.String(), `"msg":"alert"`)
	mailed := mailedAlerts(p)
	if wereMailed != 2035 || logged != 2035 || mailed != 2000 {
		return fmt.Sprintf("%d alerts, %d logged, %d in mails", wereMailed, logged, mailed)
	}
	return perSecond(p)
}

// mailedAlerts counts the different alerts that the log says were mailed, but for those
// of sgwarden's own events.
func mailedAlerts(p *people) int {
	ids := map[string]bool{}
	for line := range strings.Lines(p.log.String()) {
		if _, list, found := strings.Cut(line, `"alerts":["`); found && strings.Contains(line, `"msg":"mail"`) {
			list, _, _ = strings.Cut(list, `"]`)
			for id := range strings.SplitSeq(list, `","`) {
				ids[id] = true
			}
		}
	}
	return len(ids) - ownAlerts(p, ids)
}

// ownAlerts counts those of sgwarden's own events among some.
func ownAlerts(p *people, ids map[string]bool) int {
	n, seen := 0, map[string]bool{}
	for line := range strings.Lines(p.log.String()) {
		_, id, _ := strings.Cut(line, `"schema":1,"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		if strings.Contains(line, `"event":{"id":"own`) && ids[id] && !seen[id] {
			seen[id] = true
			n++
		}
	}
	return n
}

// perSecond says where two notifiers together sent more than a mail a second, over any
// ten seconds, which is how SNS counts.
func perSecond(p *people) string {
	for _, from := range p.sentAt {
		n := 0
		for _, at := range p.sentAt {
			if d := at.Sub(from); d >= 0 && d < 10*time.Second {
				n++
			}
		}
		if n > 10 {
			return fmt.Sprintf("%d mails in ten seconds", n)
		}
	}
	return ""
}
