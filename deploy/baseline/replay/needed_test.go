package replay

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// TestTheCommandsToApproveAreSafeInAShell: people paste the commands, and a record, which anybody can write into a file,
// names the group.
func TestTheCommandsToApproveAreSafeInAShell(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]int{
		db:                    1,
		db + "; touch stolen": 0,
		"$(touch stolen)":     0,
		db + "\ntouch stolen": 0,
		"sg-' touch stolen '": 0,
		"--help":              0,
	} {
		e := event("10:00 ana authorize " + db + " sgr-1 " + world)
		quoted, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		var call map[string]any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(string(e.Record), `"`+db+`"`, string(quoted))), &call); err != nil {
			t.Fatal(err)
		}
		r := New(Options{Documents: Documents{Guardrail: guardrail(baseline.Enforce)}}, func(Revert) error { return nil })
		if err := r.Take(read(call)); err != nil {
			t.Fatal(err)
		}
		result, err := r.Finish()
		if err != nil {
			t.Fatal(err)
		}
		if len(result.ApprovalsNeed) != want {
			t.Errorf("%q: %d commands, want %d: %+v", id, len(result.ApprovalsNeed), want, result.ApprovalsNeed)
		}
		if want == 0 && len(result.NotJudged) != 1 {
			t.Errorf("%q: not judged: %+v", id, result.NotJudged)
		}
	}
}
