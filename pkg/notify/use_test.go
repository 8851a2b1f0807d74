package notify_test

import (
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

// An association is an act, not a state: nothing stays open that a sweep could find to be over.
func TestTheUseOfAGroupInAnotherVPCIsMailedOncePerEventAndLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	used := func(event string) alert.Alert {
		a := p.bySweep("sg-1", alert.None)
		a.Event = alert.Event{ID: event, Name: "AssociateSecurityGroupVpc", Time: p.now}
		a.Reason = alert.UseText(a.Event.Name, "us-east-1", "sg-1", "vpc-0a")
		return alert.New(a)
	}
	first := used("event-1")
	for _, row := range []struct {
		what string
		a    alert.Alert
		want int
	}{{"an association", first, 1}, {"the same event once more", first, 0}, {"another association", used("event-2"), 1}} {
		p.wait(time.Minute)
		if n := p.mailsOf(row.a); n != row.want {
			t.Errorf("%s: %d mails, want %d", row.what, n, row.want)
		}
	}
	memory, err := notified.Read(p.values)
	if err != nil {
		t.Fatal(err)
	}
	if open := memory.Open(); len(open) != 0 {
		t.Errorf("these stay open: %+v", open)
	}
}
