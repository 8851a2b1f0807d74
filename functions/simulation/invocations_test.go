package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/remediate"
)

// invocation is one run of a function.
type invocation struct {
	number   int
	delivery *delivery
	started  time.Time
	cancel   context.CancelFunc
	deadline time.Time

	diesAt int // the call at which it is killed; 0 never
	diesBy fault
	calls  int
	faults int  // that it was dealt, but for stale reads
	full   bool // EC2 answered that a group's quota is used up
	stale  bool // EC2 showed it rules as they had been
	// crowded says that its instance has many runs at once.
	crowded bool
	over    bool
	// interrupted says that it was killed or ran out of time.
	interrupted bool
	excuses     excuses
	// unfinished says that the sweep ran out of time and noted where to continue.
	unfinished bool
	// judgesTwice says that a pending approval could not be written: what should have
	// waited is judged anew.
	judgesTwice bool
	err         error // what Lambda saw

	// Of a notifier; nil for the other functions.
	desk  *desk
	batch []*letter
	again []string // ids of the messages that it wants to be delivered again

	*look       // the last one
	looks       []*look
	inventoryID string // the SDK's of the call that began it
	// locked are the parameters whose key was denied to it, true where it asked for
	// them by their names; readOneByOne is the group whose documents it reads one by one
	// for this reason.
	locked       map[string]bool
	readOneByOne string
}

// people are who calls AWS without being a function.
var people *invocation

func (i *invocation) String() string {
	if i == people {
		return "people"
	}
	if i.desk != nil {
		return fmt.Sprintf("notifier#%d(poller %d)", i.number, i.desk.poller.number)
	}
	if i.delivery.event == nil {
		return fmt.Sprintf("sweep#%d", i.number)
	}
	return fmt.Sprintf("run#%d(event %d, attempt %d)", i.number, i.delivery.event.number, i.delivery.attempts)
}

// instance is a warm function. The next event may find it again.
type instance struct {
	remediator *remediate.Remediator
	started    []time.Time // its runs at Authorize events
}

// mostProbes is how many runs of an instance revoke in a minute what EC2 did not
// show them.
const mostProbes = 3

// crowded notes a run at an Authorize event, and says whether so many came within a
// minute that the instance may leave alone what EC2 does not show.
func (on *instance) crowded(now time.Time) bool {
	recent := 0
	for _, at := range on.started {
		if now.Sub(at) <= time.Minute {
			recent++
		}
	}
	on.started = append(on.started, now)
	return recent >= mostProbes
}

func (w *world) newInvocation(d *delivery, limit time.Duration) (*invocation, context.Context) {
	w.tally.counts[countInvocations]++
	w.invocations++
	i := &invocation{
		number: w.invocations, delivery: d, started: time.Now(), deadline: time.Now().Add(limit),
		look: newLook(), locked: map[string]bool{},
	}
	i.looks = []*look{i.look}
	if t := w.dice.throw(i.started, "death", i.number); !w.calm && t.chance(w.weather.kills) {
		most := 8
		if d.event == nil {
			most = 20
		}
		i.diesAt, i.diesBy = 1+t.IntN(most), pick(t, []fault{killedBefore, killedAfter})
	}
	w.runs = append(w.runs, i)
	ctx, cancel := context.WithDeadline(withInvocation(i), i.deadline)
	i.cancel = cancel
	return i, ctx
}
