package backtestpage

import (
	"cmp"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
)

// bar is what would have been done in some days.
type bar struct {
	First, Last time.Time // days, in UTC
	replay.Tally
	Changes int64
}

// bars puts the days of the result together, so that there are at most so many bars. Each stands for the same number
// of days: 1, 7, 14, 28 and so on.
func bars(days []replay.DayCount, most int) []bar {
	if len(days) == 0 {
		return nil
	}
	first, last := dayOf(days[0].Day), dayOf(days[len(days)-1].Day)
	each := 1
	for span := between(first, last) + 1; (span+each-1)/each > most; {
		each = max(7, each*2)
	}
	all := make([]bar, between(first, last)/each+1)
	for i := range all {
		all[i].First = first.AddDate(0, 0, i*each)
		all[i].Last = earlier(all[i].First.AddDate(0, 0, each-1), last)
	}
	for _, d := range days {
		i, inside := barOf(all, dayOf(d.Day))
		if !inside {
			continue
		}
		b := &all[i]
		b.Reverted += d.Reverted
		b.Reported += d.Reported
		b.Pending += d.Pending
		b.Changes += d.Changes
	}
	return all
}

// dayOf reads a day. The replay writes each of them, so none is wrong.
func dayOf(day string) time.Time {
	at, _ := time.Parse(time.DateOnly, day)
	return at
}

// between counts the days from one to another.
func between(from, to time.Time) int { return int(to.Sub(from).Hours()) / 24 }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// lane is one actor's reverts over the bars.
type lane struct {
	Actor string // empty for rules that no call of the history opened, others for all that have no lane
	Total int64
	Bars  []int64
}

// lanes returns the lanes of the busiest actors, and of all others together at the end.
func (r *Reverts) lanes(of []bar, most int) []lane {
	totals := map[string]int64{}
	for key, n := range r.days {
		totals[key.actor] += n
	}
	delete(totals, others)
	actors := make([]string, 0, len(totals))
	for actor := range totals {
		actors = append(actors, actor)
	}
	slices.SortFunc(actors, func(a, b string) int { return cmp.Or(cmp.Compare(totals[b], totals[a]), cmp.Compare(a, b)) })
	laneOf := map[string]int{}
	all := make([]lane, 0, most+1)
	for _, actor := range actors[:min(len(actors), most)] {
		laneOf[actor] = len(all)
		all = append(all, lane{Actor: actor, Bars: make([]int64, len(of))})
	}
	rest := lane{Actor: others, Bars: make([]int64, len(of))}
	for key, n := range r.days {
		i, inside := barOf(of, dayOf(key.day))
		l := &rest
		if at, has := laneOf[key.actor]; has {
			l = &all[at]
		}
		l.Total += n
		if inside {
			l.Bars[i] += n
		}
	}
	if rest.Total > 0 {
		all = append(all, rest)
	}
	return all
}

func barOf(of []bar, day time.Time) (int, bool) {
	return slices.BinarySearchFunc(of, day, func(b bar, day time.Time) int {
		switch {
		case b.Last.Before(day):
			return -1
		case day.Before(b.First):
			return 1
		}
		return 0
	})
}
