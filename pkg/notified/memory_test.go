package notified_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

var now = time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)

func entry(groupID, text string) notified.Entry {
	return notified.Entry{
		Open:  notified.Open{GroupID: groupID, GroupName: "web", Kind: alert.Drift, Parameter: "/sg-baseline/groups/" + groupID, Rule: text, Verdict: alert.Violation, Since: now},
		State: "none grave sgr-1", Act: "event-1", Notified: 1, NotifiedAt: now,
	}
}

// again writes a memory and reads it back.
func again(t interface{ Fatal(...any) }, b *notified.Memory, values map[int]string) *notified.Memory {
	changed, err := b.Changed()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range changed {
		if len(v) > notified.MaxValue {
			t.Fatal(fmt.Sprintf("shard %x has %d bytes", i, len(v)))
		}
		if v == values[i] {
			t.Fatal(fmt.Sprintf("shard %x has not changed and is written", i))
		}
		values[i] = v
	}
	read, err := notified.Read(values)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestWhatIsKeptIsReadBack(t *testing.T) {
	t.Parallel()
	b, values := &notified.Memory{}, map[int]string{}
	e := entry("sg-1", "ingress tcp 22 0.0.0.0/0")
	contention := notified.Contention{GroupID: "sg-1", Alarmed: now, Reverts: []notified.Revert{{At: now, Who: "arn:aws:iam::111122223333:role/ci", Rule: e.Rule}}}
	b.Keep(e)
	b.Add("sg-1", "a fact", now)
	b.KeepContention(contention)
	b = again(t, b, values)
	got, found := b.Entry(e.Ref())
	if diff := cmp.Diff(e, got); diff != "" || !found {
		t.Error(diff)
	}
	if diff := cmp.Diff(contention, b.Contention("sg-1")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]notified.Open{e.Open}, b.Open()); diff != "" {
		t.Error(diff)
	}
	if !b.Has("sg-1", "a fact", now) || b.Has("sg-1", "another fact", now) || b.Has("sg-1", "a fact", now.Add(time.Second)) {
		t.Error("it knows the wrong facts")
	}
	b.Drop(e.Ref())
	if _, found := again(t, b, values).Entry(e.Ref()); found {
		t.Error("a dropped entry is there")
	}
}

func TestASweepDoesNotSeeWhatWaitsForAnApproval(t *testing.T) {
	t.Parallel()
	b := &notified.Memory{}
	e := entry("sg-1", "ingress tcp 22 0.0.0.0/0")
	e.Awaits = true
	b.Keep(e)
	if open := b.Open(); len(open) != 0 {
		t.Errorf("got %v", open)
	}
}

