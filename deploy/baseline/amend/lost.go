package amend

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// atOnce is how long before a version somebody may have read what the version is made
// of. A write follows its read at once; this leaves time for calls that AWS throttles.
const atOnce = 30 * time.Second

// version is a version of a document, taken apart. Facts are nil where the version can't
// be read.
type version struct {
	number int64
	at     time.Time
	by     string
	facts  Facts
}

// errHistory says that Parameter Store does not show a version that was written just now.
var errHistory = errors.New("its history does not show the versions in between")

// overwritten finds what a write undid, and notes it in done.
func (k Kind[D]) overwritten(ctx context.Context, over overwrite, done *Outcome, wait Wait) (Changes, error) {
	for n := 1; ; n++ {
		history, err := k.History(ctx)
		if err != nil {
			return nil, err
		}
		versions := k.takenApart(history)
		if hasAll(versions, over.read, over.wrote) {
			lost := lostBy(versions, over.read, over.wrote)
			done.note(versions, over.read, over.wrote, lost)
			return lost, nil
		}
		if n == maxTries {
			return nil, errHistory
		}
		if err := wait(ctx, n); err != nil {
			return nil, err
		}
	}
}

func (k Kind[D]) takenApart(history []baseline.Version) []version {
	versions := make([]version, len(history))
	for i, h := range history {
		versions[i] = version{number: h.Version, at: h.ModifiedAt, by: h.ModifiedBy}
		if h.Unreadable != nil {
			continue
		}
		if doc, err := k.Decode(h.Stored); err == nil {
			versions[i].facts = k.Facts(doc)
		}
	}
	return versions
}

// hasAll reports whether the history, which is in order, goes from one version to another.
func hasAll(versions []version, from, to int64) bool {
	first := slices.IndexFunc(versions, func(v version) bool { return v.number == from })
	return first >= 0 && int64(len(versions)-first) > to-from
}

// lostBy returns what the versions between base and wrote say that base doesn't. Each
// fact that one of them added counts. A fact that one of them took away or changed counts
// only if its author can't have read it from an older version: such an author overwrote
// somebody too, and puts that back. So a rule that somebody adds is never lost. One that
// somebody takes away while two others write at the same time can come back.
func lostBy(versions []version, base, wrote int64) Changes {
	lost := Changes{}
	first := slices.IndexFunc(versions, func(v version) bool { return v.number == base })
	before := versions[first].facts
	for i := first + 1; versions[i].number < wrote; i++ {
		v := versions[i]
		if v.facts == nil {
			continue
		}
		for key, value := range v.facts {
			if was, there := before[key]; !there || was != value && !isStale(versions[:i], v, key) {
				lost[key] = &value
			}
		}
		for key := range before {
			if _, there := v.facts[key]; !there && !isStale(versions[:i], v, key) {
				lost[key] = nil
			}
		}
	}
	return lost
}

// isStale reports whether a fact of v may be as an older version had it, of those that
// were in force shortly before v.
func isStale(older []version, v version, key string) bool {
	value, there := v.facts[key]
	for i := len(older) - 1; i >= 0; i-- {
		if i < len(older)-1 && v.at.Sub(older[i+1].at) > atOnce {
			return false
		}
		if old, had := older[i].facts[key]; older[i].facts != nil && had == there && old == value {
			return true
		}
	}
	return false
}

// note tells of what was overwritten.
func (o *Outcome) note(versions []version, base, wrote int64, lost Changes) {
	for _, v := range versions {
		switch {
		case v.number <= base || v.number >= wrote:
		case v.facts == nil:
			o.Broken = append(o.Broken, fmt.Sprintf("version %d, which %s wrote at the same time, can't be read, and was overwritten by version %d", v.number, v.by, wrote))
		}
	}
	for _, line := range lost.lines() {
		if !slices.Contains(o.Restored, line) {
			o.Restored = append(o.Restored, line)
		}
	}
}

// lines writes changes for people: + is there, - is not.
func (c Changes) lines() []string {
	lines := make([]string, 0, len(c))
	for _, key := range slices.Sorted(maps.Keys(c)) {
		text := strings.TrimRight(strings.ReplaceAll(key, separator, ", "), ", ")
		switch value := c[key]; {
		case value == nil:
			lines = append(lines, "- "+text)
		case *value == "":
			lines = append(lines, "+ "+text)
		default:
			lines = append(lines, fmt.Sprintf("+ %s: %s", text, *value))
		}
	}
	return lines
}

// but returns the changes that make a difference to facts.
func (c Changes) but(now Facts) Changes {
	left := Changes{}
	for key, value := range c {
		if is, there := now[key]; there != (value != nil) || there && is != *value {
			left[key] = value
		}
	}
	return left
}
