package amend

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// atOnce is how long before a version somebody may have read what the version is made
// of. A write follows its read at once; this leaves time for calls that AWS throttles.
const atOnce = 30 * time.Second

// version is a version of a document, as facts. Facts are nil where the version can't
// be read.
type version struct {
	number int64
	at     time.Time
	by     string
	facts  Facts
	base   int64 // that the version was made of; 0: not known
}

// record is the description of a version: what it was made of. It holds the digest of the
// version, since a parameter may keep its description when somebody writes without one.
func record(base int64, facts Facts) string {
	return fmt.Sprintf("amended by sgwarden's baseline command: version %d became %s", base, digest(facts))
}

func digest(facts Facts) string {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		_, _ = fmt.Fprintf(h, "%q %q\n", key, facts[key]) // a hash takes all that it is given
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// baseIn returns the version that a version was made of, 0 where its description doesn't
// say, or names another version.
func baseIn(description string, facts Facts) int64 {
	var base int64
	if _, err := fmt.Sscanf(description, "amended by sgwarden's baseline command: version %d", &base); err != nil || description != record(base, facts) {
		return 0
	}
	return base
}

func (k Kind[D]) parse(history []baseline.Version) []version {
	versions := make([]version, len(history))
	for i, h := range history {
		versions[i] = version{number: h.Version, at: h.ModifiedAt, by: h.ModifiedBy}
		if h.ReadError != nil {
			continue
		}
		if doc, err := k.Decode(h.Stored); err == nil {
			versions[i].facts = k.Facts(doc)
			versions[i].base = baseIn(h.Description, versions[i].facts)
		}
	}
	return versions
}

// hasAll reports whether the history, which is in order, goes from one version to another.
func hasAll(versions []version, from, to int64) bool {
	first := slices.IndexFunc(versions, func(v version) bool { return v.number == from })
	return first >= 0 && int64(len(versions)-first) > to-from
}

// decisions say, for each fact of a version, which version decided it: that it is so, or
// that it is not there. 0 is as old as the history.
type decisions map[string]int64

// undoneBy returns how the newest version differs from what was decided last, fact by fact.
func undoneBy(versions []version) Changes {
	decided := make([]decisions, len(versions))
	last := map[string]int{} // by fact, the version with the newest decision
	for i, v := range versions {
		if v.facts == nil {
			continue
		}
		decided[i] = decide(versions, decided, i)
		for key, by := range decided[i] {
			if before, there := last[key]; !there || by > decided[before][key] {
				last[key] = i
			}
		}
	}
	undone := Changes{}
	newest := versions[len(versions)-1].facts
	for key, i := range last {
		undone[key] = nil
		if value, there := versions[i].facts[key]; there {
			undone[key] = &value
		}
	}
	return undone.but(newest)
}

// decide says which decisions hold in a version. A fact that is as in the version's base
// was decided there. A fact that differs is the version's own decision, or one of another
// version that it puts back. Where the base is not known, it may be any version that was in
// force shortly before.
func decide(versions []version, decided []decisions, at int) decisions {
	v, base := versions[at], baseOf(versions, at)
	if base < 0 {
		return decisions{}
	}
	d := maps.Clone(decided[base])
	for key := range difference(versions[base].facts, v.facts) {
		d[key] = decisionOn(key, versions[:at], decided, v, base)
	}
	return d
}

// decisionOn returns which version decided a fact in v that is not as in its base.
func decisionOn(key string, older []version, decided []decisions, v version, base int) int64 {
	var restored int64
	for i := len(older) - 1; i >= 0; i-- {
		switch {
		case older[i].facts == nil || !v.agrees(older[i], key):
		case v.base > 0 && decided[i][key] > decided[base][key]:
			restored = max(restored, decided[i][key])
		case v.base == 0 && i < len(older)-1 && v.wasInForce(older[i+1]):
			return decided[i][key]
		}
	}
	if restored > 0 {
		return restored
	}
	return v.number
}

// baseOf returns the index of the version that a version was made of, which is the one
// before where that is not known; -1 for none.
func baseOf(versions []version, at int) int {
	for i := at - 1; i >= 0; i-- {
		if versions[i].facts != nil && (versions[at].base == 0 || versions[i].number == versions[at].base) {
			return i
		}
	}
	return -1
}

// agrees reports whether a fact is the same in two versions.
func (v version) agrees(other version, key string) bool {
	value, there := v.facts[key]
	old, had := other.facts[key]
	return had == there && old == value
}

// wasInForce reports whether the version before next was in force shortly before v.
func (v version) wasInForce(next version) bool { return v.at.Sub(next.at) <= atOnce }

// noteBroken lists versions that were overwritten and can't be read.
func (e *edit[D]) noteBroken(versions []version) {
	for _, v := range versions {
		if v.facts != nil || v.number <= e.read || v.number >= e.wrote {
			continue
		}
		line := fmt.Sprintf("version %d, which %s wrote at the same time, can't be read, and was overwritten by version %d", v.number, v.by, e.wrote)
		if !slices.Contains(e.done.Broken, line) {
			e.done.Broken = append(e.done.Broken, line)
		}
	}
}

// noteRestored lists what is put back of others.
func (e *edit[D]) noteRestored() {
	others := maps.Clone(e.undone)
	maps.DeleteFunc(others, func(key string, _ *string) bool { return e.own[key] })
	for _, line := range others.lines() {
		if !slices.Contains(e.done.Restored, line) {
			e.done.Restored = append(e.done.Restored, line)
		}
	}
}