func TestAShardThatCannotBeReadIsEmptyAndStays(t *testing.T) {
	t.Parallel()
	shard := notified.ShardOf("sg-1")
	for name, value := range map[string]string{
		"nothing": "", "no base64": "%", "no gzip": "e30=", "no JSON": packed(t, "x"), "another schema": packed(t, `{"schema":2}`),
		"half a fact": packed(t, `{"schema":1,"recent":[{"t":1,"h":"AAAA"}]}`), "a bomb": packed(t, strings.Repeat(" ", 2<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := notified.Read(map[int]string{shard: value})
			if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("read shard %x of what was told: ", shard)) {
				t.Fatal(err)
			}
			b.Keep(entry("sg-1", "ingress tcp 22 0.0.0.0/0"))
			if changed, err := b.Changed(); err != nil || len(changed) != 0 {
				t.Errorf("got %v, %v", changed, err)
			}
		})
	}
	b, err := notified.Read(map[int]string{shard: packed(t, `{"schema":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	b.Keep(entry("sg-1", "ingress tcp 22 0.0.0.0/0"))
	if changed, err := b.Changed(); err != nil || len(changed) != 1 {
		t.Errorf("a good shard: got %v, %v", changed, err)
	}
}

func TestWhatIsOldIsForgotten(t *testing.T) {
	t.Parallel()
	b := &notified.Memory{}
	b.Keep(entry("sg-1", "ingress tcp 22 0.0.0.0/0"))
	b.Add("sg-1", "a fact", now)
	b.KeepContention(notified.Contention{GroupID: "sg-1", Reverts: []notified.Revert{{At: now, Rule: "r"}}})
	b.Forget(now.Add(notified.Recently), now)
	if !b.Has("sg-1", "a fact", now) || len(b.Open()) != 1 || len(b.Contention("sg-1").Reverts) != 1 {
		t.Error("forgotten too early")
	}
	b.Forget(now.Add(8*24*time.Hour), now.Add(time.Minute))
	if b.Has("sg-1", "a fact", now) || len(b.Open()) != 0 || len(b.Contention("sg-1").Reverts) != 0 {
		t.Error("not forgotten")
	}
}

func TestFactsGoBeforeRevertsAndRevertsBeforeOpenEntries(t *testing.T) {
	t.Parallel()
	b := &notified.Memory{}
	const group = "sg-1"
	for i := range 30 {
		b.Keep(entry(group, fmt.Sprintf("ingress tcp %d 10.0.0.0/8", i)))
	}
	for i := range 600 {
		b.Add(group, fmt.Sprint("fact ", i), now.Add(time.Duration(i)*time.Second))
	}
	b = again(t, b, map[int]string{})
	if n := len(b.Open()); n != 30 {
		t.Errorf("%d open entries are left", n)
	}
	if !b.Has(group, "fact 599", now) || b.Has(group, "fact 0", now) {
		t.Error("the newest fact is gone, or the oldest is there")
	}
	for i := range 400 {
		e := entry(group, fmt.Sprintf("egress tcp %d 198.51.100.0/24", i))
		e.State, e.NotifiedAt = fmt.Sprintf("%x", i*7919), now.Add(time.Duration(i)*time.Minute)
		b.Keep(e)
	}
	b = again(t, b, map[int]string{})
	if _, found := b.Entry(entry(group, "egress tcp 399 198.51.100.0/24").Ref()); !found || b.Has(group, "fact 599", now) {
		t.Error("the newest entry is gone, or a fact is there")
	}
}

// TestTheMemoryNeverHasWhatWasNotAdded is the promise: whatever has to be forgotten, nothing
// counts as reported to people that was not.
func TestTheMemoryNeverHasWhatWasNotAdded(t *testing.T) {
	t.Parallel()
	texts := rapid.StringN(0, 60, 300)
	rapid.Check(t, func(t *rapid.T) {
		b, values := &notified.Memory{}, map[int]string{}
		open, facts := map[notified.Ref]string{}, map[[2]string]bool{}
		groups := rapid.SliceOfN(texts, 1, 4).Draw(t, "groups")
		at := now
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			group := rapid.SampledFrom(groups).Draw(t, "group")
			at = at.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "wait")) * time.Second)
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				e := entry(group, rapid.SampledFrom([]string{"", "r1", texts.Draw(t, "rule")}).Draw(t, "which"))
				e.GroupName, e.State, e.NotifiedAt = texts.Draw(t, "name"), texts.Draw(t, "state"), at
				b.Keep(e)
				open[e.Ref()] = strings.ToValidUTF8(e.State, "\ufffd")
			case 1:
				r := entry(group, rapid.SampledFrom([]string{"", "r1"}).Draw(t, "which")).Ref()
				b.Drop(r)
				delete(open, r)
			case 2:
				for i := range rapid.IntRange(1, 300).Draw(t, "facts") {
					fact := fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "fact"), i)
					b.Add(group, fact, at)
					facts[[2]string{group, fact}] = true
				}
			case 3:
				f := b.Contention(group)
				f.Reverts = append(f.Reverts, notified.Revert{At: at, Who: texts.Draw(t, "who"), Rule: texts.Draw(t, "rule")})
				b.KeepContention(f)
			case 4:
				b = again(t, b, values)
			}
		}
		b = again(t, b, values)
		for _, o := range b.Open() {
			e, _ := b.Entry(o.Ref())
			if state, was := open[o.Ref()]; !was || state != e.State {
				t.Fatalf("it knows %+v, which was not added so", e)
			}
		}
		for _, group := range groups {
			for i := range 3000 {
				if fact := fmt.Sprint(i); b.Has(group, fact, time.Time{}) && !facts[[2]string{group, fact}] {
					t.Fatalf("it knows the fact %s of %q, which was not noted", fact, group)
				}
			}
		}
	})
}

func TestAnEntryWithoutRoomIsKnownByItsNameAndState(t *testing.T) {
	t.Parallel()
	b, values := &notified.Memory{}, map[int]string{}
	b.Forget(now, now)
	const entries = 250
	of := func(i int) notified.Entry {
		e := entry("sg-1", fmt.Sprintf("ingress tcp %d 10.0.0.0/8", i))
		e.State = fmt.Sprintf("none sgr-%x", uint64(i+1)*0x9e3779b97f4a7c15)
		return e
	}
	for i := range entries {
		b.Keep(of(i))
	}
	b = again(t, b, values)
	if n := len(b.Open()); n == 0 || n == entries || b.IsFull("sg-1", now) {
		t.Fatalf("%d entries are there as they were, full: %v", n, b.IsFull("sg-1", now))
	}
	for i := range entries {
		e, found := b.Find(of(i).Ref(), of(i).State)
		if !found || e.State != of(i).State || !e.NotifiedAt.Equal(now) {
			t.Fatalf("entry %d: got %+v, %v", i, e, found)
		}
	}
	if e, found := b.Find(of(0).Ref(), "another state"); !found || e.State == "another state" {
		t.Errorf("in another state: got %+v, %v", e, found)
	}
	if _, found := b.Find(of(entries).Ref(), ""); found {
		t.Error("it knows an entry that was never kept")
	}
	b.Drop(of(0).Ref())
	if _, found := again(t, b, values).Find(of(0).Ref(), of(0).State); found {
		t.Error("a dropped entry is there")
	}
	for i := range 4 * entries {
		b.Keep(of(i))
	}
	b.Forget(now, now)
	if b = again(t, b, values); !b.IsFull("sg-1", now) || b.IsFull("sg-1", now.Add(time.Second)) {
		t.Error("it does not say since when it is full")
	}
}
