package amend

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// Baseline is the baseline of a group. decode decodes what is stored, and says what to
// do where there is no baseline, or a broken one.
func Baseline(store ssmstore.Store, groupID string, decode func(baseline.Stored) (*baseline.Document, error)) Kind[*baseline.Document] {
	parameter := store.Parameter(groupID)
	return Kind[*baseline.Document]{
		Parameter: parameter,
		Read:      func(ctx context.Context) (baseline.Stored, error) { return store.ReadBaseline(ctx, groupID) },
		Decode:    decode,
		Put:       store.PutDescribed,
		History:   func(ctx context.Context) ([]baseline.Version, error) { return store.History(ctx, parameter) },
		Facts:     factsOf,
		With:      with,
	}
}

// factsOf splits a baseline into facts: settings, rules with their descriptions, exceptions.
func factsOf(d *baseline.Document) Facts {
	f := Facts{
		"groupName": d.GroupName, "mode": string(d.Mode), "match": d.Match, "restore": strconv.FormatBool(d.Restore), "graceMinutes": "",
		"ingress": guarded(d, rule.Ingress), "egress": guarded(d, rule.Egress),
	}
	if d.GraceMinutes != nil {
		f["graceMinutes"] = strconv.Itoa(*d.GraceMinutes)
	}
	for _, entries := range [][]baseline.Entry{d.Ingress, d.Egress} {
		for _, e := range entries {
			for _, r := range e.Rules() {
				f[r.String()] = e.Description
			}
		}
	}
	for _, e := range d.Exceptions {
		for _, r := range e.Rules() {
			f[exceptionKey(r, e)] = e.Description
		}
	}
	return f
}

const notGuarded = "not guarded"

func guarded(d *baseline.Document, direction rule.Direction) string {
	if d.Guards(direction) {
		return "guarded"
	}
	return notGuarded
}

// exceptionKey has what an exception is, except for its description, between zero bytes.
func exceptionKey(r rule.Rule, e baseline.Exception) string {
	return strings.Join([]string{r.String(), e.Expires.UTC().Format(time.RFC3339Nano), e.Reason, e.ApprovedBy}, separator)
}

// separator is in no text of a document that a person wrote.
const separator = "\x00"

// with returns a copy of a baseline with changes. Entries that nothing changes stay as
// they are.
func with(d *baseline.Document, changes Changes) (*baseline.Document, error) {
	changes = changes.but(factsOf(d))
	if len(changes) == 0 {
		return d, nil
	}
	n := *d
	n.Ingress, n.Egress = without(d.Ingress, changes), without(d.Egress, changes)
	n.Exceptions = nil
	for _, e := range d.Exceptions {
		if entries := withoutKeys(e.Entry, func(r rule.Rule) string { return exceptionKey(r, e) }, changes); len(entries) > 0 {
			e.Entry = entries[0]
			n.Exceptions = append(n.Exceptions, e)
		}
	}
	// In the order of the keys, in which the directions come before their rules: a rule
	// of a direction that is not guarded any more is left out.
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		if value := changes[key]; value != nil {
			if err := set(&n, key, *value); err != nil {
				return nil, err
			}
		}
	}
	data, err := baseline.Encode(&n)
	if err != nil {
		return nil, err
	}
	return baseline.Decode(data, d.GroupID)
}

// without returns entries without the rules that changes name; a direction that is
// guarded stays so.
func without(entries []baseline.Entry, changes Changes) []baseline.Entry {
	if entries == nil {
		return nil
	}
	left := []baseline.Entry{}
	for _, e := range entries {
		left = append(left, withoutKeys(e, rule.Rule.String, changes)...)
	}
	return left
}

// withoutKeys returns an entry without those of its peers whose keys changes name; none
// where no peer is left.
func withoutKeys(e baseline.Entry, key func(rule.Rule) string, changes Changes) []baseline.Entry {
	sources, destinations := e.Sources, e.Destinations
	e.Sources, e.Destinations = nil, nil
	for i, r := range e.Rules() { // each rule is of the peer at the same position
		if _, changed := changes[key(r)]; changed {
			continue
		}
		if sources != nil {
			e.Sources = append(e.Sources, sources[i])
		} else {
			e.Destinations = append(e.Destinations, destinations[i])
		}
	}
	if len(e.Sources)+len(e.Destinations) == 0 {
		return nil
	}
	return []baseline.Entry{e}
}

// set makes a fact so that is not.
func set(d *baseline.Document, key, value string) error {
	switch key {
	case "groupName":
		d.GroupName = value
	case "mode":
		d.Mode = baseline.Mode(value)
	case "match":
		d.Match = value
	case "restore":
		d.Restore = value == "true"
	case "graceMinutes":
		d.GraceMinutes = nil
		if minutes, err := strconv.Atoi(value); err == nil {
			d.GraceMinutes = &minutes
		}
	case "ingress":
		d.Ingress = guardedIf(value, d.Ingress)
	case "egress":
		d.Egress = guardedIf(value, d.Egress)
	default:
		return addRule(d, key, value)
	}
	return nil
}

func guardedIf(value string, entries []baseline.Entry) []baseline.Entry {
	if value == notGuarded {
		return nil
	}
	return append([]baseline.Entry{}, entries...)
}

// addRule adds a rule or an exception of a direction that is guarded.
func addRule(d *baseline.Document, key, description string) error {
	parts := strings.Split(key, separator)
	r, err := rule.Parse(parts[0])
	if err == nil && len(parts) == 1 {
		err = d.Allow(r, description)
	} else if err == nil {
		var expires time.Time
		if expires, err = time.Parse(time.RFC3339Nano, parts[1]); err == nil {
			err = d.AllowUntil(r, description, expires, parts[2], parts[3])
		}
	}
	if errors.Is(err, baseline.ErrNotGuarded) {
		return nil
	}
	return err
}
