package rule_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// reasonCases are read from testdata/reasons.txt: a baseline in braces, the
// match, the rule, and under it the reason.
func TestReasonsReadAsTheGoldenFileSays(t *testing.T) {
	t.Parallel()
	const file = "testdata/reasons.golden"
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	var baseline []rule.Rule
	for line := range strings.Lines(string(golden)) {
		kind, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch kind {
		case "baseline":
			baseline = nil
			if text != "" {
				baseline = parse(t, strings.Split(text, ", ")...)
			}
		case "covered", "exact":
			match := map[string]rule.Match{"covered": rule.Covered, "exact": rule.Exact}[kind]
			line += "  = " + rule.Compile(baseline).Reason(parse(t, text)[0], match) + "\n"
		default:
			if strings.HasPrefix(line, "  = ") {
				continue
			}
		}
		got.WriteString(line)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(golden), got.String()); diff != "" {
		t.Error(diff)
	}
}
