package flowlog_test

import (
	"context"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/deploy/baseline/flowlog"
	"github.com/sgwarden/sgwarden/deploy/baseline/flowlog/made"
	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

func logOf(text string) traillog.Sources {
	return func(yield func(traillog.Source, error) bool) {
		yield(traillog.Source{Name: "made", Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}, nil)
	}
}

func drawRules(t *rapid.T) []rule.Rule {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rule.Rule {
		words := []string{
			rapid.SampledFrom([]string{"ingress", "egress"}).Draw(t, "direction"),
			rapid.SampledFrom([]string{"tcp", "udp", "icmp", "all"}).Draw(t, "protocol"), "all",
			rapid.SampledFrom([]string{"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "203.0.113.0/24", "198.51.100.0/28", "172.16.0.0/12", "::/0", "sg-0web", "sg-0db"}).Draw(t, "peer"),
		}
		if words[1] == "tcp" || words[1] == "udp" {
			words[2] = rapid.SampledFrom([]string{"all", "443", "1-1023", "2000-9999", "5432", "32768-65535", "50051"}).Draw(t, "ports")
		}
		r, err := rule.Parse(strings.Join(words, " "))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}), 1, 6).Draw(t, "rules")
}

// carries is the naive answer to whether a rule let a connection pass.
func carries(r rule.Rule, c made.Connection) bool {
	ports := c.Protocol == rule.ICMP || r.Protocol == rule.All || c.Port >= r.Ports.From && c.Port <= r.Ports.To
	if r.Direction != c.Direction || r.Protocol != rule.All && r.Protocol != c.Protocol || !ports {
		return false
	}
	if r.Peer.Kind == rule.CIDR {
		return r.Peer.Prefix.Contains(c.Peer)
	}
	for _, i := range made.Interfaces {
		if i.Group == r.Peer.ID && i.Addr == c.Peer.String() {
			return true
		}
	}
	return false
}

// asRule is the narrowest rule for a connection. peer is the peer of the rule that the connection came through.
func asRule(c made.Connection, peer rule.Peer) rule.Rule {
	r := rule.Rule{Direction: c.Direction, Protocol: c.Protocol, Ports: rule.Ports{From: c.Port, To: c.Port}, Peer: peer}
	if c.Protocol == rule.ICMP {
		r.Ports = rule.AllPorts
	}
	if peer.Kind == rule.CIDR {
		r.Peer.Prefix = netip.PrefixFrom(c.Peer, 32)
	}
	return r
}

// TestNoRuleThatWasNeededIsCalledSilent makes logs of known connections. Whatever the log leaves out, a rule that let a
// connection pass counts as seen, the narrower rules let the connection pass too, and they open nothing that the rule
// does not.
func TestNoRuleThatWasNeededIsCalledSilent(t *testing.T) {
	t.Parallel()
	var silent, seen, narrower int
	rapid.Check(t, func(t *rapid.T) {
		text, truth := made.Log(made.Options{
			Seed: rapid.Uint64().Draw(t, "seed"), Connections: rapid.IntRange(1, 300).Draw(t, "n"), Full: rapid.Bool().Draw(t, "full"),
			From: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), For: 31 * 24 * time.Hour,
		})
		if !strings.HasPrefix(text, "version") {
			text = strings.ReplaceAll("\n"+text, "\n5 ", "\n2 ")
		}
		rules := map[string][]rule.Rule{"sg-0web": drawRules(t), "sg-0db": drawRules(t)}
		interfaces := flowlog.Interfaces{}
		if err := interfaces.Add([]byte(made.Snapshot())); err != nil {
			t.Fatal(err)
		}
		w := flowlog.NewWatch([]flowlog.Group{{ID: "sg-0web", Rules: rules["sg-0web"]}, {ID: "sg-0db", Rules: rules["sg-0db"]}}, interfaces, nil)
		tally, err := flowlog.Read(t.Context(), logOf(text), nil, w.See)
		if err != nil || len(tally.Skipped) > 0 {
			t.Fatalf("%v, %+v", err, tally)
		}
		for group, approved := range rules {
			for _, r := range approved {
				v := w.Verdict(group, r)
				if v.NotJudged != "" {
					continue
				}
				check(t, group, v, truth)
				switch {
				case !v.Seen:
					silent++
				case len(v.Narrower) > 0:
					narrower++
				default:
					seen++
				}
			}
		}
	})
	if silent == 0 || seen == 0 || narrower == 0 {
		t.Errorf("%d silent, %d seen, %d narrower: the logs don't try everything", silent, seen, narrower)
	}
}

func check(t *rapid.T, group string, v flowlog.Verdict, truth []made.Connection) {
	original, narrower := rule.Compile([]rule.Rule{v.Rule}), rule.Compile(v.Narrower)
	for _, n := range v.Narrower {
		if !original.Permits(n, rule.Covered) {
			t.Fatalf("%s is not within %s", n, v.Rule)
		}
	}
	for _, c := range truth {
		if !isOf(c, group) || !carries(v.Rule, c) {
			continue
		}
		if !v.Seen {
			t.Fatalf("%s carried %+v, and no traffic was seen", v.Rule, c)
		}
		if wanted := asRule(c, v.Rule.Peer); len(v.Narrower) > 0 && !narrower.Permits(wanted, rule.Covered) {
			t.Fatalf("%s saw %s, which %v do not cover", v.Rule, wanted, v.Narrower)
		}
	}
}

func isOf(c made.Connection, group string) bool {
	for _, i := range made.Interfaces {
		if i.ID == c.Interface {
			return i.Group == group
		}
	}
	return false
}
