package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// Version is a version of a group's baseline, or of a prefix list's document. Where it can't be used, Broken
// says why and Doc is nil.
type Version struct {
	baseline.Version
	GroupID string
	Doc     *baseline.Document   // as Decode has it
	List    *baseline.PrefixList // of a prefix list, whose id GroupID is; nil for a group
	Broken  error
}

// VersionInfo is what --output json has of a version.
type VersionInfo struct {
	Parameter  string    `json:"parameter"`
	Version    int64     `json:"version"`
	ModifiedAt time.Time `json:"modifiedAt"`
	ModifiedBy string    `json:"modifiedBy"`
	Broken     string    `json:"broken,omitempty"`
}

func (v Version) Info() VersionInfo {
	info := VersionInfo{Parameter: v.Parameter, Version: v.Version.Version, ModifiedAt: v.ModifiedAt.UTC(), ModifiedBy: v.ModifiedBy}
	if v.Broken != nil {
		info.Broken = v.Broken.Error()
	}
	return info
}

// JSON returns the document of a version that is not broken, as Parameter Store has it.
func (v Version) JSON() ([]byte, error) {
	if v.List != nil {
		return baseline.EncodePrefixList(v.List)
	}
	return baseline.Encode(v.Doc)
}

// YAML returns the document of a version that is not broken, as files have it.
func (v Version) YAML() ([]byte, error) {
	if v.List != nil {
		return yamlfile.EncodePrefixList(v.List)
	}
	return yamlfile.Encode(v.Doc)
}

// Put writes the document of a version that is not broken over what was read before.
func (v Version) Put(ctx context.Context, store ssmstore.Store, replaces baseline.Stored) (version int64, err error) {
	if v.List != nil {
		return store.PutPrefixList(ctx, v.List, replaces, "")
	}
	return store.Put(ctx, v.Doc, replaces)
}

// VersionsOf reads the versions of the baseline of a group that people name by id or as
// name:web, or of a prefix list's document, oldest first. There is at least one. A group
// that was deleted from EC2 has only its id.
func (a *Account) VersionsOf(ctx context.Context, store ssmstore.Store, target string) ([]Version, error) {
	ids, err := a.FindTargets(ctx, target)
	if err != nil {
		return nil, err
	}
	versions, err := Versions(ctx, store, ids[0])
	if errors.Is(err, ErrNoBaseline) {
		return nil, a.withoutBaseline(ctx, store, ids[0])
	}
	return versions, err
}

// Versions reads the versions of a group's baseline, or of a prefix list's document,
// that Parameter Store still has, oldest first. There is at least one.
func Versions(ctx context.Context, store ssmstore.Store, id string) ([]Version, error) {
	if err := CheckGroupID(id); err != nil && !rule.IsPrefixListID(id) {
		return nil, err
	}
	history, err := store.History(ctx, Parameter(store, id))
	if err != nil {
		return nil, err
	}
	if len(history) == 0 {
		return nil, NoBaseline(store, id)
	}
	versions := make([]Version, len(history))
	for i, v := range history {
		doc, err := entries.Decode(v.Value, id)
		if err != nil && isIncomplete(v.Value) {
			err = ErrIncomplete
		}
		versions[i] = Version{Version: v, GroupID: id, Doc: doc, Broken: err}
		if rule.IsPrefixListID(id) && err == nil {
			versions[i].List, versions[i].Broken = baseline.DecodePrefixList(v.Value, id)
		}
	}
	return versions, nil
}

// ErrIncomplete is a version that was in parts which are deleted by now.
var ErrIncomplete = errors.New("not all of it is in Parameter Store any more: it was too large for one parameter")

// isIncomplete reports whether History gave what stands for a document in place
// of the document.
func isIncomplete(value []byte) bool {
	var head struct {
		Parts int `json:"parts"`
	}
	return json.Unmarshal(value, &head) == nil && head.Parts > 0
}

// ErrNoBaseline says that Parameter Store has no baseline of a group or prefix list.
var ErrNoBaseline = errors.New("there is no baseline")

// NoBaseline returns an ErrNoBaseline that says where it was looked for.
func NoBaseline(store ssmstore.Store, id string) error {
	return reportOnly{fmt.Sprintf("%s has no baseline at %s, so it isn't guarded: capture and push one first (or is it another --prefix, region or account?)",
		id, Parameter(store, id)), ErrNoBaseline}
}

// Pick finds a version by its number; 0 is the current one.
func Pick(versions []Version, number int64) (Version, error) {
	current := versions[len(versions)-1]
	if number == 0 {
		return current, nil
	}
	at := slices.IndexFunc(versions, func(v Version) bool { return v.Version.Version == number })
	if at < 0 {
		return Version{}, fmt.Errorf("%s has no version %d: Parameter Store still has %d to %d",
			current.Parameter, number, versions[0].Version.Version, current.Version.Version)
	}
	return versions[at], nil
}

// WrittenBy says who wrote a version when, for people.
func (v VersionInfo) WrittenBy() string {
	by := v.ModifiedBy
	if by == "" {
		by = "(unknown)"
	}
	return fmt.Sprintf("%s by %s", v.ModifiedAt.Format(time.RFC3339), by)
}
