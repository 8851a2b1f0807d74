package backtestpage

import (
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
)

// Reverts keeps of a replay's reverts what the page needs: the latest ones, and how many each actor had on each
// day. Its size is bounded. The zero value is ready.
type Reverts struct {
	total  int64
	latest []replay.Revert // a ring: once it is full, the oldest stands at total modulo its length
	days   map[actorDay]int64
}

// actorDay is a day of an actor. actor is empty for all those that found no room.
type actorDay struct {
	actor string
	day   string // such as 2026-11-01, in UTC
}

// mostActorDays bounds the memory of a long history of a large organisation.
const mostActorDays = 100_000

// Add takes the next revert, in the order of time.
func (r *Reverts) Add(v replay.Revert) {
	if len(r.latest) < mostReverts {
		r.latest = append(r.latest, v)
	} else {
		r.latest[r.total%mostReverts] = v
	}
	r.total++
	if r.days == nil {
		r.days = map[actorDay]int64{}
	}
	key := actorDay{v.Actor, v.Time.UTC().Format(time.DateOnly)}
	if _, known := r.days[key]; !known && len(r.days) >= mostActorDays {
		key.actor = others
	}
	r.days[key]++
}

// others stands for all actors that have no row of their own. No actor's name is a zero byte.
const others = "\x00"

// newest returns the latest reverts, the newest first.
func (r *Reverts) newest() []replay.Revert {
	list := make([]replay.Revert, 0, len(r.latest))
	for i := int64(1); i <= int64(len(r.latest)); i++ {
		list = append(list, r.latest[(r.total-i)%mostReverts])
	}
	return list
}
