package notify

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/mail"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

const (
	// fightTime is the time in which reverts are counted, and in which an alarm is not
	// repeated.
	fightTime = 30 * time.Minute
	// mostFights is how many alarms one batch raises. The next revert raises the others.
	mostFights = 3
)

// fights counts the reverts of each group and raises an alarm where two tools seem to
// fight. Alerts that will be delivered again are counted then.
func (b *batch) fights(ctx context.Context, undelivered []received) {
	byGroup := map[string][]received{}
	for _, a := range undelivered {
		if !slices.ContainsFunc(a.messages, func(id string) bool { return b.failed[id] }) {
			byGroup[a.memoryKey()] = append(byGroup[a.memoryKey()], a)
		}
	}
	for _, group := range slices.Sorted(maps.Keys(byGroup)) {
		f := b.memory.Fight(group)
		reverts := revertsOf(byGroup[group], f, b.now)
		if len(reverts) == 0 {
			continue
		}
		f.Reverts = append(f.Reverts, reverts...)
		b.memory.KeepFight(f)
		f = b.memory.Fight(group)
		acts, again := actsOf(f.Reverts)
		if acts > b.Reverts && b.now.Sub(f.Alarmed) >= fightTime && b.report.Contention < mostFights && b.alarm(ctx, byGroup[group][0].Alert, acts, again) {
			f.Alarmed = b.now
			b.report.Contention++
			b.memory.KeepFight(f)
		}
	}
}

// alarm says over which group the tools fight. It reports whether people will know.
func (b *batch) alarm(ctx context.Context, a alert.Alert, acts int, again []notified.Revert) bool {
	fight := fightOf(a, acts, again, b.now)
	b.Log.ErrorContext(ctx, Fighting, "group", a.Subject(), "name", cmp.Or(a.GroupName, a.PrefixListName), "reverts", fight.Reverts,
		"principals", fight.Principals, "rules", fight.Rules, "sameRule", fight.SameRule)
	if b.Alarms == nil {
		return true
	}
	m, err := contention(fight)
	if err == nil {
		err = b.send(ctx, b.Alarms, m)
	}
	if err != nil {
		b.Log.ErrorContext(ctx, Lost, "group", a.Subject(), "reason", err.Error())
	}
	return err == nil
}

func contention(f mail.Fight) (m mail.Mail, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("write the mail of the fight over %s: %v", f.GroupID, problem)
		}
	}()
	return mail.Contention(f), nil
}

func fightOf(a alert.Alert, acts int, again []notified.Revert, now time.Time) mail.Fight {
	who, rules := map[string]bool{}, map[string]bool{}
	for _, r := range again {
		if r.Who != "" {
			who[r.Who] = true
		}
		rules[r.Rule] = true
	}
	within := fightTime
	if len(again) > 0 {
		within = min(within, max(0, now.Sub(again[0].At)))
	}
	return mail.Fight{
		Account: a.Account, Region: a.Region, GroupID: a.Subject(), GroupName: cmp.Or(a.GroupName, a.PrefixListName),
		Reverts: acts, Within: within,
		Principals: slices.Sorted(maps.Keys(who)), Rules: slices.Sorted(maps.Keys(rules)), SameRule: len(rules) == 1,
	}
}
