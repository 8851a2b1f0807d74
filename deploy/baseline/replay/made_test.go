package replay

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/baseline/traillog/made"
	"github.com/sgwarden/sgwarden/functions/simulation/naive"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// approvedInMade is what the baselines of the made histories permit. No two rules of a made
// history permit a rule of it together, so that one rule has to do.
const approvedInMade = `mode: enforce
ingress:
  - {protocol: tcp, ports: "443", sources: [0.0.0.0/0, "::/0"]}
  - {protocol: tcp, ports: "8000-9000", sources: [172.16.0.0/12]}
  - {protocol: tcp, ports: "22", sources: [203.0.113.0/25]}
  - {protocol: icmp, ports: all, sources: [10.0.0.0/8]}
egress:
  - {protocol: tcp, ports: "443", destinations: [0.0.0.0/0, "::/0"]}
`

// naivelyInside reports whether one rule permits another, by the packets of package naive.
func naivelyInside(r, permitted naive.Rule) bool {
	isProtocol := permitted.Protocol == "all" || permitted.Protocol == r.Protocol && permitted.First <= r.First && r.Last <= permitted.Last
	isPeer := permitted.Peer == r.Peer || permitted.Prefix.IsValid() && r.Prefix.IsValid() &&
		permitted.Prefix.Bits() <= r.Prefix.Bits() && permitted.Prefix.Contains(r.Prefix.Addr())
	return permitted.Egress == r.Egress && isProtocol && isPeer
}

func naiveOf(r rule.Rule) naive.Rule {
	words := strings.Fields(r.String())
	return naive.New(words[0] == "egress", words[1], words[2], words[3])
}

// expectedOfMade says which calls of the truth would have had rules reverted: every call
// that opens something which nothing permits. unsure are the calls of which the replay says
// that nobody knows the direction: their rules read as those of ingress. Egress to every address is to every prefix
// list too.
func expectedOfMade(o made.Options, guarded map[string]bool, doc *baseline.Document, unsure map[string]bool) []string {
	var permitted []naive.Rule
	for _, r := range doc.PermanentRules() {
		permitted = append(permitted, naiveOf(r))
	}
	expected := []string{}
	for call := range o.Truth() {
		if !guarded[call.GroupID] || call.Failed {
			continue
		}
		for _, opened := range call.Opens {
			r := naiveOf(opened)
			everywhere := r.Egress && r.Protocol == "tcp" && r.First == 443 && r.Last == 443
			if !everywhere && !slices.ContainsFunc(permitted, func(p naive.Rule) bool { return naivelyInside(r, p) }) {
				if unsure[call.EventID] && r.Egress {
					r = r.OtherDirection()
				}
				modified := ""
				if call.Name == "ModifySecurityGroupRules" {
					modified = "modified "
				}
				expected = append(expected, fmt.Sprintf("%s%s %s %s", modified, call.EventID, call.GroupID, r.Text))
			}
		}
	}
	slices.Sort(expected)
	return expected
}

// withoutAll returns what of a list is not in another.
func withoutAll(list, other []string) []string {
	rest := []string{}
	for _, line := range list {
		if _, found := slices.BinarySearch(other, line); !found {
			rest = append(rest, line)
		}
	}
	return rest
}

// TestAMadeHistoryIsReplayedFromItsFiles holds the whole way, from packed files to reverts,
// to what the generator knows of its own calls.
func TestAMadeHistoryIsReplayedFromItsFiles(t *testing.T) {
	t.Parallel()
	o := made.Options{Seed: 17, Calls: *calls, Others: 2, Doubled: 50, Disorder: 20, Odd: true}
	folder := t.TempDir()
	if _, err := o.Write(folder); err != nil {
		t.Fatal(err)
	}
	documents, guarded := Documents{Baselines: map[string]*baseline.Document{}}, map[string]bool{}
	var doc *baseline.Document
	for call := range o.Truth() {
		if guarded[call.GroupID] || call.GroupID == "" {
			continue
		}
		var err error
		if doc, err = yamlfile.Decode([]byte("schema: 1\ngroupId: "+call.GroupID+"\n"+approvedInMade), call.GroupID); err != nil {
			t.Fatal(err)
		}
		guarded[call.GroupID], documents.Baselines[call.GroupID] = true, doc
	}
	got, unsure := []string{}, map[string]bool{}
	r := New(Options{Documents: documents}, func(x Revert) error {
		unsure[x.EventID] = strings.Contains(x.Reason, "the event does not say the direction")
		modified := ""
		if x.EventName == "ModifySecurityGroupRules" {
			modified = "modified "
		}
		got = append(got, fmt.Sprintf("%s%s %s %s", modified, x.EventID, x.GroupID, x.Rule))
		return nil
	})
	tally, err := traillog.Read(context.Background(), traillog.Files([]string{folder}), traillog.Options{TempDir: t.TempDir()}, func(e traillog.Event) error {
		return r.Take(Event{e.Trigger, e.Nothing, e.Record})
	})
	if err != nil || len(tally.Skipped) > 0 {
		t.Fatalf("%v, %+v", err, tally.Skipped)
	}
	result, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	t.Logf("%d reverts of %d changes; not judged: %+v", len(got), result.Changes, result.NotJudged)
	want := expectedOfMade(o, guarded, doc, unsure)
	missing := withoutAll(want, got)
	if len(missing) > 0 {
		t.Logf("not judged, since nobody knows the direction: %d", len(missing))
	}
	for _, line := range missing {
		if !strings.HasPrefix(line, "modified ") {
			t.Errorf("not reverted: %s", line)
		}
	}
	if diff := cmp.Diff([]string{}, withoutAll(got, want)); diff != "" {
		t.Errorf("reverted, and permitted: %.3000s", diff)
	}
	notJudged := 0
	for _, n := range result.NotJudged {
		notJudged += int(n.Calls)
	}
	if notJudged < len(missing) {
		t.Errorf("%d calls are said to be not judged, and %d are missing", notJudged, len(missing))
	}
	if len(want) < 100 {
		t.Errorf("only %d", len(want))
	}
}
