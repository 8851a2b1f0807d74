package picture_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/deploy/golden"
)

func TestAPictureWithALineOfEachKind(t *testing.T) {
	t.Parallel()
	p := picture.New(drifting(t), now, picture.Options{})
	golden.Compare(t, "drift.mmd", p.Mermaid())
	golden.Compare(t, "drift.dot", p.DOT())
	golden.Compare(t, "drift.txt", p.Text())
	if !p.Drifts() {
		t.Error("nothing drifts")
	}
}

func TestWhatIsThePictureOfARule(t *testing.T) {
	t.Parallel()
	ended := approving(t, "sg-0a", "web")
	ended.Approvals = []picture.Approval{{Rules: approving(t, "", "", "ingress tcp 22 10.0.0.0/8").Rules(), Until: now}}
	approved := approving(t, "sg-0a", "web")
	approved.Approvals = []picture.Approval{{Rules: approving(t, "", "", "ingress tcp 22 10.0.0.0/8").Rules(), Until: now.Add(1)}}
	violating, ending := picture.Mark{State: picture.Violating}, picture.Mark{State: picture.Ending, Until: now.Add(1)}
	cases := map[string]struct {
		groups []picture.Group
		want   []string
	}{
		"an ingress and the egress of the other side are one line": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress tcp 80 sg-0b"), approving(t, "sg-0b", "api", "ingress tcp 80 sg-0a")},
			[]string{"sg-0a > sg-0b: tcp 80 permitted"},
		},
		"what both sides permit is on the line": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress all all sg-0b"), approving(t, "sg-0b", "api", "ingress tcp 80-90 sg-0a", "ingress udp 53 sg-0a")},
			[]string{"sg-0a > sg-0b: tcp 80-90; udp 53 permitted"},
		},
		"egress to everywhere is joined with an ingress": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress all all 0.0.0.0/0"), approving(t, "sg-0b", "api", "ingress tcp 80 sg-0a")},
			[]string{"sg-0a > internet: all traffic permitted", "sg-0a > sg-0b: tcp 80 permitted"},
		},
		"an ingress without its egress": {
			[]picture.Group{approving(t, "sg-0a", "web", "egress tcp 81 sg-0b"), approving(t, "sg-0b", "api", "ingress tcp 80 sg-0a")},
			[]string{"sg-0a > sg-0b: tcp 81 permitted, only egress permits this", "sg-0a > sg-0b: tcp 80 permitted, only ingress permits this"},
		},
		"a violating rule and a permitted one on the other side are one violating line": {
			[]picture.Group{living(t, "sg-0a", "web", "egress tcp 80 sg-0b"), marked(t, living(t, "sg-0b", "api", "ingress tcp 80-90 sg-0a"), "ingress tcp 80-90 sg-0a", violating)},
			[]string{"sg-0a > sg-0b: tcp 80-90 violating"},
		},
		"a violating rule beside one that is permitted changes nothing": {
			[]picture.Group{marked(t, living(t, "sg-0a", "web", "egress tcp 80 sg-0b", "egress all all 0.0.0.0/0"), "egress all all 0.0.0.0/0", violating), living(t, "sg-0b", "api", "ingress tcp 80 sg-0a")},
			[]string{"sg-0a > internet: all traffic violating", "sg-0a > sg-0b: tcp 80 permitted"},
		},
		"what ends on one side ends": {
			[]picture.Group{marked(t, living(t, "sg-0a", "web", "egress tcp 80 sg-0b"), "egress tcp 80 sg-0b", ending), living(t, "sg-0b", "api", "ingress tcp 80 sg-0a")},
			[]string{"sg-0a > sg-0b: tcp 80 ending"},
		},
		"a group that nobody guards beside one that is guarded": {
			[]picture.Group{{ID: "sg-0a", LiveRead: true, Live: living(t, "", "", "egress tcp 80 sg-0b").Live}, living(t, "sg-0b", "api", "ingress tcp 80 sg-0a")},
			[]string{"sg-0a > sg-0b: tcp 80 permitted"},
		},
		"groups that nobody guards": {
			[]picture.Group{{ID: "sg-0a", LiveRead: true, Live: living(t, "", "", "egress tcp 80 sg-0b").Live}, {ID: "sg-0b", LiveRead: true, Live: living(t, "", "", "ingress tcp 80 sg-0a").Live}},
			[]string{"sg-0a > sg-0b: tcp 80 unguarded"},
		},
		"a side that is not known says nothing": {
			[]picture.Group{{ID: "sg-0a", HasBaseline: true}, approving(t, "sg-0b", "api", "ingress tcp 80 sg-0a")},
			[]string{"sg-0a > sg-0b: tcp 80 permitted"},
		},
		"an approval that has ended":   {[]picture.Group{ended}, nil},
		"an approval that has not yet": {[]picture.Group{approved}, []string{"10.0.0.0/8 > sg-0a: tcp 22 ending"}},
		"all of IPv4 and all of IPv6 are one internet": {
			[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 443 0.0.0.0/0", "ingress tcp 443 ::/0")},
			[]string{"internet > sg-0a: tcp 443 permitted"},
		},
		"halves of the world are the internet": {
			[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 443 0.0.0.0/1")},
			[]string{"internet > sg-0a: tcp 443 permitted"},
		},
		"what one organisation may have is not the internet": {
			[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 443 3.0.0.0/8", "ingress tcp 443 2600::/20", "ingress tcp 443 20.0.0.1/32")},
			[]string{"20.0.0.1/32 > sg-0a: tcp 443 permitted", "2600::/20 > sg-0a: tcp 443 permitted", "3.0.0.0/8 > sg-0a: tcp 443 permitted"},
		},
		"two halves of more than that are the internet together": {
			[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 443 20.0.0.0/8", "ingress tcp 443 21.0.0.0/8")},
			[]string{"internet > sg-0a: tcp 443 permitted"},
		},
		"two halves on different ports are not": {
			[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 443 20.0.0.0/8", "ingress tcp 80 21.0.0.0/8")},
			[]string{"20.0.0.0/8 > sg-0a: tcp 443 permitted", "21.0.0.0/8 > sg-0a: tcp 80 permitted"},
		},
		"private ranges are not the internet, however wide": {
			[]picture.Group{approving(t, "sg-0a", "web", "ingress tcp 443 10.0.0.0/7", "ingress tcp 443 fc00::/7")},
			[]string{"10.0.0.0/7 > sg-0a: tcp 443 permitted", "fc00::/7 > sg-0a: tcp 443 permitted"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range picture.New(c.groups, now, picture.Options{}).Edges {
				text := e.From + " > " + e.To + ": " + e.Ports + " " + string(e.State)
				if e.OneSide != "" {
					text += ", " + e.OneSide
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGroupsArePutTogether(t *testing.T) {
	t.Parallel()
	nowhere := many(t, 41)
	for i := range nowhere {
		nowhere[i].VPC = ""
	}
	cases := map[string]struct {
		groups []picture.Group
		by     string
		boxes  []string // nil: none
		note   string
	}{
		"40 are readable":                  {many(t, 40), "", nil, ""},
		"41 are not":                       {many(t, 41), "", []string{"vpc-00", "vpc-01", "vpc-02"}, "41 groups are more than the 40 that one picture shows readably, so they are put together by VPC"},
		"few, where that is asked for":     {many(t, 8), "vpc", []string{"vpc-00", "vpc-01"}, "8 groups are put together by VPC"},
		"by a tag":                         {many(t, 41), "tag:team", []string{"team 0", "team 1", "team 2", "team 3", "team 4"}, "put together by the tag team"},
		"by a tag that none has":           {many(t, 4), "tag:owner", []string{"no tag owner known"}, "put together by the tag owner"},
		"41 whose VPCs are not known stay": {nowhere, "", nil, "their VPCs are not known"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := picture.New(c.groups, now, picture.Options{GroupBy: c.by})
			var boxes []string
			groups := 0
			for _, n := range p.Nodes {
				switch n.Kind {
				case picture.Box:
					boxes = append(boxes, n.Name)
					groups += len(n.Groups)
				case picture.Grouped:
					groups++
				}
			}
			slices.Sort(boxes)
			if diff := cmp.Diff(c.boxes, boxes); diff != "" || groups != len(c.groups) {
				t.Errorf("%d groups of %d: %s", groups, len(c.groups), diff)
			}
			if !strings.Contains(p.Note, c.note) || (c.note == "") != (p.Note == "") {
				t.Errorf("the note is %q", p.Note)
			}
			for what, text := range map[string]string{"Mermaid": p.Mermaid(), "DOT": p.DOT(), "text": p.Text()} {
				if first, _, _ := strings.Cut(c.note, " are"); !strings.Contains(text, first) {
					t.Errorf("the %s does not say", what)
				}
			}
		})
	}
}

func TestWhatAPictureCanBeGroupedBy(t *testing.T) {
	t.Parallel()
	for by, valid := range map[string]bool{"": true, "vpc": true, "tag:team": true, "tag:": false, "team": false, "VPC": false} {
		if err := picture.CheckGroupBy(by); (err == nil) != valid {
			t.Errorf("%q: %v", by, err)
		}
	}
}
