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
	// contentionTime is the time in which reverts are counted, and in which an alarm is not
	// repeated.
	contentionTime = 30 * time.Minute
	// maxContentions is how many alarms one batch raises. The next revert raises the others.
	maxContentions = 3
)

// checkContention counts the reverts of each group and raises an alarm where two tools seem to
// contention. Alerts that will be delivered again are counted then.
func (b *batch) checkContention(ctx context.Context, undelivered []received) {
	byGroup := map[string][]received{}
	for _, a := range undelivered {
		if !slices.ContainsFunc(a.messages, func(id string) bool { return b.failed[id] }) {
			byGroup[a.memoryKey()] = append(byGroup[a.memoryKey()], a)
		}
	}
	for _, group := range slices.Sorted(maps.Keys(byGroup)) {
		f := b.memory.Contention(group)
		reverts := revertsOf(byGroup[group], f, b.now)
		if len(reverts) == 0 {
			continue
		}
		f.Reverts = append(f.Reverts, reverts...)
		b.memory.KeepContention(f)
		f = b.memory.Contention(group)
		acts, again := actsOf(f.Reverts)
		if acts > b.Reverts && b.now.Sub(f.Alarmed) >= contentionTime && b.report.Contention < maxContentions && b.alarm(ctx, byGroup[group][0].Alert, acts, again) {
			f.Alarmed = b.now
			b.report.Contention++
			b.memory.KeepContention(f)
		}
	}
}

// alarm says about which group the tools contend. It reports whether people will know.
func (b *batch) alarm(ctx context.Context, a alert.Alert, acts int, again []notified.Revert) bool {
	found := contentionOf(a, acts, again, b.now)
	b.Log.ErrorContext(ctx, TwoToolsFight, "group", a.Subject(), "name", cmp.Or(a.GroupName, a.PrefixListName), "reverts", found.Reverts,
		"principals", found.Principals, "rules", found.Rules, "sameRule", found.SameRule)
	if b.Alarms == nil {
		return true
	}
	m, err := contentionMail(found)
	if err == nil {
		err = b.send(ctx, b.Alarms, m)
	}
	if err != nil {
		b.Log.ErrorContext(ctx, MailNotSent, "group", a.Subject(), "reason", err.Error())
	}
	return err == nil
}

func contentionMail(f mail.Contention) (m mail.Mail, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("write the mail of the fight over %s: %v", f.GroupID, problem)
		}
	}()
	return mail.RenderContention(f), nil
}

func contentionOf(a alert.Alert, acts int, again []notified.Revert, now time.Time) mail.Contention {
	who, rules := map[string]bool{}, map[string]bool{}
	for _, r := range again {
		if r.Who != "" {
			who[r.Who] = true
		}
		rules[r.Rule] = true
	}
	within := contentionTime
	if len(again) > 0 {
		within = min(within, max(0, now.Sub(again[0].At)))
	}
	return mail.Contention{
		Account: a.Account, Region: a.Region, GroupID: a.Subject(), GroupName: cmp.Or(a.GroupName, a.PrefixListName),
		Reverts: acts, Within: within,
		Principals: slices.Sorted(maps.Keys(who)), Rules: slices.Sorted(maps.Keys(rules)), SameRule: len(rules) == 1,
	}
}
