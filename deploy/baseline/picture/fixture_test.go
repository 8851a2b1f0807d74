package picture_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// now is when the pictures of these tests are made.
var now = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

var both = []rule.Direction{rule.Ingress, rule.Egress}

func parsed(t testing.TB, text string) rule.Rule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// approving is a group whose baseline permits some rules and guards both directions.
func approving(t testing.TB, id, name string, rules ...string) picture.Group {
	t.Helper()
	g := picture.Group{ID: id, Name: name, HasBaseline: true, Guarded: both}
	for _, text := range rules {
		g.Approved = append(g.Approved, secgroup.ApprovedRule{Rule: parsed(t, text)})
	}
	return g
}

// living is a group with a baseline and with these live rules.
func living(t testing.TB, id, name string, rules ...string) picture.Group {
	t.Helper()
	g := picture.Group{ID: id, Name: name, VPC: "vpc-0a", HasBaseline: true, Guarded: both, LiveRead: true, Marks: map[rule.Rule]picture.Mark{}}
	for _, text := range rules {
		g.Live = append(g.Live, secgroup.LiveRule{Rule: parsed(t, text), GroupOwner: "111122223333"})
	}
	return g
}

// marked returns the group with a mark on a rule.
func marked(t testing.TB, g picture.Group, text string, m picture.Mark) picture.Group {
	t.Helper()
	g.Marks[parsed(t, text)] = m
	return g
}

// drifting are live groups with a line of each kind.
func drifting(t testing.TB) []picture.Group {
	t.Helper()
	web := living(
		t, "sg-0a", "web", "ingress tcp 443 0.0.0.0/0", "ingress tcp 443 ::/0", "ingress tcp 22 0.0.0.0/0", "ingress tcp 22 198.51.100.7/32",
		"egress tcp 8080 sg-0b", "egress tcp 9090 sg-0b",
	)
	web = marked(t, web, "ingress tcp 22 0.0.0.0/0", picture.Mark{State: picture.Violating, Says: "would be revoked"})
	web = marked(t, web, "ingress tcp 22 198.51.100.7/32", picture.Mark{State: picture.Ending, Until: now.Add(8 * time.Hour), Says: "INC-1"})
	api := living(t, "sg-0b", "api", "ingress tcp 8080 sg-0a", "ingress tcp 8080 sg-0f", "ingress tcp 22 10.0.0.0/8", "egress all all 0.0.0.0/0", "egress tcp 443 pl-0c")
	api.Live[1].Owner = "444455556666"
	db := living(t, "sg-0c", "db", "ingress tcp 5432 sg-0b", "ingress all all sg-0c")
	db = marked(t, db, "ingress tcp 6379 sg-0b", picture.Mark{State: picture.Missing, Says: "missing: would be reported"})
	old := living(t, "sg-0d", "old", "ingress tcp 3306 sg-0c")
	old.HasBaseline, old.Guarded = false, nil
	return []picture.Group{web, api, db, old, {ID: "pl-0c", Name: "partners"}}
}

// many are groups in a chain of tiers, several of a tier in each VPC.
func many(t testing.TB, count int) []picture.Group {
	t.Helper()
	var groups []picture.Group
	id := func(i int) string { return fmt.Sprintf("sg-%04d", i) }
	for i := range count {
		tier, team := i%4, i/4
		rules := []string{"ingress tcp 443 0.0.0.0/0"}
		if tier > 0 {
			rules = []string{fmt.Sprintf("ingress tcp %d %s", 8000+tier, id(i-1))}
		}
		if tier < 3 && i+1 < count {
			rules = append(rules, fmt.Sprintf("egress tcp %d %s", 8001+tier, id(i+1)))
		}
		if team > 0 && tier == 2 {
			rules = append(rules, "ingress tcp 8002 "+id(i-5), "egress tcp 443 0.0.0.0/0")
		}
		g := living(t, id(i), fmt.Sprintf("team%02d-%s", team, []string{"alb", "front", "api", "db"}[tier]), rules...)
		g.VPC, g.Tags = fmt.Sprintf("vpc-%02d", team%3), map[string]string{"team": fmt.Sprintf("team %d", team%5)}
		groups = append(groups, g)
	}
	return groups
}
