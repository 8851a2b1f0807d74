package judge

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// ErrUnknownGrace says that nobody knows what was permitted until recently.
var ErrUnknownGrace = errors.New("it is not known what the baseline permitted until recently")

// GraceEnd returns until when the grace of the version in force lasts, zero where
// there is none any more. otherwise is the length for baselines that don't say one.
// A version that seems to be written in the future is young: a clock is off.
func GraceEnd(doc *baseline.Document, current baseline.Stored, otherwise time.Duration, now time.Time) time.Time {
	return endOf(doc.Grace(otherwise), current, now)
}

func endOf(length time.Duration, current baseline.Stored, now time.Time) time.Time {
	end := current.ModifiedAt.Add(length)
	if length == 0 || current.ModifiedAt.IsZero() || !now.Before(end) {
		return time.Time{}
	}
	return end
}

// GraceOf returns what the versions of a baseline permitted that were in force
// during the grace, given all versions that the store has, oldest first:
//
//	grace              |<------------- 10 minutes ------------->|
//	versions   ...─ 5 ─┼───────── 6 ─────────┬─────── 7 ────────┤ now
//	former             5                     6
//
// The error is ErrUnknownGrace, also where the version in force is not among them:
// then the baseline was deleted meanwhile. A version that was broken permitted nothing.
func GraceOf(doc *baseline.Document, current baseline.Stored, versions []baseline.Version, otherwise time.Duration, now time.Time) (Grace, error) {
	end := GraceEnd(doc, current, otherwise, now)
	if end.IsZero() {
		return Grace{}, nil
	}
	recent, err := recentVersions(current, versions, now.Add(-doc.Grace(otherwise)))
	if err != nil {
		return Grace{}, err
	}
	g := Grace{Until: end}
	for _, v := range recent {
		if former, err := baseline.Decode(v.Value, doc.GroupID); err == nil {
			g.Former = append(g.Former, Former{Version: v.Version, Document: former})
		}
	}
	return g, nil
}

// recentVersions returns the versions before the one in force that were still in
// force at start. See GraceOf for the error.
func recentVersions(current baseline.Stored, versions []baseline.Version, start time.Time) ([]baseline.Version, error) {
	if !slices.ContainsFunc(versions, func(v baseline.Version) bool { return v.Version == current.Version }) {
		return nil, fmt.Errorf("%w: version %d is not in force any more", ErrUnknownGrace, current.Version)
	}
	var recent []baseline.Version
	for i, v := range versions {
		last := i == len(versions)-1
		if v.Version >= current.Version || !last && !versions[i+1].ModifiedAt.After(start) {
			continue // the version in force, or one that was replaced before the grace
		}
		if v.ReadError != nil {
			return nil, fmt.Errorf("%w: version %d: %w", ErrUnknownGrace, v.Version, v.ReadError)
		}
		recent = append(recent, v)
	}
	return recent, nil
}
