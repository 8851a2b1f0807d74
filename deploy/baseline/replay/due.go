package replay

import (
	"container/heap"
	"time"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// due is something that happens at a time without a call: an exception or an approval of
// a group ends, or a description is taken over.
type due struct {
	at          time.Time
	groupID     string
	description *Description
	begins      bool // sgwarden is switched on
}

// dues is a heap, the earliest first.
type dues []due

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(x any)        { *d = append(*d, x.(due)) }
func (d *dues) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

func (d *dues) add(x due) { heap.Push(d, x) }

// await notes when something ends that may permit rules of a group, from a time on.
func (r *Replay) await(g *group, from time.Time) {
	var ends []time.Time
	if doc := r.options.Documents.Baselines[g.id]; doc != nil {
		for _, e := range doc.Exceptions {
			ends = append(ends, e.Expires)
		}
	}
	for _, a := range r.options.Documents.Approvals[g.id] {
		ends = append(ends, a.Expires)
	}
	for _, end := range ends {
		if end.After(from) {
			r.due.add(due{at: end, groupID: g.id})
		}
	}
}

// pass lets the time go on, and replays what happens without a call up to then.
func (r *Replay) pass(now time.Time) error {
	for len(r.due) > 0 && !r.due[0].at.After(now) {
		next := heap.Pop(&r.due).(due)
		var err error
		switch {
		case next.begins:
			r.begin(next.at)
		case next.description != nil:
			err = r.describe(*next.description)
		default:
			err = r.sweep(r.groups[next.groupID], next.at)
		}
		if err != nil {
			return err
		}
	}
	if now.After(r.now) {
		r.now = now
	}
	return nil
}

// sweep judges a group as a sweep does, which no call asks for. A real sweep comes up to
// 15 minutes later.
func (r *Replay) sweep(g *group, at time.Time) error {
	if g == nil || r.isEarly(at) { // deleted meanwhile, or not switched on
		return nil
	}
	return r.judge(g, trail.Trigger{Time: at, GroupID: g.id, Account: g.account, Region: g.region}, at)
}

// begin switches sgwarden on. A rule that is a violation by then is none of the changes
// that are asked about.
func (r *Replay) begin(at time.Time) {
	for _, g := range r.groups {
		for _, v := range r.decide(g, trail.Trigger{Time: at, GroupID: g.id}, at).Violations {
			if i := g.index(v.ID, v.Rule); i >= 0 {
				g.marks[i].reported = true
			}
		}
	}
}
