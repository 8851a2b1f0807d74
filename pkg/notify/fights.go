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
	"github.com/sgwarden/sgwarden/pkg/told"
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
func (b *batch) fights(ctx context.Context, fresh []received) {
	byGroup := map[string][]received{}
	for _, a := range fresh {
		if !slices.ContainsFunc(a.messages, func(id string) bool { return b.failed[id] }) {
			byGroup[a.GroupID] = append(byGroup[a.GroupID], a)
		}
	}
	for _, groupID := range slices.Sorted(maps.Keys(byGroup)) {
		alerts := byGroup[groupID]
		reverts := revertsOf(alerts, b.now)
		if len(reverts) == 0 {
			continue
		}
		f := b.book.Fight(groupID)
		f.Reverts = append(f.Reverts, reverts...)
		if len(f.Reverts) > b.Reverts && b.now.Sub(f.Alarmed) >= fightTime && b.report.Contention < mostFights && b.alarm(ctx, alerts[0].Alert, f) {
			f.Alarmed = b.now
			b.report.Contention++
		}
		b.book.KeepFight(f)
	}
}

// revertsOf counts what one act opened as one revert, however many rules that were. A
// rule that was reverted several times counts each time.
func revertsOf(alerts []received, now time.Time) []told.Revert {
	times := map[string]map[string]told.Revert{} // by rule and occurrence
	for _, a := range alerts {
		for _, f := range a.Findings {
			if f.Action != alert.ActionRevoked && f.Action != alert.ActionRestored {
				continue
			}
			if times[f.Rule] == nil {
				times[f.Rule] = map[string]told.Revert{}
			}
			at, who := a.MadeAt, ""
			if at.IsZero() || at.After(now) {
				at = now
			}
			if f.OpenedByEvent {
				who = actorKey(a.Actor)
			}
			occurrence := cmp.Or(f.RuleID, a.Event.ID, a.ID)
			if before, found := times[f.Rule][occurrence]; !found || before.Who == "" {
				times[f.Rule][occurrence] = told.Revert{At: at, Who: who, Rule: f.Rule}
			}
		}
	}
	var most []told.Revert
	for _, r := range slices.Sorted(maps.Keys(times)) {
		if len(times[r]) > len(most) {
			most = slices.SortedFunc(maps.Values(times[r]), func(a, b told.Revert) int {
				return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Who, b.Who))
			})
		}
	}
	return most
}

// alarm says over which group the tools fight. It reports whether people will know.
func (b *batch) alarm(ctx context.Context, a alert.Alert, f told.Fight) bool {
	fight := fightOf(a, f, b.now)
	b.Log.ErrorContext(ctx, Fighting, "group", f.GroupID, "name", a.GroupName, "reverts", fight.Reverts,
		"principals", fight.Principals, "rules", fight.Rules, "sameRule", fight.SameRule)
	if b.Alarms == nil {
		return true
	}
	m, err := contention(fight)
	if err == nil {
		err = b.send(ctx, b.Alarms, m)
	}
	if err != nil {
		b.Log.ErrorContext(ctx, Lost, "group", f.GroupID, "reason", err.Error())
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

func fightOf(a alert.Alert, f told.Fight, now time.Time) mail.Fight {
	who, rules := map[string]bool{}, map[string]bool{}
	for _, r := range f.Reverts {
		if r.Who != "" {
			who[r.Who] = true
		}
		rules[r.Rule] = true
	}
	within := fightTime
	if len(f.Reverts) > 0 {
		within = min(within, max(0, now.Sub(f.Reverts[0].At)))
	}
	return mail.Fight{
		Account: a.Account, Region: a.Region, GroupID: a.GroupID, GroupName: a.GroupName,
		Reverts: len(f.Reverts), Within: within,
		Principals: slices.Sorted(maps.Keys(who)), Rules: slices.Sorted(maps.Keys(rules)), SameRule: len(rules) == 1,
	}
}
