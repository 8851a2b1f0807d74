package picture_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/deploy/golden"
)

// tiers are a load balancer, a front end and a database, and an old group that nobody
// guards.
func tiers(t testing.TB) []picture.Group {
	t.Helper()
	return []picture.Group{
		approving(t, "sg-0a", "alb", "ingress tcp 443 0.0.0.0/0", "egress tcp 80 sg-0b"),
		approving(t, "sg-0b", "front", "ingress tcp 80 sg-0a", "egress tcp 5432 sg-0c"),
		approving(t, "sg-0c", "db", "ingress tcp 5432 sg-0b"),
	}
}

// onPaths writes each path in a line, with the ports of the steps.
func onPaths(a picture.Answer) []string {
	var all []string
	for _, path := range a.Paths {
		text := a.From.ID
		for _, s := range path.Steps {
			text += " -" + s.Ports + "-> " + s.To.ID
			if s.If != "" {
				text += " (" + s.If + ")"
			}
		}
		all = append(all, text)
	}
	return all
}

func TestPathsFromOneEndToAnother(t *testing.T) {
	t.Parallel()
	violating := living(t, "sg-0c", "db", "ingress tcp 22 0.0.0.0/0", "ingress tcp 5432 sg-0b")
	violating = marked(t, violating, "ingress tcp 22 0.0.0.0/0", picture.Mark{State: picture.Violating})
	violating = marked(t, violating, "ingress tcp 23 0.0.0.0/0", picture.Mark{State: picture.Missing})
	cases := map[string]struct {
		groups   []picture.Group
		from, to string
		want     []string
	}{
		"through all tiers":                   {tiers(t), "internet", "name:db", []string{"internet -tcp 443-> sg-0a -tcp 80-> sg-0b -tcp 5432-> sg-0c"}},
		"from a group":                        {tiers(t), "sg-0b", "sg-0c", []string{"sg-0b -tcp 5432-> sg-0c"}},
		"against the direction":               {tiers(t), "sg-0c", "sg-0a", nil},
		"from an address of the internet":     {tiers(t), "20.1.2.3", "sg-0a", []string{"20.1.2.3/32 -tcp 443-> sg-0a"}},
		"from IPv6, which nothing lets in":    {tiers(t), "2600::/32", "sg-0a", nil},
		"from a private range, which has 443": {tiers(t), "10.0.0.0/8", "sg-0b", []string{"10.0.0.0/8 -tcp 443-> sg-0a -tcp 80-> sg-0b"}},
		"a rule for a part of a range": {
			[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 22 10.1.0.0/16")},
			"10.0.0.0/8", "sg-0a",
			[]string{"10.0.0.0/8 -tcp 22-> sg-0a (if the addresses lie in 10.1.0.0/16)"},
		},
		"a rule for more than a range": {
			[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 22 10.0.0.0/8")}, "10.1.0.0/16", "sg-0a", []string{"10.1.0.0/16 -tcp 22-> sg-0a"},
		},
		"a sender that does not permit it": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress tcp 81 sg-0b"), approving(t, "sg-0b", "api", "ingress tcp 80 sg-0a")}, "sg-0a", "sg-0b", nil,
		},
		"a sender that permits some of it": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress tcp 80-90 sg-0b"), approving(t, "sg-0b", "api", "ingress tcp 85-99 sg-0a")},
			"sg-0a", "sg-0b",
			[]string{"sg-0a -tcp 85-90-> sg-0b"},
		},
		"a sender that permits everything": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress all all 0.0.0.0/0"), approving(t, "sg-0b", "api", "ingress tcp 80 sg-0a")},
			"sg-0a", "sg-0b",
			[]string{"sg-0a -tcp 80-> sg-0b"},
		},
		"a sender whose egress nobody guards": {
			[]picture.Group{{ID: "sg-0a", HasBaseline: true, Guarded: both[:1]}, approving(t, "sg-0b", "api", "ingress tcp 80 sg-0a")},
			"sg-0a", "sg-0b",
			[]string{"sg-0a -tcp 80-> sg-0b (if sg-0a permits it, which is not known: no baseline guards its egress)"},
		},
		"a receiver whose ingress nobody guards": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress tcp 80 sg-0b"), {ID: "sg-0b", HasBaseline: true, Guarded: both[1:]}},
			"sg-0a", "sg-0b",
			[]string{"sg-0a -tcp 80-> sg-0b (if sg-0b permits it, which is not known: no baseline guards its ingress)"},
		},
		"a group whose addresses may lie in a range": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress all all 0.0.0.0/0"), approving(t, "sg-0b", "api", "ingress tcp 80 10.0.0.0/8")},
			"sg-0a", "sg-0b",
			[]string{"sg-0a -tcp 80-> sg-0b (if the addresses lie in 10.0.0.0/8)"},
		},
		"a sure way is reported, and not what perhaps is one too": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress all all 0.0.0.0/0"), approving(t, "sg-0b", "api", "ingress tcp 80 sg-0a", "ingress tcp 81 10.0.0.0/8")},
			"sg-0a", "sg-0b",
			[]string{"sg-0a -tcp 80-> sg-0b"},
		},
		"a live rule that is not permitted is a way, a missing one is none": {
			append(tiers(t)[:2], violating), "internet", "sg-0c",
			[]string{"internet -tcp 22-> sg-0c", "internet -tcp 443-> sg-0a -tcp 80-> sg-0b -tcp 5432-> sg-0c"},
		},
		"out to the internet": {
			append(tiers(t), approving(t, "sg-0d", "batch", "ingress tcp 1 sg-0c", "egress tcp 443 0.0.0.0/0")), "sg-0d", "internet", []string{"sg-0d -tcp 443-> internet"},
		},
		"a circle of groups is no endless path": {
			[]picture.Group{
				approving(t, "sg-0a", "a", "ingress tcp 1 sg-0b", "egress tcp 1 sg-0b", "ingress tcp 1 0.0.0.0/0"), approving(t, "sg-0b", "b", "ingress tcp 1 sg-0a", "egress tcp 1 sg-0a", "egress tcp 1 sg-0c"),
				approving(t, "sg-0c", "c", "ingress tcp 1 sg-0b"),
			},
			"internet", "sg-0c",
			[]string{"internet -tcp 1-> sg-0a -tcp 1-> sg-0b -tcp 1-> sg-0c"},
		},
		"from a group outside of the picture": {[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 80 sg-0e")}, "sg-0e", "sg-0a", []string{"sg-0e -tcp 80-> sg-0a"}},
		"from a prefix list":                  {[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 80 pl-0e")}, "pl-0e", "sg-0a", []string{"pl-0e -tcp 80-> sg-0a"}},
		"groups that are named in files": {
			[]picture.Group{{ID: "name:web", HasBaseline: true, Guarded: both, Approved: approving(t, "", "", "ingress tcp 80 0.0.0.0/0").Approved}},
			"internet", "name:web",
			[]string{"internet -tcp 80-> name:web"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, err := picture.New(c.groups, now, picture.Options{}).Paths(c.from, c.to)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, onPaths(answer)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnAnswerInWords(t *testing.T) {
	t.Parallel()
	groups := drifting(t)
	groups[1].Live = append(groups[1].Live, living(t, "", "", "ingress tcp 22 0.0.0.0/0").Live...)
	groups[1] = marked(t, groups[1], "ingress tcp 22 0.0.0.0/0", picture.Mark{State: picture.Ending, Until: now.Add(48 * time.Hour)})
	p := picture.New(groups, now, picture.Options{})
	var text strings.Builder
	for _, ends := range [][2]string{{"internet", "name:db"}, {"10.0.0.0/8", "name:api"}, {"name:db", "name:web"}} {
		answer, err := p.Paths(ends[0], ends[1])
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(answer.Text() + "----\n")
	}
	golden.Compare(t, "paths.txt", text.String())
}

func TestASearchIsBounded(t *testing.T) {
	t.Parallel()
	var mesh []picture.Group
	const size = 30
	for i := range size {
		var rules []string
		for j := range size {
			rules = append(rules, "ingress tcp 80 "+meshID(j), "egress tcp 80 "+meshID(j))
		}
		mesh = append(mesh, approving(t, meshID(i), "", rules...))
	}
	mesh[0].Approved = append(mesh[0].Approved, approving(t, "", "", "ingress tcp 80 0.0.0.0/0").Approved...)
	begun := time.Now()
	answer, err := picture.New(mesh, now, picture.Options{}).Paths("internet", meshID(size-1))
	if err != nil || !answer.More || len(answer.Paths) != 50 || len(answer.Paths[0].Steps) != 2 || time.Since(begun) > time.Minute {
		t.Errorf("%v: %d paths, more %v, after %s", err, len(answer.Paths), answer.More, time.Since(begun))
	}
	if !strings.HasPrefix(answer.Text(), "more than 50 paths from Internet to "+meshID(size-1)+"; these are the shortest\n") {
		t.Error(answer.Text()[:200])
	}
}

func meshID(i int) string { return "sg-m" + string(rune('a'+i/10)) + string(rune('0'+i%10)) }

func TestAnEndThatThereIsNot(t *testing.T) {
	t.Parallel()
	groups := append(tiers(t), approving(t, "sg-0d", "front"))
	for end, says := range map[string]string{
		"name:dbb":      `none of the 4 groups of the picture is called "dbb"; did you mean db?`,
		"name:front":    `2 groups of the picture are called "front": sg-0b, sg-0d: name the id`,
		"sg-0aa":        "sg-0aa is not in the picture, and no rule of its 4 groups names it; did you mean sg-0a?",
		"Internet":      `"Internet" is no end of a path: want internet, a CIDR such as 203.0.113.0/24, the id of a group, or name:web`,
		"10.0.0.1/8":    "10.0.0.1/8 has host bits set",
		"10.0.0.0/40":   `"10.0.0.0/40" is not a CIDR`,
		"pl-0123456789": "pl-0123456789 is not in the picture",
	} {
		for _, ends := range [][2]string{{end, "sg-0c"}, {"internet", end}} {
			if _, err := picture.New(groups, now, picture.Options{}).Paths(ends[0], ends[1]); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%v: got %v", ends, err)
			}
		}
	}
	if _, err := picture.New(groups, now, picture.Options{}).Paths("sg-0a", "name:alb"); err == nil || !strings.Contains(err.Error(), "both ends are alb (sg-0a)") {
		t.Errorf("got %v", err)
	}
}

// TestWhatAnAnswerCanNotKnowIsReported has a twin in which there is nothing to report.
func TestWhatAnAnswerCanNotKnowIsReported(t *testing.T) {
	t.Parallel()
	groups := tiers(t)
	groups[2].Approved = append(groups[2].Approved, approving(t, "", "", "ingress tcp 22 sg-0e").Approved...)
	groups[0].Guarded = nil
	for name, c := range map[string]struct {
		groups []picture.Group
		want   []string
	}{
		"all is known": {tiers(t), []string{}},
		"a group outside, and one whose ingress nobody guards": {groups, []string{
			"what alb (sg-0a) lets in is not known: no baseline guards its ingress",
			"db (sg-0c) lets in the group sg-0e, which is not in the picture: who reaches that group is not known",
		}},
	} {
		answer, err := picture.New(c.groups, now, picture.Options{}).Paths("internet", "sg-0c")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, answer.Remarks); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
