package told_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/told"
)

// TestAChangeElsewhereIsKnownThereAlone: 100 accounts are more than there are shards, so some share one.
func TestAChangeElsewhereIsKnownThereAlone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	change := func(group string) told.Change {
		return told.Change{GroupID: group, Parameter: "/sg-baseline/guardrail", Version: 3, At: now}
	}
	book, err := told.Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	book.Forget(now, now)
	first := told.Elsewhere("000000000000", "us-east-1", "")
	book.NoteChange(change(first), true, now)
	for i := range 100 {
		group := told.Elsewhere(fmt.Sprintf("%012d", i), "us-east-1", "")
		_, known := book.KnowsChange(change(group), now)
		if late := book.KnowsLateChange(change(group), now); known != (group == first) || late != known {
			t.Errorf("%s: known %t, late %t", group, known, late)
		}
	}
}
