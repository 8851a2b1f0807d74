package notified

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Fight returns what is remembered of a group's reverts.
func (b *Memory) Fight(groupID string) Fight {
	for _, f := range b.of(groupID).fights {
		if f.GroupID == groupID {
			return Fight{GroupID: groupID, Reverts: slices.Clone(f.Reverts), Alarmed: f.Alarmed}
		}
	}
	return Fight{GroupID: groupID}
}

const (
	mostReverts  = 101 // of a group: one more than the highest limit
	longestWords = 200 // of a revert's texts, in bytes
)

// KeepFight replaces what is remembered of a group's reverts.
func (b *Memory) KeepFight(f Fight) {
	f.Reverts = slices.Clone(f.Reverts)
	slices.SortStableFunc(f.Reverts, func(a, b Revert) int { return a.At.Compare(b.At) })
	f.Reverts = f.Reverts[max(0, len(f.Reverts)-mostReverts):]
	for i := range f.Reverts {
		r := &f.Reverts[i]
		r.At, r.Who, r.Rule = r.At.Truncate(time.Second), shortened(r.Who), shortened(r.Rule)
	}
	f.Alarmed = f.Alarmed.Truncate(time.Second)
	s := b.of(f.GroupID)
	s.fights = slices.DeleteFunc(s.fights, func(g Fight) bool { return g.GroupID == f.GroupID })
	s.fights = append(s.fights, f)
	slices.SortFunc(s.fights, func(a, b Fight) int { return cmp.Compare(a.GroupID, b.GroupID) })
}

func shortened(text string) string {
	if len(text) <= longestWords {
		return text
	}
	return strings.ToValidUTF8(text[:longestWords], "")
}
