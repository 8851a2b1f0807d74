package notified

import (
	"crypto/sha256"
	"slices"
	"time"
)

// Daily is how long people are not reminded of what stays. It is a little less than a
// day, so that the same sweep of each day reminds them.
const Daily = 24*time.Hour - 10*time.Minute

// longEntries is how many entries of a full shard are kept as they are.
const longEntries = 16

// shortEntries are entries of one time, for which there is no room. Whether
// they are news is known. Nobody can say that they are over: their names are not known.
type shortEntries struct {
	last time.Time
	all  []shortEntry
}

// shortEntry stands for an entry: six bytes for the name, and two for the state.
type shortEntry [8]byte

func shortEntryOf(r Ref, state string) (b shortEntry) {
	name := hashOf("open\n" + r.GroupID + "\n" + r.Rule + "\n" + r.Parameter + "\n" + string(r.Verdict) + "\n" + string(r.Kind))
	copy(b[:6], name[:])
	sum := sha256.Sum256([]byte(state))
	copy(b[6:], sum[:])
	return b
}

func (b shortEntry) hasName(other shortEntry) bool { return [6]byte(b[:6]) == [6]byte(other[:6]) }

// Find returns the open entry of a name. Where the memory has no room for the entry, it
// returns what is known: when people were notified, and whether the state was the same.
func (b *Memory) Find(r Ref, state string) (Entry, bool) {
	if e, found := b.Entry(r); found {
		return e, true
	}
	wanted := shortEntryOf(r, state)
	for _, at := range b.of(r.GroupID).short {
		for _, one := range at.all {
			if !one.hasName(wanted) {
				continue
			}
			e := Entry{Open: Open{GroupID: r.GroupID, Kind: r.Kind, Parameter: r.Parameter, Rule: r.Rule, Verdict: r.Verdict, Since: at.last}, Notified: 1, NotifiedAt: at.last}
			if one == wanted {
				e.State = state
			}
			return e, true
		}
	}
	return Entry{}, false
}

// IsFull reports whether people were notified at a time or later of more in the shard of a
// group than the memory holds.
func (b *Memory) IsFull(groupID string, since time.Time) bool {
	full := b.of(groupID).full
	return !full.IsZero() && !full.Before(since)
}

func (s *shard) dropShort(r Ref) {
	dropped := shortEntryOf(r, "")
	for i := range s.short {
		s.short[i].all = slices.DeleteFunc(s.short[i].all, func(b shortEntry) bool { return b.hasName(dropped) })
	}
	s.short = slices.DeleteFunc(s.short, func(b shortEntries) bool { return len(b.all) == 0 })
}

// shorten keeps n entries as short entries: the oldest ones of the group that has most.
func (s *shard) shorten(n int) {
	count := map[string]int{}
	most := s.open[0].GroupID
	for _, e := range s.open {
		if count[e.GroupID]++; count[e.GroupID] > count[most] {
			most = e.GroupID
		}
	}
	s.open = slices.DeleteFunc(s.open, func(e Entry) bool {
		if n == 0 || e.GroupID != most {
			return false
		}
		n--
		s.addShort(e.NotifiedAt, shortEntryOf(e.Ref(), e.State))
		return true
	})
}

func (s *shard) addShort(last time.Time, b shortEntry) {
	i, found := slices.BinarySearchFunc(s.short, last, func(b shortEntries, at time.Time) int { return b.last.Compare(at) })
	if !found {
		s.short = slices.Insert(s.short, i, shortEntries{last: last})
	}
	s.short[i].all = append(s.short[i].all, b)
}

// forgetShort forgets n of them, the newest first: what people have known for long stays
// known, so that no sweep makes a mail of what the sweep before made the memory forget.
func (s *shard) forgetShort(n int) {
	last := &s.short[len(s.short)-1]
	last.all = last.all[:max(0, len(last.all)-n)]
	if len(last.all) == 0 {
		s.short = s.short[:len(s.short)-1]
	}
}
