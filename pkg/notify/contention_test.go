package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notify"
)

func TestContentionRaisesAnAlarmOnce(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	var alarms []int
	for i := range 26 { // every two minutes, for 50 minutes
		p.restart()
		report := p.get(p.byEvent("sg-1", fmt.Sprint("e", i), ci, alert.Reverted, opened(ssh, fmt.Sprint("sgr-", i), revoked)))
		if report.Contention > 0 {
			alarms = append(alarms, i)
		}
		p.wait(2 * time.Minute)
	}
	if diff := cmp.Diff([]int{5, 20}, alarms); diff != "" || len(p.alarms) != 2 {
		t.Errorf("%s%d alarms", diff, len(p.alarms))
	}
	for _, want := range []string{notify.TwoToolsFight, ci, ssh, `"sameRule":true`} {
		if !strings.Contains(p.log.String(), want) {
			t.Errorf("the log does not say %s", want)
		}
	}
}

func TestWhatIsContention(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		batch func(p *people, i int) []alert.Alert
		every time.Duration
		want  bool
	}{
		"reverts that are ten minutes after one another": {func(p *people, i int) []alert.Alert {
			return []alert.Alert{p.byEvent("sg-1", fmt.Sprint("e", i), ci, alert.Reverted, opened(ssh, fmt.Sprint("sgr-", i), revoked))}
		}, 10 * time.Minute, false},
		"reverts of another group each time": {func(p *people, i int) []alert.Alert {
			return []alert.Alert{p.byEvent(fmt.Sprint("sg-", i), fmt.Sprint("e", i), ci, alert.Reverted, opened(ssh, fmt.Sprint("sgr-", i), revoked))}
		}, time.Minute, false},
		"a slow pipeline that makes another rule each time": {func(p *people, i int) []alert.Alert {
			return []alert.Alert{p.byEvent("sg-1", fmt.Sprint("e", i), ci, alert.Reverted, opened(fmt.Sprintf("ingress tcp %d 10.0.0.0/8", i+1), fmt.Sprint("sgr-", i), revoked))}
		}, 40 * time.Second, false},
		"different people who make different rules": {func(p *people, i int) []alert.Alert {
			return []alert.Alert{p.byEvent("sg-1", fmt.Sprint("e", i), fmt.Sprint(mallory, i), alert.Reverted, opened(fmt.Sprintf("ingress tcp %d 10.0.0.0/8", i+1), fmt.Sprint("sgr-", i), revoked))}
		}, time.Minute, false},
		"different people who make the same rule": {func(p *people, i int) []alert.Alert {
			return []alert.Alert{p.byEvent("sg-1", fmt.Sprint("e", i), fmt.Sprint(mallory, i), alert.Reverted, opened(ssh, fmt.Sprint("sgr-", i), revoked))}
		}, time.Minute, true},
		"two rules in turns": {func(p *people, i int) []alert.Alert {
			return []alert.Alert{p.byEvent("sg-1", fmt.Sprint("e", i), ci, alert.Reverted, opened([]string{ssh, web}[i%2], fmt.Sprint("sgr-", i), revoked))}
		}, 2 * time.Minute, true},
		"a tool that makes ten rules each time": {func(p *people, i int) []alert.Alert {
			var findings []alert.Finding
			for j := range 10 {
				findings = append(findings, opened(fmt.Sprintf("ingress tcp %d 10.0.0.0/8", j+1), fmt.Sprint("sgr-", i, "-", j), revoked))
			}
			return []alert.Alert{p.byEvent("sg-1", fmt.Sprint("e", i), ci, alert.Reverted, findings...)}
		}, 2 * time.Minute, true},
		"a pipeline that makes ten rules twice": {func(p *people, i int) []alert.Alert {
			if i > 1 {
				return nil
			}
			var findings []alert.Finding
			for j := range 10 {
				findings = append(findings, opened(fmt.Sprintf("ingress tcp %d 10.0.0.0/8", j+1), fmt.Sprint("sgr-", i, "-", j), revoked))
			}
			return []alert.Alert{p.byEvent("sg-1", fmt.Sprint("e", i), ci, alert.Reverted, findings...)}
		}, 2 * time.Minute, false},
		"violations that stay": {func(p *people, i int) []alert.Alert {
			return []alert.Alert{p.byEvent("sg-1", fmt.Sprint("e", i), ci, alert.WouldRevert, opened(ssh, fmt.Sprint("sgr-", i), none))}
		}, time.Minute, false},
		"ten rules of one act": {func(p *people, i int) []alert.Alert {
			if i > 0 {
				return nil
			}
			var alerts []alert.Alert
			for j := range 10 {
				alerts = append(alerts, p.byEvent("sg-1", fmt.Sprint("e", j), ci, alert.Reverted, opened(fmt.Sprintf("ingress tcp %d 10.0.0.0/8", j), fmt.Sprint("sgr-", j), revoked)))
			}
			return alerts
		}, time.Minute, false},
		"the same rule ten times in one batch": {func(p *people, i int) []alert.Alert {
			if i > 0 {
				return nil
			}
			var alerts []alert.Alert
			for j := range 10 {
				alerts = append(alerts, p.byEvent("sg-1", fmt.Sprint("e", j), ci, alert.Reverted, opened(ssh, fmt.Sprint("sgr-", j), revoked)))
			}
			return alerts
		}, time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			for i := range 8 {
				p.get(c.batch(p, i)...)
				p.wait(c.every)
			}
			if got := len(p.alarms) > 0; got != c.want {
				t.Errorf("%d alarms: %v", len(p.alarms), p.alarms)
			}
		})
	}
}

func TestRevertsWhoseMailIsLostAreCountedOnce(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	for i := range 5 {
		messages := p.batch(p.byEvent("sg-1", fmt.Sprint("e", i), ci, alert.Reverted, opened(ssh, fmt.Sprint("sgr-", i), revoked)))
		p.down = true
		p.notifier.Notify(t.Context(), messages)
		p.down = false
		p.notifier.Notify(t.Context(), messages)
		p.notifier.Notify(t.Context(), messages)
		p.wait(time.Minute)
	}
	if len(p.alarms) != 0 || len(p.mails) != 5 {
		t.Errorf("%d alarms, %d mails", len(p.alarms), len(p.mails))
	}
}
