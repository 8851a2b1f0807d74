package sweep_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Sweeps of these tests are of account 111122223333.
func TestASweepCountsGroupsOfOtherAccountsAndLeavesThemAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		owner      string
		foreign    int
		reconciled []string
	}{
		"shared by another account": {"444455556666", 2, []string{"sg-a"}},
		"of the sweep's account":    {"111122223333", 0, []string{"sg-a", "sg-b", "sg-c"}},
		"EC2 does not say whose":    {"", 0, []string{"sg-a", "sg-b", "sg-c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := region{
				rules: [][2]string{{"sg-a", ssh}, {"sg-b", ssh}, {"sg-b", https}, {"sg-c", ssh}}, guardrail: forbids,
				documents: []baseline.GroupDocument{document("sg-a", permits), document("sg-b", permits)}, // none for sg-c
				owners:    map[string]string{"sg-b": c.owner, "sg-c": c.owner},
			}
			summary, err := r.run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.reconciled, r.reconciled); diff != "" {
				t.Error(diff)
			}
			reported := strings.Contains(summary.Reason, "2 groups belong to other accounts and are left alone")
			if summary.Foreign != c.foreign || reported != (c.foreign > 0) {
				t.Errorf("got %+v", summary)
			}
		})
	}
}
