package told

import (
	"crypto/sha256"
	"slices"
	"time"
)

// Daily is how long people are not told again of what stays. It is a little less than a
// day, so that the same sweep of each day tells them.
const Daily = 24*time.Hour - 10*time.Minute

// longEntries is how many entries of a full shard are kept as they are.
const longEntries = 16

// briefs are entries that were told of at one time, for which there is no room. Whether
// they are news is known. Nobody can say that they are over: their names are not known.
type briefs struct {
	last time.Time
	all  []brief
}

// brief stands for an entry: six bytes for the name, and two for the state.
type brief [8]byte

func briefOf(r Ref, state string) (b brief) {
	name := hashOf("open\n" + r.GroupID + "\n" + r.Rule + "\n" + r.Parameter + "\n" + string(r.Verdict) + "\n" + string(r.Kind))
	copy(b[:6], name[:])
	sum := sha256.Sum256([]byte(state))
	copy(b[6:], sum[:])
	return b
}

func (b brief) hasName(other brief) bool { return [6]byte(b[:6]) == [6]byte(other[:6]) }

// Find returns the open entry of a name. Where the memory has no room for the entry, it
// returns what is known: when people were told, and whether the state was the same.
func (b *Book) Find(r Ref, state string) (Entry, bool) {
	if e, found := b.Entry(r); found {
		return e, true
	}
	wanted := briefOf(r, state)
	for _, at := range b.of(r.GroupID).briefs {
		for _, one := range at.all {
			if !one.hasName(wanted) {
				continue
			}
			e := Entry{Open: Open{GroupID: r.GroupID, Kind: r.Kind, Parameter: r.Parameter, Rule: r.Rule, Verdict: r.Verdict, Since: at.last}, Told: 1, Last: at.last}
			if one == wanted {
				e.State = state
			}
			return e, true
		}
	}
	return Entry{}, false
}

// IsFull reports whether people were told at a time or later of more in the shard of a
// group than the memory holds.
func (b *Book) IsFull(groupID string, since time.Time) bool {
	full := b.of(groupID).full
	return !full.IsZero() && !full.Before(since)
}

func (s *shard) dropBrief(r Ref) {
	gone := briefOf(r, "")
	for i := range s.briefs {
		s.briefs[i].all = slices.DeleteFunc(s.briefs[i].all, func(b brief) bool { return b.hasName(gone) })
	}
	s.briefs = slices.DeleteFunc(s.briefs, func(b briefs) bool { return len(b.all) == 0 })
}

// shorten keeps n entries as briefs: the oldest ones of the group that has most.
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
		s.addBrief(e.Last, briefOf(e.Ref(), e.State))
		return true
	})
}

func (s *shard) addBrief(last time.Time, b brief) {
	i, found := slices.BinarySearchFunc(s.briefs, last, func(b briefs, at time.Time) int { return b.last.Compare(at) })
	if !found {
		s.briefs = slices.Insert(s.briefs, i, briefs{last: last})
	}
	s.briefs[i].all = append(s.briefs[i].all, b)
}

// forgetBriefs forgets n of them, the newest first: what people have known for long stays
// known, so that no sweep tells what the one before made the memory forget.
func (s *shard) forgetBriefs(n int) {
	last := &s.briefs[len(s.briefs)-1]
	last.all = last.all[:max(0, len(last.all)-n)]
	if len(last.all) == 0 {
		s.briefs = s.briefs[:len(s.briefs)-1]
	}
}
