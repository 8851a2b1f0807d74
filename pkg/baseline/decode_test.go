package baseline_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
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
	doc, err := baseline.DecodeYAML([]byte(full), "sg-0a1b2c3d4e5f60718")
	if err != nil {
		t.Fatal(err)
	}
	standing := []string{
		"ingress tcp 80 sg-0aaaaaaaaaaaaaaa1", "ingress tcp 80 sg-0a1b2c3d4e5f60718", "ingress icmp 3/4 10.0.0.0/8",
		"ingress icmp 3/4 2001:db8::/32", "egress all all pl-0bbb", "egress 50 all 192.0.2.1/32",
	}
	expires := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	withException := append(standing[:len(standing):len(standing)], "ingress tcp 22 203.0.113.7/32")
	for _, c := range []struct {
		name string
		got  []rule.Rule
		want []string
	}{
		{"standing", doc.Standing(), standing},
		{"a moment before the exception expires", doc.Permitted(expires.Add(-time.Nanosecond)), withException},
		{"the moment it expires", doc.Permitted(expires), standing},
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
		says            string
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
			if c.says != "" {
				if err == nil || err.Error() != c.says {
					t.Errorf("got %v, want %s", err, c.says)
				}
				return
			}
			if err != nil || doc.Guards(rule.Ingress) != c.ingress || doc.Guards(rule.Egress) != c.egress {
				t.Errorf("got %+v, %v", doc, err)
			}
		})
	}
}

