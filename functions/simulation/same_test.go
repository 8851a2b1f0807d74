package simulation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestASeedIsOneHistory(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		first, second := history(t, seed, variant{}, true), history(t, seed, variant{}, true)
		if diff := cmp.Diff(first.trace.lines, second.trace.lines); diff != "" {
			t.Errorf("seed %d: %s", seed, diff)
		}
		if first.tally != second.tally {
			t.Errorf("seed %d: the counts differ", seed)
		}
		if len(first.trace.lines) < 20 || !strings.Contains(first.trace.String(), "begins") {
			t.Errorf("seed %d: nothing happens:\n%v", seed, first.trace)
		}
	}
}
