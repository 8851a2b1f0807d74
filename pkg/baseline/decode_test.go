package baseline_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const full = `schema: 1
groupId: sg-0a1b2c3d4e5f60718
groupName: myproject-ecs-front-sg
mode: enforce
match: covered
restore: false
ingress:
  - protocol: tcp
    ports: "80"
    sources: [sg-0aaaaaaaaaaaaaaa1, self]
    description: Allow HTTP from Public ALB
  - {protocol: icmp, ports: 3/4, sources: [10.0.0.0/8, "2001:db8::/32"]}
egress:
  - protocol: all
    destinations: [pl-0bbb]
  - {protocol: 50, ports: all, destinations: [192.0.2.1/32]}
exceptions:
  - direction: ingress
    protocol: tcp
    ports: 22
    sources: [203.0.113.7/32]
    expires: 2026-12-01T09:00:00Z
    reason: INC-1234 repair
    approvedBy: ana@example.com
`

func TestADocumentBecomesRules(t *testing.T) {
	t.Parallel()
	doc, err := yamlfile.Decode([]byte(full), "sg-0a1b2c3d4e5f60718")
	if err != nil {
		t.Fatal(err)
	}
	permanent := []string{
		"ingress tcp 80 sg-0aaaaaaaaaaaaaaa1", "ingress tcp 80 sg-0a1b2c3d4e5f60718", "ingress icmp 3/4 10.0.0.0/8",
		"ingress icmp 3/4 2001:db8::/32", "egress all all pl-0bbb", "egress 50 all 192.0.2.1/32",
	}
	expires := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	withException := append(permanent[:len(permanent):len(permanent)], "ingress tcp 22 203.0.113.7/32")
	for _, c := range []struct {
		name string
		got  []rule.Rule
		want []string
	}{
		{"standing", doc.PermanentRules(), permanent},
		{"a moment before the exception expires", doc.Permitted(expires.Add(-time.Nanosecond)), withException},
		{"the moment it expires", doc.Permitted(expires), permanent},
	} {
		if diff := cmp.Diff(c.want, texts(c.got)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func texts(rules []rule.Rule) []string {
	var s []string
	for _, r := range rules {
		s = append(s, r.String())
	}
	return s
}

func TestAnEmptyBaselineMustBeWrittenAsOne(t *testing.T) {
	t.Parallel()
	doc, err := baseline.Decode([]byte(`{"schema":1,"groupId":"sg-0a","ingress":[],"egress":[]}`), "sg-0a")
	if err != nil || len(doc.Permitted(time.Now())) != 0 {
		t.Errorf("got %v, %v", doc, err)
	}
	for _, absent := range []string{``, `null`, `{}`, `[]`, `""`, `{"schema":1,"groupId":"sg-0a"}`, `{"schema":1,"groupId":"sg-0a","ingress":null}`} {
		if doc, err := baseline.Decode([]byte(absent), "sg-0a"); err == nil {
			t.Errorf("%q became %+v", absent, doc)
		}
	}
}

func TestADirectionWithoutAListIsNotGuarded(t *testing.T) {
	t.Parallel()
	const ingress, egress = `,"ingress":[{"protocol":"all","sources":["self"]}]`, `,"egress":[]`
	exception := func(direction, peers string) string {
		return `,"exceptions":[{"direction":"` + direction + `","protocol":"all","` + peers + `":["self"],"expires":"2026-12-01T09:00:00Z"}]`
	}
	cases := map[string]struct {
		lists           string
		ingress, egress bool
		want            string
	}{
		"ingress alone":                      {ingress, true, false, ""},
		"egress alone":                       {egress, false, true, ""},
		"both":                               {ingress + egress, true, true, ""},
		"an exception of a guarded one":      {ingress + exception("ingress", "sources"), true, false, ""},
		"an exception of one that is empty":  {egress + exception("egress", "destinations"), false, true, ""},
		"an exception of an unguarded one":   {ingress + exception("egress", "destinations"), false, false, "exceptions[0].direction: the baseline has no egress list, so egress is not guarded: write egress: [] or leave the exception out"},
		"an exception of the other one":      {egress + exception("ingress", "sources"), false, false, "exceptions[0].direction: the baseline has no ingress list, so ingress is not guarded: write ingress: [] or leave the exception out"},
		"an exception where a list is wrong": {ingress + `,"egress":null` + exception("egress", "destinations"), false, false, "egress: must be a list, not null"},
		"neither":                            {"", false, false, "neither ingress nor egress is there, so nothing would be guarded: an empty baseline must say ingress: [], egress: [] or both"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := baseline.Decode([]byte(`{"schema":1,"groupId":"sg-0a"`+c.lists+`}`), "sg-0a")
			if c.want != "" {
				if err == nil || err.Error() != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
				return
			}
			if err != nil || doc.Guards(rule.Ingress) != c.ingress || doc.Guards(rule.Egress) != c.egress {
				t.Errorf("got %+v, %v", doc, err)
			}
		})
	}
}

func TestEveryErrorIsReportedAtOnceWithItsPosition(t *testing.T) {
	t.Parallel()
	_, err := yamlfile.Decode([]byte(`schema: 2
groupId: sg-0b
mode: watch
restore: 1
colour: red
ingress:
  - protocol: tcp
    ports: 80-70
    sources: [10.0.0.5/24, 7, everyone, "::ffff:10.0.0.0/104"]
    description: 12
  - protocol: all
    ports: 8080
    sources: []
  - nonsense
  - protocol: tpc
    sources: [10.0.0.0/8]
  - protocol: tcp
    destinations: [10.0.0.0/8]
egress:
exceptions:
  - direction: inward
    protocol: udp
    ports: "53"
    destinations: [10.0.0.0/8]
    expires: tomorrow
ingress: []
`), "sg-0a")
	var wrong *baseline.Error
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, p := range wrong.Problems {
		got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p))
	}
	want := []string{
		`5:9 colour: unknown field; known are schema, groupId, groupName, mode, match, restore, graceMinutes, ingress, egress, exceptions`,
		`26:10 ingress: is there twice`,
		`1:9 schema: must be 1, the only version this sgwarden knows`,
		`2:10 groupId: the document is for sg-0b, not for sg-0a`,
		`3:7 mode: must be enforce or alert`,
		`4:10 restore: must be true or false, not a number`,
		`10:18 ingress[0].description: must be a string, not a number`,
		`8:12 ingress[0].ports: 80-70 is not a range of ports within 0-65535`,
		`9:15 ingress[0].sources[0]: 10.0.0.5/24 has host bits set: write 10.0.0.0/24 or the one address you mean`,
		`9:28 ingress[0].sources[1]: must be a CIDR, sg-…, pl-… or self, not a number`,
		`9:31 ingress[0].sources[2]: "everyone" is not a CIDR, sg-… or pl-…`,
		`9:41 ingress[0].sources[3]: ::ffff:10.0.0.0/104 is an IPv4-mapped IPv6 prefix, which matches no IPv4 traffic: write IPv4`,
		`12:12 ingress[1].ports: protocol all has no ports: leave ports out or write all`,
		`13:14 ingress[1].sources: is missing or empty: name at least one peer`,
		`14:5 ingress[2]: must be an object, not a string`,
		`15:15 ingress[3].protocol: "tpc" is not a protocol: want tcp, udp, icmp, icmpv6, all or a number from 0 to 255`,
		`18:19 ingress[4].destinations: unknown field; known are protocol, ports, sources, description`,
		`17:5 ingress[4].ports: ports are missing: write all if every port of tcp is meant`,
		`17:5 ingress[4].sources: is missing or empty: name at least one peer`,
		`19:8 egress: must be a list, not null`,
		`21:16 exceptions[0].direction: must be ingress or egress`,
		`24:19 exceptions[0].destinations: ingress has sources`,
		`21:5 exceptions[0].sources: is missing or empty: name at least one peer`,
		`25:14 exceptions[0].expires: must be a time such as 2026-12-01T09:00:00Z`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestADocumentAndItsEntriesKnowWhereTheyStand(t *testing.T) {
	t.Parallel()
	doc, err := yamlfile.Decode([]byte(full), "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range []interface{ Position() (line, column int) }{doc, doc.Ingress[0], doc.Ingress[1], doc.Egress[0], doc.Egress[1], doc.Exceptions[0]} {
		line, column := e.Position()
		got = append(got, fmt.Sprintf("%d:%d", line, column))
	}
	if diff := cmp.Diff([]string{"1:1", "8:5", "12:5", "14:5", "16:5", "18:5"}, got); diff != "" {
		t.Error(diff)
	}
	if line, column := (baseline.Entry{}).Position(); line+column != 0 {
		t.Errorf("an entry from nowhere stands at %d:%d", line, column)
	}
}
