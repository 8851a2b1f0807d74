package notified

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

const (
	// MaxValue is how many bytes a shard's value has at most: as much as a standard
	// parameter holds.
	MaxValue = 4096
	// maxShard is how many bytes a value may unpack to. A full shard has some 30 KB.
	maxShard = 1 << 20
	schema   = 1
)

// Read returns the memory of the values that the parameters hold, by the number of the
// shard. A value that can't be read counts as empty and is not written over. The error
// names such shards; the memory can be used all the same.
func Read(values map[int]string) (*Memory, error) {
	b := &Memory{}
	var errs []error
	for _, i := range slices.Sorted(maps.Keys(values)) {
		value := values[i]
		s, text, err := unpack(value)
		if err != nil {
			errs = append(errs, fmt.Errorf("read shard %x of what was told: %w", i, err))
			b.sealed[i] = true
			continue
		}
		b.shards[i], b.loaded[i], b.texts[i] = s, value, string(text)
	}
	return b, errors.Join(errs...)
}

// Changed returns the values of the shards that are not as they were read, by number.
// Facts that do not fit are forgotten, the oldest first: facts, then reverts. Then open entries
// are shortened, and in the end the newest shortened ones are forgotten.
func (b *Memory) Changed() (map[int]string, error) {
	changed := map[int]string{}
	for i := range b.shards {
		s := &b.shards[i]
		if b.sealed[i] || b.loaded[i] == "" && s.size() == 0 {
			continue
		}
		text, err := s.text()
		if err == nil && string(text) == b.texts[i] {
			continue // packing takes longer than all else
		}
		value := ""
		if err == nil {
			value, err = compressed(text)
		}
		for ; err == nil && len(value) > MaxValue; value, err = s.pack() {
			if s.evict(max(1, s.size()/16)); b.now.Sub(s.full) >= Daily && s.forgot {
				s.full = b.now.Truncate(time.Second)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("pack shard %x of what was told: %w", i, err)
		}
		if value != b.loaded[i] {
			changed[i] = value
		}
	}
	return changed, nil
}

// size counts what can be forgotten.
func (s *shard) size() int {
	n := len(s.open) + len(s.contentions)
	for _, b := range s.short {
		n += len(b.all)
	}
	for _, r := range s.recent {
		n += len(r.hashes)
	}
	for _, f := range s.contentions {
		n += len(f.Reverts)
	}
	return n
}

// evict forgets n things of the first kind that there is.
func (s *shard) evict(n int) {
	switch {
	case len(s.recent) > 0:
		oldest := &s.recent[0]
		oldest.hashes = oldest.hashes[min(n, len(oldest.hashes)):]
		if len(oldest.hashes) == 0 {
			s.recent = s.recent[1:]
		}
	case len(s.contentions) > 0:
		s.evictReverts(n)
	case len(s.open) > longEntries:
		s.shorten(min(n, len(s.open)-longEntries))
	case len(s.short) > 0:
		s.forgot = true
		s.forgetShort(n)
	default:
		s.forgot = true
		s.open = s.open[min(n, len(s.open)):] // the entry of the last mail comes last
	}
}

func (s *shard) evictReverts(n int) {
	for ; n > 0 && len(s.contentions) > 0; n-- {
		oldest := 0
		for i, f := range s.contentions {
			if f.lastAt().Before(s.contentions[oldest].lastAt()) {
				oldest = i
			}
		}
		if f := &s.contentions[oldest]; len(f.Reverts) > 1 {
			f.Reverts = f.Reverts[1:]
		} else {
			s.contentions = slices.Delete(s.contentions, oldest, oldest+1)
		}
	}
}

func (f Contention) lastAt() time.Time {
	if len(f.Reverts) == 0 {
		return f.Alarmed
	}
	return f.Reverts[len(f.Reverts)-1].At
}

func compressed(text []byte) (string, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err = w.Write(text); err == nil {
		err = w.Close()
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes()), err
}

func unpack(value string) (s shard, text []byte, err error) {
	packed, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return shard{}, nil, fmt.Errorf("decode base64: %w", err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return shard{}, nil, fmt.Errorf("decompress: %w", err)
	}
	text, err = io.ReadAll(io.LimitReader(r, maxShard+1))
	if err != nil {
		return shard{}, nil, fmt.Errorf("decompress: %w", err)
	}
	if len(text) > maxShard {
		return shard{}, nil, fmt.Errorf("it unpacks to more than %d bytes", maxShard)
	}
	var stored storedShard
	if err := json.Unmarshal(text, &stored); err != nil {
		return shard{}, nil, err
	}
	if stored.Schema != schema {
		return shard{}, nil, fmt.Errorf("schema %d: want %d", stored.Schema, schema)
	}
	s, err = stored.shard()
	return s, text, err
}
