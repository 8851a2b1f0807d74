package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

func TestTheLogIsKeptForLessThanTheTimeUnderReview(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, days string
		since      time.Duration
		want       string
	}{
		{"the log has all of it", "90", 30 * 24 * time.Hour, ""},
		{"the log has a part", "14", 30 * 24 * time.Hour, "kept for 14 days, so what was reverted before 2026-11-07 is not told"},
		{"the stack does not say", "", 30 * 24 * time.Hour, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stack := deadletters.Stack{Parameters: map[string]string{"LogRetentionDays": c.days}}
			got := retentionRemark(stack, now.Add(-c.since), now)
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAReportOverAFileThatIsNoReviewAsksAWSNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "notes.html")
	if err := os.WriteFile(path, []byte("notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runCommand(t, nil, "", "report", "--out", path) // nil: a call of AWS would end in another error
	if got.status != 1 || !strings.Contains(got.errs, "it is no review that this command wrote") {
		t.Errorf("got %+v", got)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "notes" {
		t.Errorf("the file has %q: %v", data, err)
	}
}
