package notified_test

import (
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/notified"
)

func TestAChangeIsKnownByItsParameterItsVersionAndItsSecond(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	noted := notified.Change{GroupID: "sg-1", Parameter: "/p/groups/sg-1", Version: 7, At: at}
	for name, c := range map[string]struct {
		changed func(*notified.Change)
		now     time.Time
		known   bool
	}{
		"the same":                 {func(*notified.Change) {}, at.Add(time.Hour), true},
		"some seconds later":       {func(c *notified.Change) { c.At = at.Add(4900 * time.Millisecond) }, at.Add(time.Hour), true},
		"some seconds before":      {func(c *notified.Change) { c.At = at.Add(-4 * time.Second) }, at.Add(time.Hour), true},
		"a minute later":           {func(c *notified.Change) { c.At = at.Add(time.Minute) }, at.Add(time.Hour), false},
		"another version":          {func(c *notified.Change) { c.Version++ }, at.Add(time.Hour), false},
		"another parameter":        {func(c *notified.Change) { c.Parameter = "/p/guardrail" }, at.Add(time.Hour), false},
		"after the memory is over": {func(*notified.Change) {}, at.Add(notified.Recently + time.Second), false},
	} {
		for _, late := range []bool{false, true} {
			book := notified.Empty()
			book.AddChange(noted, late, at)
			asked := noted
			c.changed(&asked)
			second, known := book.HasChange(asked, c.now)
			if known != c.known || known && !second.Equal(at) {
				t.Errorf("%s: known %t at %s", name, known, second)
			}
			if got := book.HasLateChange(asked, c.now); got != (c.known && late) {
				t.Errorf("%s: known late %t, and it was noted late %t", name, got, late)
			}
		}
	}
}
