package baseline_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

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
			"1:63 tags: unknown field; known are schema, groupId, groupName, mode, match, restore, graceMinutes, ingress, egress, exceptions",
			"1:63 tags: unknown field; known are schema, groupId, groupName, mode, match, restore, graceMinutes, ingress, egress, exceptions",
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
				"YAML":      {func(data []byte) error { _, err := yamlfile.Decode(data, ""); return err }, c.says.yaml},
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
		want string
	}{
		"incomplete":                   {"{\n\"schema\": 1,\n\"groupId\"", 3, "unexpected EOF"},
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
			if p := wrong.Problems[0]; p.Line != c.line || !strings.Contains(p.Message, c.want) {
				t.Errorf("got %+v, want line %d and %q", p, c.line, c.want)
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
		if doc, err := yamlfile.Decode([]byte(text), "sg-0a"); err == nil {
			t.Errorf("%s became %+v", name, doc)
		}
	}
}
