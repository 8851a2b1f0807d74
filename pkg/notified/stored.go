package notified

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// The stored form. Names are short, and times are seconds since 1970.
type (
	storedShard struct {
		Schema      int                `json:"schema"`
		Open        []storedEntry      `json:"open,omitempty"`
		Short       []storedRecent     `json:"brief,omitempty"`
		Recent      []storedRecent     `json:"recent,omitempty"`
		Contentions []storedContention `json:"fights,omitempty"`
		Full        int64              `json:"full,omitempty"`
	}
	storedEntry struct {
		Group      string        `json:"g,omitempty"`
		Name       string        `json:"n,omitempty"`
		Kind       alert.Kind    `json:"k"`
		Parameter  string        `json:"p,omitempty"`
		Rule       string        `json:"r,omitempty"`
		Verdict    alert.Verdict `json:"v,omitempty"`
		Since      int64         `json:"s"`
		State      string        `json:"st"`
		Act        string        `json:"a,omitempty"`
		Awaits     bool          `json:"w,omitempty"`
		Notified   int           `json:"t"`
		NotifiedAt int64         `json:"l"`
	}
	storedRecent struct {
		At     int64  `json:"t"`
		Hashes []byte `json:"h"`
	}
	storedContention struct {
		Group   string         `json:"g,omitempty"`
		Reverts []storedRevert `json:"r,omitempty"`
		Alarmed int64          `json:"a,omitempty"`
	}
	storedRevert struct {
		At   int64  `json:"t"`
		Who  string `json:"w,omitempty"`
		Rule string `json:"r"`
	}
)

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func timeOf(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// pack returns the value of a shard.
func (s *shard) pack() (string, error) {
	text, err := s.text()
	if err != nil {
		return "", err
	}
	return compressed(text)
}

// text returns the JSON of a shard.
func (s *shard) text() ([]byte, error) {
	stored := storedShard{Schema: schema, Full: seconds(s.full)}
	for _, b := range s.short {
		stored.Short = append(stored.Short, storedRecent{seconds(b.last), joined(b.all)})
	}
	for _, e := range s.open {
		stored.Open = append(stored.Open, storedEntry{e.GroupID, e.GroupName, e.Kind, e.Parameter, e.Rule, e.Verdict, seconds(e.Since), e.State, e.Act, e.Awaits, e.Notified, seconds(e.NotifiedAt)})
	}
	for _, r := range s.recent {
		stored.Recent = append(stored.Recent, storedRecent{seconds(r.at), joined(r.hashes)})
	}
	for _, f := range s.contentions {
		kept := storedContention{Group: f.GroupID, Alarmed: seconds(f.Alarmed)}
		for _, r := range f.Reverts {
			kept.Reverts = append(kept.Reverts, storedRevert{seconds(r.At), r.Who, r.Rule})
		}
		stored.Contentions = append(stored.Contentions, kept)
	}
	return json.Marshal(stored)
}

func (stored storedShard) shard() (shard, error) {
	s := shard{full: timeOf(stored.Full)}
	for _, b := range stored.Short {
		all, err := split[shortEntry](b.Hashes)
		if err != nil {
			return shard{}, fmt.Errorf("brief entries: %w", err)
		}
		s.short = append(s.short, shortEntries{timeOf(b.At), all})
	}
	for _, e := range stored.Open {
		s.open = append(s.open, Entry{
			Open:  Open{e.Group, e.Name, e.Kind, e.Parameter, e.Rule, e.Verdict, timeOf(e.Since)},
			State: e.State, Act: e.Act, Awaits: e.Awaits, Notified: e.Notified, NotifiedAt: timeOf(e.NotifiedAt),
		})
	}
	for _, r := range stored.Recent {
		all, err := split[hash](r.Hashes)
		if err != nil {
			return shard{}, fmt.Errorf("facts: %w", err)
		}
		s.recent = append(s.recent, recent{timeOf(r.At), all})
	}
	for _, f := range stored.Contentions {
		kept := Contention{GroupID: f.Group, Alarmed: timeOf(f.Alarmed)}
		for _, r := range f.Reverts {
			kept.Reverts = append(kept.Reverts, Revert{timeOf(r.At), r.Who, r.Rule})
		}
		s.contentions = append(s.contentions, kept)
	}
	return s, nil
}

// joined writes values one behind the other.
func joined[T hash | shortEntry](values []T) []byte {
	var all []byte
	for _, v := range values {
		for i := range len(v) {
			all = append(all, v[i])
		}
	}
	return all
}

// split reads what joined wrote.
func split[T hash | shortEntry](joined []byte) ([]T, error) {
	var value T
	if len(joined)%len(value) != 0 {
		return nil, fmt.Errorf("%d bytes: want a multiple of %d", len(joined), len(value))
	}
	all := make([]T, 0, len(joined)/len(value))
	for chunk := range slices.Chunk(joined, len(value)) {
		for i := range len(value) {
			value[i] = chunk[i]
		}
		all = append(all, value)
	}
	return all, nil
}
