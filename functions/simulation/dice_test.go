package simulation

import (
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// dice deals what chance decides. The result depends on the seed and on what
// it is dealt for, never on what was dealt before: so one history is always the
// same, however its goroutines are scheduled.
type dice uint64

// throw returns the numbers for something that happens at a virtual time.
func (d dice) throw(at time.Time, what string, which int) throw {
	h := fnv.New64a()
	_, _ = h.Write([]byte(what)) // a hash never fails
	return throw{rand.New(rand.NewPCG(uint64(d), h.Sum64()^uint64(at.UnixNano())*0x9e3779b97f4a7c15^uint64(which)<<48))}
}

type throw struct{ *rand.Rand }

// chance is true with a probability from 0 to 1.
func (t throw) chance(p float64) bool { return t.Float64() < p }

// between is evenly spread, and fine enough that no two things of a history
// happen at the same time.
func (t throw) between(least, most time.Duration) time.Duration {
	return least + time.Duration(t.Int64N(int64(most-least)))
}

func pick[T any](t throw, from []T) T { return from[t.IntN(len(from))] }

// originalRule picks a rule as people do: hardly ever one that nobody wrote down
// at first.
func (t throw) originalRule() int {
	if t.chance(0.03) {
		return t.IntN(len(naive.Universe))
	}
	return t.IntN(len(naive.Originals))
}

// originalRules are all rules that people pick from, shuffled.
func (t throw) originalRules() []int { return t.Perm(len(naive.Originals)) }
