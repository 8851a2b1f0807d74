package alert

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestFormsAreThoseOfTheirRegularExpressions compares the checks by hand with the expressions.
func TestFormsAreThoseOfTheirRegularExpressions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		is   func(string) bool
		form *regexp.Regexp
		like string // what random texts are drawn from
	}{
		"a region":    {isRegion, regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+$`), `[a-zA0\-]{0,3}(-[a-z0-9\-]{0,2}){0,3}\n?`},
		"a rule's id": {isRuleID, regexp.MustCompile(`^sgr-[0-9a-z]+$`), `(sgr|SGR|sg)-?[0-9a-zA_]{0,3}`},
		"an event":    {isEventID, regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z-]*$`), `[0-9A-Za-z_é-]{0,4}`},
		"a parameter": {isParameterName, regexp.MustCompile(`^/[0-9A-Za-z_./-]+$`), `/?[0-9A-Za-z_./é $-]{0,4}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := map[bool]int{}
			right := rapid.StringMatching(strings.Trim(c.form.String(), "^$"))
			rapid.Check(t, func(t *rapid.T) {
				text := rapid.OneOf(right, rapid.StringMatching(c.like)).Draw(t, "text")
				got, want := c.is(text), c.form.MatchString(text)
				if got != want {
					t.Fatalf("%q: %t, the expression says %t", text, got, want)
				}
				seen[got]++
			})
			if seen[true] == 0 || seen[false] == 0 {
				t.Errorf("not both were tried: %v", seen)
			}
		})
	}
}
