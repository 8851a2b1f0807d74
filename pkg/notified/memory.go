package notified

import (
	"crypto/sha256"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// Shards is in how many parameters the memory is kept.
const Shards = 16

const (
	// Recently is how long the memory knows findings that were over when people were notified.
	Recently = 6 * time.Hour
	// stale is after how long without a reminder an open entry is forgotten. A drift that
	// stays makes a reminder daily, so nobody has seen such an entry for a week.
	stale = 7 * 24 * time.Hour
)

// Memory is the memory of one batch. Make it with Read or Empty.
type Memory struct {
	shards [Shards]shard
	// sealed shards are not written: they could not be read, so that nobody knows what
	// would be lost.
	sealed [Shards]bool
	loaded [Shards]string // values as they were read
	texts  [Shards]string // the JSON in them
	now    time.Time      // when Forget was called last
}

// shard is what one parameter holds.
type shard struct {
	open        []Entry
	short       []shortEntries // of entries for which there is no room
	recent      []recent
	contentions []Contention
	// full is when people were notified of more than the shard can hold; zero for never.
	full   time.Time
	forgot bool // that this batch forgot open entries
}

// recent are facts that were noted at one time.
type recent struct {
	at     time.Time
	hashes []hash
}

// hash stands for a fact. Among the 600 facts that a shard holds at most, two are the
// same with a probability of one in 10^9.
type hash [6]byte

func hashOf(fact string) hash {
	sum := sha256.Sum256([]byte(fact))
	return hash(sum[:6])
}

// Empty is a memory that knows nothing and can't be written.
func Empty() *Memory {
	b := &Memory{}
	for i := range b.sealed {
		b.sealed[i] = true
	}
	return b
}

// IsEmpty reports whether nothing of the memory could be read.
func (b *Memory) IsEmpty() bool { return !slices.Contains(b.sealed[:], false) }

// ShardOf says in which shard a group is kept.
func ShardOf(groupID string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(groupID)) // never fails
	return int(h.Sum32() % Shards)
}

func (b *Memory) of(groupID string) *shard { return &b.shards[ShardOf(groupID)] }

// Forget drops what is too old to matter at a time.
func (b *Memory) Forget(now time.Time, contentionsBefore time.Time) {
	b.now = now
	for i := range b.shards {
		s := &b.shards[i]
		s.open = slices.DeleteFunc(s.open, func(e Entry) bool { return now.Sub(e.NotifiedAt) > stale })
		s.short = slices.DeleteFunc(s.short, func(b shortEntries) bool { return now.Sub(b.last) > stale })
		s.recent = slices.DeleteFunc(s.recent, func(r recent) bool { return now.Sub(r.at) > Recently })
		for j := range s.contentions {
			f := &s.contentions[j]
			f.Reverts = slices.DeleteFunc(f.Reverts, func(r Revert) bool { return r.At.Before(contentionsBefore) })
		}
		s.contentions = slices.DeleteFunc(s.contentions, func(f Contention) bool { return len(f.Reverts) == 0 && f.Alarmed.Before(contentionsBefore) })
	}
}

// Entry returns the open entry of a name.
func (b *Memory) Entry(r Ref) (Entry, bool) {
	s := b.of(r.GroupID)
	i := slices.IndexFunc(s.open, func(e Entry) bool { return e.Ref() == r })
	if i < 0 {
		return Entry{}, false
	}
	return s.open[i], true
}

// longestName is how many bytes of a group's name are kept, so that one entry always
// fits a shard.
const longestName = 64

// Keep adds an open entry, or replaces it.
func (b *Memory) Keep(e Entry) {
	if len(e.GroupName) > longestName {
		e.GroupName = strings.ToValidUTF8(e.GroupName[:longestName], "")
	}
	e.Since, e.NotifiedAt = e.Since.Truncate(time.Second), e.NotifiedAt.Truncate(time.Second)
	b.Drop(e.Ref())
	s := b.of(e.GroupID)
	s.open = append(s.open, e)
	slices.SortStableFunc(s.open, func(a, b Entry) int { return a.NotifiedAt.Compare(b.NotifiedAt) })
}

// Drop deletes the open entry of a name, if there is one.
func (b *Memory) Drop(r Ref) {
	s := b.of(r.GroupID)
	s.dropShort(r)
	s.open = slices.DeleteFunc(s.open, func(e Entry) bool { return e.Ref() == r })
}

// Add remembers that people were notified of a fact about a group.
func (b *Memory) Add(groupID, fact string, now time.Time) {
	s, h := b.of(groupID), hashOf(fact)
	now = now.Truncate(time.Second)
	i, found := slices.BinarySearchFunc(s.recent, now, func(r recent, at time.Time) int { return r.at.Compare(at) })
	if !found {
		s.recent = slices.Insert(s.recent, i, recent{at: now})
	}
	if r := &s.recent[i]; !slices.Contains(r.hashes, h) {
		r.hashes = append(r.hashes, h)
	}
}

// Has reports whether a fact about a group was noted at a time or later.
func (b *Memory) Has(groupID, fact string, since time.Time) bool {
	h := hashOf(fact)
	return slices.ContainsFunc(b.of(groupID).recent, func(r recent) bool {
		return !r.at.Before(since.Truncate(time.Second)) && slices.Contains(r.hashes, h)
	})
}

// Elsewhere returns the name under which a memory keeps a group of another account or
// region, and what concerns all groups there, where groupID is empty.
func Elsewhere(account, region, groupID string) string {
	return account + "/" + region + "/" + groupID
}

// isElsewhere reports whether Elsewhere made the name of a group.
func isElsewhere(groupID string) bool { return strings.Contains(groupID, "/") }

// Open returns the entries that a sweep may find to be over. Entries of other accounts
// and regions are not among them: the sweep there finds out.
func (b *Memory) Open() []Open {
	var all []Open
	for _, s := range b.shards {
		for _, e := range s.open {
			if !e.Awaits && !isElsewhere(e.GroupID) {
				all = append(all, e.Open)
			}
		}
	}
	return all
}
