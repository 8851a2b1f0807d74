package made

import (
	"fmt"
	"iter"
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// world is the state of all groups, and what happens to them.
type world struct {
	o      Options
	random *rand.Rand
	groups []*group
	now    time.Time
	ids    uint64 // given so far
}

// group is one of a fixed number of groups: a deleted one is followed by another.
type group struct {
	id, account, region string
	exists              bool
	open                uint64 // a bit for each rule of the pool
	ruleIDs             [64]uint64
}

// made is a record that is still to be written.
type record struct {
	shape           any // key of the template
	call            *Call
	account, region string
	time            time.Time
	groupID         string
	ruleIDs         [2]uint64
	eventID         uint64
}

func newWorld(o Options) *world {
	w := &world{o: o, random: rand.New(rand.NewPCG(o.Seed, 0x5347)), now: o.Begin}
	for account := range o.Accounts {
		for region := range o.Regions {
			for range o.Groups {
				w.groups = append(w.groups, w.newGroup(fmt.Sprintf("%012d", 111122223333+uint64(account)*1111), regions[region%len(regions)]))
			}
		}
	}
	return w
}

var regions = []string{"us-east-1", "eu-central-1", "ap-northeast-1", "us-west-2", "sa-east-1"}

// newGroup makes one, and every second time a group that exists already.
func (w *world) newGroup(account, region string) *group {
	g := &group{account: account, region: region}
	if w.random.IntN(2) == 0 {
		w.name(g)
		g.exists = true
		w.openAll(g, w.random.Uint64()&w.random.Uint64()&(1<<len(pool)-1))
	}
	return g
}

func (w *world) name(g *group) { g.id = fmt.Sprintf("sg-0%016x", w.random.Uint64()) }

func (w *world) openAll(g *group, mask uint64) {
	g.open |= mask
	for ; mask != 0; mask &= mask - 1 {
		w.ids++
		g.ruleIDs[bits.TrailingZeros64(mask)] = w.ids
	}
}

// rules returns the rules of the pool that the bits stand for.
func (g *group) rules(mask uint64) []rule.Rule {
	var all []rule.Rule
	for ; mask != 0; mask &= mask - 1 {
		all = append(all, pool[bits.TrailingZeros64(mask)])
	}
	return all
}

// records are all records in the order in which the calls were made.
func (w *world) records() iter.Seq[record] {
	return func(yield func(record) bool) {
		for made := 0; made < w.o.Calls; {
			w.now = w.now.Add(2*time.Second + time.Duration(w.random.Int64N(int64(2*w.o.Every-3*time.Second)))).Truncate(time.Second)
			for _, r := range w.act(w.groups[w.random.IntN(len(w.groups))]) {
				if made++; made > w.o.Calls || !yield(r) {
					return
				}
				for range w.o.Others {
					if !yield(w.other(r)) {
						return
					}
				}
			}
		}
	}
}

// other is a record about something else.
func (w *world) other(beside record) record {
	return record{
		shape: otherShape(w.random.IntN(len(otherRecords))), account: beside.account, region: beside.region, time: w.now,
		groupID: beside.groupID, eventID: w.random.Uint64(),
	}
}