func TestEveryErrorIsReportedAtOnceWithItsPlace(t *testing.T) {
	t.Parallel()
	_, err := baseline.DecodeYAML([]byte(`schema: 2
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
		`5:9 colour: unknown field; known are schema, groupId, groupName, mode, match, restore, ingress, egress, exceptions`,
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

// TestADocumentOfNoUseIsRefusedClearly by everything that decodes one.
func TestADocumentOfNoUseIsRefusedClearly(t *testing.T) {
	t.Parallel()
	spaces := strings.Repeat(" ", 8<<10)
	later := `{"schema":2,"groupId":"sg-0a","ingress":[],"forbid":[],"tags":{"a":[1]}}`
	type says struct{ json, yaml, guardrail string }
	all := func(text string) says { return says{text, text, text} }
	cases := map[string]struct {
		document string
		says     says
	}{
		"empty":           {"", says{"1:1 not JSON: the document is empty", "1:1 the document is empty", "1:1 not JSON: the document is empty"}},
		"8 KB of spaces":  {spaces, says{"1:1 not JSON: the document is empty", "1:1 the document is empty", "1:1 not JSON: the document is empty"}},
		"lines alone":     {"\n\n", says{"1:1 not JSON: the document is empty", "1:1 the document is empty", "1:1 not JSON: the document is empty"}},
		"null":            {"null", all("1:1 the document must be an object, not null")},
		"null, far right": {spaces + "null", all("1:8193 the document must be an object, not null")},
		"an array":        {"[{}]", all("1:1 the document must be an object, not a list")},
		"a string":        {`"x"`, all("1:1 the document must be an object, not a string")},
		"a number":        {"1", all("1:1 the document must be an object, not a number")},
		"an empty object": {"{}", says{
			"1:1 schema: must be 1, the only version this sgwarden knows", "1:1 schema: must be 1, the only version this sgwarden knows", "1:1 schema: must be 1, the only version this sgwarden knows",
		}},
		"a later schema": {later, says{
			"1:11 schema: must be 1, the only version this sgwarden knows", "1:11 schema: must be 1, the only version this sgwarden knows", "1:11 schema: must be 1, the only version this sgwarden knows",
		}},
		"unknown fields": {later, says{
			"1:63 tags: unknown field; known are schema, groupId, groupName, mode, match, restore, ingress, egress, exceptions",
			"1:63 tags: unknown field; known are schema, groupId, groupName, mode, match, restore, ingress, egress, exceptions",
			"1:63 tags: unknown field; known are schema, mode, forbid",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for what, decoder := range map[string]struct {
				decode func([]byte) error
				want   string
			}{
				"JSON":      {decodeBaseline, c.says.json},
				"YAML":      {func(data []byte) error { _, err := baseline.DecodeYAML(data, ""); return err }, c.says.yaml},
				"names":     {decodeFile, c.says.yaml},
				"guardrail": {decodeGuardrail, c.says.guardrail},
			} {
				var wrong *baseline.Error
				if err := decoder.decode([]byte(c.document)); !errors.As(err, &wrong) {
					t.Fatalf("%s: got %v", what, err)
				}
				var got []string
				for _, p := range wrong.Problems {
					got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p))
				}
				if !slices.Contains(got, decoder.want) {
					t.Errorf("%s: got %q, want %q", what, got, decoder.want)
				}
			}
		})
	}
}

func TestLongTextIsShortenedInMessages(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 100_000)
	cases := map[string]string{
		"a protocol":        `"ingress":[{"protocol":"` + long + `","sources":["self"]}]`,
		"ports":             `"ingress":[{"protocol":"tcp","ports":"` + long + `","sources":["self"]}]`,
		"a source":          `"ingress":[{"protocol":"all","sources":["` + long + `"]}]`,
		"a name":            `"ingress":[{"protocol":"all","sources":["name:` + long + `"]}]`,
		"a field":           `"ingress":[],"` + long + `":1`,
		"a field of one":    `"ingress":[{"` + long + `":1}]`,
		"a mode":            `"ingress":[],"mode":"` + long + `"`,
		"an expiry":         `"ingress":[],"exceptions":[{"expires":"` + long + `"}]`,
		"a direction":       `"ingress":[],"exceptions":[{"direction":"` + long + `"}]`,
		"an anchor of YAML": `"ingress": *` + long,
	}
	for name, fields := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for what, decode := range map[string]func([]byte) error{"JSON": decodeBaseline, "YAML": decodeFile} {
				err := decode([]byte(`{"schema":1,"groupId":"sg-0a",` + fields + `}`))
				if err == nil || len(err.Error()) > 2_000 || !utf8.ValidString(err.Error()) {
					t.Errorf("%s: got %.3000v", what, err)
				}
			}
		})
	}
	// The longest name that EC2 lets a group have is not shortened.
	if err := decodeFile([]byte(`{"schema":1,"groupId":"name:` + strings.Repeat("x", 255) + `","ingress":[]}`)); err != nil {
		t.Error(err)
	}
}

func TestBrokenJSONSaysWhere(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		line int
		says string
	}{
		"cut off":                      {"{\n\"schema\": 1,\n\"groupId\"", 3, "unexpected EOF"},
		"a comma too many":             {"{\"schema\": 1,\n}", 2, "invalid character"},
		"YAML, not JSON":               {"schema: 1", 1, "not JSON"},
		"something after the document": {"{}\n{}", 2, "after the end"},
		"a byte order mark":            {"\ufeff{}", 1, "invalid character"},
		"very deep nesting":            {strings.Repeat("[", 100_000), 1, "nested"},
		"very large":                   {`"` + strings.Repeat("x", 1<<20) + `"`, 0, "too large"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := baseline.Decode([]byte(c.text), "sg-0a")
			var wrong *baseline.Error
			if !errors.As(err, &wrong) || len(wrong.Problems) != 1 {
				t.Fatalf("got %v", err)
			}
			if p := wrong.Problems[0]; p.Line != c.line || !strings.Contains(p.Message, c.says) {
				t.Errorf("got %+v, want line %d and %q", p, c.line, c.says)
			}
		})
	}
}

func TestTooManyRulesAreRefused(t *testing.T) {
	t.Parallel()
	doc := func(n int) []byte {
		sources := strings.TrimSuffix(strings.Repeat(`"10.0.0.0/8",`, n), ",")
		return []byte(`{"schema":1,"groupId":"sg-0a","ingress":[{"protocol":"tcp","ports":"1","sources":[` + sources + `]}]}`)
	}
	if _, err := baseline.Decode(doc(10_000), "sg-0a"); err != nil {
		t.Error(err)
	}
	if _, err := baseline.Decode(doc(10_001), "sg-0a"); err == nil || !strings.Contains(err.Error(), "10001 rules") {
		t.Errorf("got %v", err)
	}
}

func TestYAMLThatIsNoneOrUsesAliasesIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":      "",
		"bad indent":   "schema: 1\n  groupId: x",
		"an alias":     "schema: &a 1\ngroupId: *a",
		"a second one": "schema: 1\ngroupId: sg-0a\ningress: []\n---\nschema: 1\ngroupId: sg-0b\ningress: []\n",
		"a tab indent": "ingress:\n\t- x",
	} {
		if doc, err := baseline.DecodeYAML([]byte(text), "sg-0a"); err == nil {
			t.Errorf("%s became %+v", name, doc)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(`{"schema":1,"groupId":"sg-0a","ingress":[{"protocol":"tcp","ports":"1","sources":["10.0.0.0/8"]}],"egress":[]}`))
	for _, r := range poison {
		if len(r.head) < 1_000 {
			f.Add(r.times(40))
		}
	}
	for _, r := range poisonYAML {
		f.Add(r.times(40))
	}
	f.Add([]byte(`{"schema":1,"groupId":"sg-0a","egress":[],"exceptions":[{"direction":"ingress","protocol":"all","sources":["self"],"expires":"2026-12-01T09:00:00Z"}]}`))
	f.Add([]byte(strings.Repeat(" ", 8<<10)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, decode := range []func([]byte, string) (*baseline.Document, error){baseline.Decode, baseline.DecodeYAML} {
			doc, err := decode(data, "")
			if (doc == nil) == (err == nil) {
				t.Fatalf("got %v, %v", doc, err)
			}
			if doc == nil {
				continue
			}
			rule.Compile(doc.Permitted(time.Time{}))
			if !doc.Guards(rule.Ingress) && !doc.Guards(rule.Egress) {
				t.Fatalf("%q guards nothing", data)
			}
			for _, e := range doc.Exceptions {
				if direction, err := rule.ParseDirection(e.Direction); err != nil || !doc.Guards(direction) {
					t.Fatalf("%q has an exception of %q, %v", data, e.Direction, err)
				}
			}
		}
	})
}

// FuzzDecodeGuardrail: it never panics, and returns one of both.
func FuzzDecodeGuardrail(f *testing.F) {
	f.Add([]byte(`{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22","widest":{"ipv4":24,"ipv6":48}}]}`))
	f.Add([]byte(`{"schema":1,"forbid":[{"direction":"egress","protocol":"icmp","ports":"8","widest":{"ipv4":-1,"ipv6":1e2}}]}`))
	for _, r := range poison {
		if len(r.head) < 1_000 {
			f.Add(r.times(40))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := baseline.DecodeGuardrail(data)
		if (g == nil) == (err == nil) {
			t.Fatalf("got %v, %v", g, err)
		}
		if g == nil {
			return
		}
		for _, entry := range g.Forbid {
			if entry.WidestV4 < 0 || entry.WidestV4 > 32 || entry.WidestV6 < 0 || entry.WidestV6 > 128 {
				t.Fatalf("%q became %+v", data, entry)
			}
		}
	})
}

func TestADocumentAndItsEntriesKnowWhereTheyStand(t *testing.T) {
	t.Parallel()
	doc, err := baseline.DecodeYAML([]byte(full), "")
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
