package judge_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

func listDocument(t *testing.T, settings string, cidrs ...string) *baseline.PrefixList {
	t.Helper()
	var entries []string
	for _, c := range cidrs {
		entries = append(entries, `{"cidr":"`+c+`","description":"`+c+` is approved"}`)
	}
	doc, err := baseline.DecodePrefixList([]byte(`{"schema":1,"prefixListId":"pl-0a",`+settings+`"entries":[`+strings.Join(entries, ",")+`]}`), "")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func prefixes(cidrs ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, c := range cidrs {
		all = append(all, netip.MustParsePrefix(c))
	}
	return all
}

func liveEntries(cidrs ...string) []prefixlist.Entry {
	var all []prefixlist.Entry
	for _, p := range prefixes(cidrs...) {
		all = append(all, prefixlist.Entry{Prefix: p})
	}
	return all
}

// listVerdicts writes a decision as lines.
func listVerdicts(d judge.ListDecision) []string {
	var lines []string
	for _, v := range d.Violations {
		line := "violation " + v.Prefix.String()
		for _, is := range []struct {
			so   bool
			word string
		}{{v.NotLive, " gone"}, {v.OpenedByEvent, " by the event"}, {v.Public, " public"}} {
			if is.so {
				line += is.word
			}
		}
		lines = append(lines, line)
	}
	for _, e := range d.Protect {
		lines = append(lines, "protect "+e.Prefix.String()+" "+e.Description)
	}
	for _, e := range d.Missing {
		lines = append(lines, "missing "+e.Prefix.String())
	}
	for _, e := range d.InGrace {
		lines = append(lines, "in grace "+e.Prefix.String())
	}
	return lines
}

func TestAPrefixListIsJudgedByItsDocument(t *testing.T) {
	t.Parallel()
	event := func(added, removed []netip.Prefix) trail.Trigger {
		return trail.Trigger{EventID: "e", MayRemove: len(removed) > 0 || len(added) == 0, Entries: trail.EntryChanges{Added: added, Removed: removed}}
	}
	cases := map[string]struct {
		approved, live []string
		settings       string
		hint           trail.Trigger
		want           []string
	}{
		"what is approved": {approved: []string{"10.0.0.0/8"}, live: []string{"10.0.0.0/8"}},
		"a part of what is approved is permitted, and the rest is missing": {
			approved: []string{"10.0.0.0/8"}, live: []string{"10.1.0.0/16"}, want: []string{"missing 10.0.0.0/8"},
		},
		"two approved halves cover the whole":                {approved: []string{"10.0.0.0/9", "10.128.0.0/9"}, live: []string{"10.0.0.0/8"}},
		"two live halves make an approved entry not missing": {approved: []string{"10.0.0.0/8"}, live: []string{"10.0.0.0/9", "10.128.0.0/9"}},
		"the world":                             {live: []string{"0.0.0.0/0"}, want: []string{"violation 0.0.0.0/0 public"}},
		"private addresses":                     {live: []string{"192.168.0.0/16"}, want: []string{"violation 192.168.0.0/16"}},
		"public addresses beside approved ones": {approved: []string{"20.0.0.0/24"}, live: []string{"20.0.0.0/24", "20.0.1.0/24"}, want: []string{"violation 20.0.1.0/24 public"}},
		"private addresses around approved public ones": {
			approved: []string{"11.0.0.0/8"}, live: []string{"10.0.0.0/7", "11.0.0.0/8"}, want: []string{"violation 10.0.0.0/7"},
		},
		"an empty document permits nothing": {live: []string{"10.0.0.0/8"}, want: []string{"violation 10.0.0.0/8"}},
		"an empty list lacks everything":    {approved: []string{"10.0.0.0/8", "20.0.0.0/24"}, want: []string{"missing 10.0.0.0/8", "missing 20.0.0.0/24"}},
		"a wider entry of unknown origin carries approved addresses": {
			approved: []string{"10.1.0.0/16"}, live: []string{"10.0.0.0/8"},
			want: []string{"violation 10.0.0.0/8", "protect 10.1.0.0/16 10.1.0.0/16 is approved"},
		},
		"a wider entry beside an approved one carries nothing": {
			approved: []string{"10.1.0.0/16"}, live: []string{"10.0.0.0/8", "10.1.0.0/16"}, want: []string{"violation 10.0.0.0/8"},
		},
		"a narrower entry carries only its own part": {
			approved: []string{"10.0.0.0/8"}, live: []string{"10.0.0.0/7"}, hint: event(nil, nil),
			want: []string{"violation 10.0.0.0/7 public", "protect 10.0.0.0/8 10.0.0.0/8 is approved"},
		},
		"what the event added carried nothing before": {
			approved: []string{"10.1.0.0/16"}, live: []string{"10.0.0.0/8"}, hint: event(prefixes("10.0.0.0/8"), nil),
			want: []string{"violation 10.0.0.0/8 by the event"},
		},
		"what the event put instead of an approved entry carries it": {
			approved: []string{"10.1.0.0/16", "10.2.0.0/16"}, live: []string{"10.0.0.0/8"}, hint: event(prefixes("10.0.0.0/8"), prefixes("10.1.0.0/16")),
			want: []string{"violation 10.0.0.0/8 by the event", "protect 10.1.0.0/16 10.1.0.0/16 is approved"},
		},
		"with restore, all that is missing once the violation is out": {
			approved: []string{"10.1.0.0/16", "10.2.0.0/16"}, live: []string{"10.0.0.0/8"}, settings: `"restore":true,`, hint: event(prefixes("10.0.0.0/8"), prefixes("10.1.0.0/16")),
			want: []string{"violation 10.0.0.0/8 by the event", "protect 10.1.0.0/16 10.1.0.0/16 is approved", "missing 10.2.0.0/16"},
		},
		"what an event took out is missing, and nothing else is": {
			approved: []string{"10.1.0.0/16", "10.2.0.0/16"}, hint: event(nil, prefixes("10.1.2.0/24")), want: []string{"missing 10.1.0.0/16"},
		},
		"an event that added something does not say what was missing": {
			approved: []string{"10.1.0.0/16", "10.2.0.0/16"}, live: []string{"10.1.0.0/16"}, hint: event(prefixes("10.1.0.0/16"), nil),
		},
		"with restore any event says what is missing": {
			approved: []string{"10.1.0.0/16", "10.2.0.0/16"}, live: []string{"10.1.0.0/16"}, settings: `"restore":true,`, hint: event(prefixes("10.1.0.0/16"), nil),
			want: []string{"missing 10.2.0.0/16"},
		},
		"what the event added and somebody took out": {
			approved: []string{"10.0.0.0/8"}, live: []string{"10.0.0.0/8"}, hint: event(prefixes("0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/8"), nil),
			want: []string{"violation 0.0.0.0/0 gone by the event public"},
		},
		"a sweep names nobody": {live: []string{"10.0.0.0/8"}, hint: trail.Trigger{Entries: trail.EntryChanges{Added: prefixes("10.0.0.0/8")}}, want: []string{"violation 10.0.0.0/8"}},
		"all public IPv6":      {approved: []string{"2600::/12"}, live: []string{"2600::/12", "::/0"}, want: []string{"violation ::/0 public"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.hint.EventID == "" {
				c.hint.MayRemove = true // as a sweep does
			}
			d := judge.ByPrefixList(listDocument(t, c.settings, c.approved...), judge.ListGrace{}, c.hint, liveEntries(c.live...))
			if diff := cmp.Diff(c.want, listVerdicts(d)); diff != "" {
				t.Error(diff)
			}
			if d.Empty() != (len(c.want) == 0) {
				t.Errorf("it is empty: %v", d.Empty())
			}
		})
	}
}

func TestWhyAnEntryIsNotPermitted(t *testing.T) {
	t.Parallel()
	doc := listDocument(t, `"mode":"alert",`, "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16")
	d := judge.ByPrefixList(doc, judge.ListGrace{}, trail.Trigger{}, liveEntries("0.0.0.0/0", "20.0.0.0/24", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16"))
	want := []string{
		"only part of 0.0.0.0/0 is approved: 10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16 and 1 more",
		"no approved entry covers 20.0.0.0/24",
	}
	var got []string
	for _, v := range d.Violations {
		got = append(got, v.Reason)
	}
	if diff := cmp.Diff(want, got); diff != "" || d.Enforce {
		t.Error(diff, d.Enforce)
	}
}

// TestWhatADocumentPermittedUntilRecentlyStaysPermitted: versions 1, 2 and 3 were
// written 30, 5 and 1 minutes ago.
func TestWhatADocumentPermittedUntilRecentlyStaysPermitted(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	version := func(number int64, minutesAgo int, cidr string) baseline.Version {
		data, err := baseline.EncodePrefixList(listDocument(t, "", cidr))
		if err != nil {
			t.Fatal(err)
		}
		return baseline.Version{Stored: baseline.Stored{Version: number, Value: data, ModifiedAt: now.Add(-time.Duration(minutesAgo) * time.Minute)}}
	}
	versions := []baseline.Version{version(1, 30, "10.0.0.0/9"), version(2, 5, "10.128.0.0/9"), version(3, 1, "20.0.0.0/24")}
	cases := map[string]struct {
		grace time.Duration
		live  []string
		want  []string
	}{
		"ten minutes reach to version 1":     {10 * time.Minute, []string{"10.0.0.0/9", "20.0.0.0/24"}, []string{"in grace 10.0.0.0/9"}},
		"two versions together":              {10 * time.Minute, []string{"10.0.0.0/8", "20.0.0.0/24"}, []string{"in grace 10.0.0.0/8"}},
		"three minutes reach to version 2":   {3 * time.Minute, []string{"10.0.0.0/9", "20.0.0.0/24"}, []string{"violation 10.0.0.0/9"}},
		"no grace":                           {0, []string{"10.128.0.0/9", "20.0.0.0/24"}, []string{"violation 10.128.0.0/9"}},
		"nothing that no version ever did":   {10 * time.Minute, []string{"30.0.0.0/24", "20.0.0.0/24"}, []string{"violation 30.0.0.0/24 public"}},
		"a grace that has ended is no grace": {time.Minute, []string{"10.128.0.0/9", "20.0.0.0/24"}, []string{"violation 10.128.0.0/9"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := listDocument(t, "", "20.0.0.0/24")
			grace, err := judge.ListGraceOf(doc, versions[2].Stored, versions, c.grace, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, listVerdicts(judge.ByPrefixList(doc, grace, trail.Trigger{}, liveEntries(c.live...)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
