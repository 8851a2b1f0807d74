package notified

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Contention returns what is remembered of a group's reverts.
func (b *Memory) Contention(groupID string) Contention {
	for _, f := range b.of(groupID).contentions {
		if f.GroupID == groupID {
			return Contention{GroupID: groupID, Reverts: slices.Clone(f.Reverts), Alarmed: f.Alarmed}
		}
	}
	return Contention{GroupID: groupID}
}

const (
	mostReverts  = 101 // of a group: one more than the highest limit
	longestWords = 200 // of a revert's texts, in bytes
)

// KeepContention replaces what is remembered of a group's reverts.
func (b *Memory) KeepContention(f Contention) {
	f.Reverts = slices.Clone(f.Reverts)
	slices.SortStableFunc(f.Reverts, func(a, b Revert) int { return a.At.Compare(b.At) })
	f.Reverts = f.Reverts[max(0, len(f.Reverts)-mostReverts):]
	for i := range f.Reverts {
		r := &f.Reverts[i]
		r.At, r.Who, r.Rule = r.At.Truncate(time.Second), shortened(r.Who), shortened(r.Rule)
	}
	f.Alarmed = f.Alarmed.Truncate(time.Second)
	s := b.of(f.GroupID)
	s.contentions = slices.DeleteFunc(s.contentions, func(g Contention) bool { return g.GroupID == f.GroupID })
	s.contentions = append(s.contentions, f)
	slices.SortFunc(s.contentions, func(a, b Contention) int { return cmp.Compare(a.GroupID, b.GroupID) })
}

func shortened(text string) string {
	if len(text) <= longestWords {
		return text
	}
	return strings.ToValidUTF8(text[:longestWords], "")
}
