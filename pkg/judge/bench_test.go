package judge

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// BenchmarkEventToVerdict is the pure way: the event's and the baseline's bytes
// in, verdicts out. The group has as many rules as its baseline, and the one
// that the event names beside them.
func BenchmarkEventToVerdict(b *testing.B) {
	message := events.MustRead("authorize-ingress-ipv4")
	now := time.Date(2026, 11, 21, 19, 52, 51, 0, time.UTC)
	opened := rule.EC2{Direction: rule.Ingress, Protocol: "tcp", From: new(22), To: new(22), CIDR: "0.0.0.0/0"}
	for _, c := range []struct {
		name       string
		rules      int
		approved   bool
		violations int
	}{
		{"3 rules, permitted", 3, true, 0},
		{"3 rules, violation", 3, false, 1},
		{"60 rules, violation", 60, false, 1},
		{"1000 rules, violation", 1000, false, 1},
	} {
		document, live := group(b, c.rules, c.approved)
		r, err := opened.Canonical()
		if err != nil {
			b.Fatal(err)
		}
		live = append(live, secgroup.LiveRule{ID: "sgr-0d28aecb82750f866", Rule: r})
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(message) + len(document)))
			for b.Loop() {
				trigger, nothing := trail.Parse(message)
				if nothing != nil {
					b.Fatal(nothing)
				}
				doc, err := baseline.Decode(document, trigger.GroupID)
				if err != nil {
					b.Fatal(err)
				}
				if d := ByBaseline(doc, Grounds{}, trigger, live, now); len(d.Violations) != c.violations || len(d.Protect) != 0 {
					b.Fatalf("got %+v", d)
				}
			}
		})
	}
}

// TestTheWayFromAnEventToAVerdictAllocatesLittle guards the hot path without a clock. An
// event that doesn't concern sgwarden costs next to nothing.
func TestTheWayFromAnEventToAVerdictAllocatesLittle(t *testing.T) { // AllocsPerRun counts all goroutines', so this test doesn't run in parallel
	message, now := events.MustRead("authorize-ingress-ipv4"), time.Date(2026, 11, 21, 19, 52, 51, 0, time.UTC)
	document, live := group(t, 3, false)
	for name, c := range map[string]struct {
		most float64
		run  func()
	}{
		"an event to its verdict": {310, func() {
			trigger, _ := trail.Parse(message)
			doc, err := baseline.Decode(document, trigger.GroupID)
			if err != nil {
				t.Fatal(err)
			}
			ByBaseline(doc, Grounds{}, trigger, live, now)
		}},
		"an event of another service": {40, func() {
			if _, nothing := trail.Parse([]byte(`{"detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}}`)); nothing == nil {
				t.Fatal("it concerns sgwarden")
			}
		}},
	} {
		if got := testing.AllocsPerRun(20, c.run); got > c.most {
			t.Errorf("%s: %.0f allocations, want up to %.0f", name, got, c.most)
		} else {
			t.Logf("%s: %.0f allocations", name, got)
		}
	}
}

// group makes a baseline of n rules, no two of which make up a third, and live
// rules that are the same.
func group(b testing.TB, n int, approveSSH bool) (document []byte, live []secgroup.LiveRule) {
	doc := baseline.Document{Schema: baseline.SchemaVersion, GroupID: "sg-0a1b2c3d4e5f60718", Egress: []baseline.Entry{}}
	for i := range n {
		doc.Ingress = append(doc.Ingress, baseline.Entry{Protocol: "tcp", Ports: fmt.Sprint(8000 + i%10), Sources: []string{fmt.Sprintf("10.%d.%d.0/24", i/250, i%250)}})
	}
	if approveSSH {
		doc.Ingress = append(doc.Ingress, baseline.Entry{Protocol: "tcp", Ports: "22", Sources: []string{"0.0.0.0/0"}})
	}
	document, err := json.Marshal(doc)
	if err != nil {
		b.Fatal(err)
	}
	decoded, err := baseline.Decode(document, doc.GroupID)
	if err != nil {
		b.Fatal(err)
	}
	for i, r := range decoded.PermanentRules()[:n] {
		live = append(live, secgroup.LiveRule{ID: fmt.Sprintf("sgr-%d", i), Rule: r})
	}
	return document, live
}
