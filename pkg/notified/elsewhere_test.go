package notified_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/notified"
)

// TestAChangeElsewhereIsKnownThereAlone: 100 accounts are more than there are shards, so some share one.
func TestAChangeElsewhereIsKnownThereAlone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	change := func(group string) notified.Change {
		return notified.Change{GroupID: group, Parameter: "/sg-baseline/guardrail", Version: 3, At: now}
	}
	book, err := notified.Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	book.Forget(now, now)
	first := notified.Elsewhere("000000000000", "us-east-1", "")
	book.AddChange(change(first), true, now)
	for i := range 100 {
		group := notified.Elsewhere(fmt.Sprintf("%012d", i), "us-east-1", "")
		_, known := book.HasChange(change(group), now)
		if late := book.HasLateChange(change(group), now); known != (group == first) || late != known {
			t.Errorf("%s: known %t, late %t", group, known, late)
		}
	}
}
