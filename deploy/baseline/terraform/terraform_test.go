package terraform

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/imported"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestDocuments(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) < 3 {
		t.Fatalf("%d documents, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			result, err := Read(data)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(name, ".json") + ".txt"
			got := text(result)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if diff := cmp.Diff(string(want), got); err != nil || diff != "" {
				t.Errorf("%v: %s", err, diff)
			}
		})
	}
}

// text writes a result for people to compare.
func text(result imported.Result) string {
	var b strings.Builder
	for _, g := range result.Groups {
		fmt.Fprintf(&b, "%s %q %s\n", g.ID, g.Name, g.Address)
		for _, r := range g.Rules {
			fmt.Fprintf(&b, "  %s %q\n", r.Rule, r.Description)
		}
	}
	for _, u := range result.Unresolved {
		fmt.Fprintf(&b, "unresolved %s: %s [%s withheld=%t]\n", u.Address, u.Reason, u.GroupID, u.Withheld)
	}
	return b.String()
}
