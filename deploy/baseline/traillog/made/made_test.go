package made_test

import (
	"encoding/json"
	"math/bits"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog/made"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

var netip = cmpopts.EquateComparable(rule.Rule{})

func TestTrailReadsFromTheRecordsWhatTheTruthSays(t *testing.T) {
	t.Parallel()
	o := made.Options{Seed: 1, Calls: 3000, Others: 1, Odd: true}
	next := slices.Collect(o.Truth())
	names := map[string]int{}
	for r := range o.Records() {
		trigger, nothing := trail.ParseRecord(r.JSON)
		if r.Call == nil {
			if nothing == nil || nothing.Cause != trail.Unrelated {
				t.Fatalf("a record about something else is read as %+v, %+v: %s", trigger, nothing, r.JSON)
			}
			continue
		}
		if diff := cmp.Diff(next[0], *r.Call, netip); diff != "" {
			t.Fatalf("the truth differs from the record's call:\n%s", diff)
		}
		mustSay(t, trigger, nothing, next[0], r.JSON)
		next = next[1:]
		names[trigger.EventName]++
	}
	if len(next) > 0 || len(names) != 8 {
		t.Errorf("%d calls have no record; the calls are %v", len(next), names)
	}
}

func mustSay(t *testing.T, trigger trail.Trigger, nothing *trail.Nothing, call made.Call, record []byte) {
	t.Helper()
	if call.Failed != (nothing != nil && nothing.Cause == trail.FailedCall) {
		t.Fatalf("failed: %t, but trail says %+v", call.Failed, nothing)
	}
	if len(trigger.Unparsed) > 0 {
		t.Fatalf("unreadable: %v in %s", trigger.Unparsed, record)
	}
	said := made.Call{
		Time: trigger.Time, Account: trigger.Account, Region: trigger.Region, GroupID: call.GroupID, Actor: trigger.Actor.ARN,
		Principal: trigger.Principal, Name: trigger.EventName, EventID: trigger.EventID, Failed: call.Failed,
		Opens: call.Opens, Closes: call.Closes,
	}
	if nothing == nil {
		said.GroupID = trigger.GroupID
	}
	switch call.Name {
	case "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress":
		said.Opens = nil
		for _, c := range trigger.Changes {
			said.Opens = append(said.Opens, c.Rule)
		}
	case "ModifySecurityGroupRules":
		if !slices.Contains(trigger.Changes[0].Rules(), call.Opens[0]) {
			t.Fatalf("a modified rule is %v, not %v", trigger.Changes, call.Opens)
		}
	case "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress":
		said.Closes = trigger.Removed
		if trigger.Removed == nil { // by rule id, without an answer
			t.Fatalf("nothing removed: %s", record)
		}
	}
	if diff := cmp.Diff(call, said, netip); diff != "" {
		t.Fatalf("the truth (-) and what trail reads (+) differ:\n%s\n%s", diff, record)
	}
}

func TestTheTruthOpensOnlyWhatIsClosedAndClosesOnlyWhatIsOpen(t *testing.T) {
	t.Parallel()
	o := made.Options{Seed: 2, Calls: 5000}
	open := map[string]map[rule.Rule]bool{}
	for _, g := range o.Existing() {
		open[g.ID] = map[rule.Rule]bool{}
		for _, r := range g.Open {
			open[g.ID][r] = true
		}
	}
	var before time.Time
	for c := range o.Truth() {
		if c.Name == "CreateSecurityGroup" {
			open[c.GroupID] = map[rule.Rule]bool{}
		}
		for _, r := range c.Closes {
			if !open[c.GroupID][r] {
				t.Fatalf("%s closes %s, which is not open in %s", c.Name, r, c.GroupID)
			}
			delete(open[c.GroupID], r)
		}
		for _, r := range c.Opens {
			if open[c.GroupID][r] {
				t.Fatalf("%s opens %s, which is open in %s", c.Name, r, c.GroupID)
			}
			open[c.GroupID][r] = true
		}
		if c.Time.Before(before) || c.Failed && len(c.Opens)+len(c.Closes) > 0 {
			t.Fatalf("%+v comes after %s", c, before)
		}
		before = c.Time
	}
}

func TestTheSameSeedMakesTheSameHistoryAndAnotherSeedAnother(t *testing.T) {
	t.Parallel()
	text := func(seed uint64) (all string) {
		for r := range (made.Options{Seed: seed, Calls: 200, Others: 2, Odd: true, Doubled: 7, Disorder: 20}).Records() {
			all += string(r.JSON) + "\n"
		}
		return all
	}
	if once, again := text(1), text(1); once != again {
		t.Error("one seed makes two histories")
	}
	if text(1) == text(2) {
		t.Error("two seeds make one history")
	}
}

func TestEveryRecordIsJSONAndCopiesComeAsOftenAsAsked(t *testing.T) {
	t.Parallel()
	records, copies := 0, 0
	for r := range (made.Options{Seed: 3, Calls: 500, Others: 3, Odd: true, Doubled: 10, Disorder: 50}).Records() {
		if !json.Valid(r.JSON) {
			t.Fatalf("no JSON: %s", r.JSON)
		}
		records++
		copies += bits.OnesCount(map[bool]uint{true: 1}[r.Copy])
	}
	if records != 2200 || copies != 200 {
		t.Errorf("%d records, %d copies", records, copies)
	}
}

// BenchmarkAMillionCalls says how long it takes to make a record.
func BenchmarkAMillionCalls(b *testing.B) {
	b.ReportAllocs()
	var bytes int64
	for range b.N {
		bytes = 0
		for r := range (made.Options{Seed: 4, Calls: 1_000_000}).Records() {
			bytes += int64(len(r.JSON))
		}
	}
	b.SetBytes(bytes)
}
