package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/deploy/baseline/merge"
	"github.com/sgwarden/sgwarden/deploy/baseline/patch"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// pulled says what becomes of one file.
type pulled struct {
	compare.Group
	Result pullResult `json:"result"`
	// Version is the one of Parameter Store, 0 where there is none.
	Version int64 `json:"version,omitempty"`
	New     bool  `json:"new,omitempty"` // there was no file
	// Kept is what the file changes and Parameter Store doesn't have. It stays.
	Kept []compare.Difference `json:"kept,omitempty"`
	// Collisions are rules and settings that both sides changed, each in another way.
	Collisions []string `json:"collisions,omitempty"`
	Error      string   `json:"error,omitempty"`

	data  []byte // the new content
	taken string // the digest of Parameter Store's, empty where there is none
}

type pullResult string

const (
	pullUnchanged pullResult = "unchanged"
	pullWritten   pullResult = "written" // or would be, with --dry-run
	pullRefused   pullResult = "refused"
	pullFailed    pullResult = "failed"
	pullLeft      pullResult = "no-baseline"
)

// plan decides about all files, and about groups without a file.
func (p pull) plan(ctx context.Context, store ssmstore.Store, into *pullTarget, stored map[string]baseline.GroupDocument) ([]*pulled, error) {
	var results []*pulled
	progress := p.Progress("comparing baselines", len(into.files))
	defer progress.Clear()
	for _, f := range into.files {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("interrupted: %w", ctx.Err())
		}
		r, err := p.planFile(ctx, store, f, stored[f.ID()])
		if err != nil {
			return nil, err
		}
		results = append(results, r)
		progress.Step()
	}
	if into.dir != "" {
		for _, id := range slices.Sorted(maps.Keys(stored)) {
			if !into.has(id) {
				results = append(results, planNewFile(into.dir, stored[id]))
			}
		}
	}
	return results, ctx.Err()
}

// planFile decides about a file that is there. The error is one of AWS, which mostly
// every other file would meet too.
func (p pull) planFile(ctx context.Context, store ssmstore.Store, f basefile.File, stored baseline.GroupDocument) (*pulled, error) {
	ours := f.Says()
	r := &pulled{Version: stored.Stored.Version, Group: compare.About(f.ID(), ours.GroupName)}
	r.File, r.Changes = f.Path, []compare.Difference{}
	theirs, err := account.Decode(stored)
	switch {
	case err != nil:
		return r.fail(err), nil
	case theirs == nil:
		r.Result = pullLeft
		return r, nil
	}
	r.taken = lineage.Digest(theirs)
	if merge.ContentOf(theirs).Same(merge.ContentOf(ours)) {
		r.Result = pullUnchanged
		return r, nil
	}
	target := theirs
	if !p.theirs {
		if target, err = r.join(ctx, store, f, theirs); err != nil || target == nil {
			return r, err
		}
	}
	if f.List != nil {
		return r.becomeList(f, stored), nil
	}
	r.become(f, target)
	return r, nil
}

// fail notes what is wrong with the group's baseline.
func (r *pulled) fail(err error) *pulled {
	r.Result, r.Error = pullFailed, err.Error()
	return r
}

// join joins the changes of the file with those of Parameter Store. The document is nil
// where they don't go together.
func (r *pulled) join(ctx context.Context, store ssmstore.Store, f basefile.File, theirs *baseline.Document) (*baseline.Document, error) {
	history, err := store.History(ctx, account.Parameter(store, r.ID()))
	if awserr.ClassOf(err) == awserr.Denied {
		r.fail(fmt.Errorf("%w: its earlier versions tell what the file changes itself; without them, use --theirs", err))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	origin, found := originOf(f, history)
	if !found {
		r.Result = pullRefused
		r.Error = "no push of a file wrote any version that Parameter Store still has, so nobody knows which differences are changes of the file"
		r.Changes = compare.Documents(f.Says(), theirs)
		return nil, nil
	}
	if f.List != nil {
		return r.joinList(f, origin, theirs), nil
	}
	joined, err := merge.Three(origin.doc, f.Doc, theirs)
	switch {
	case err != nil:
		r.fail(err)
		return nil, nil
	case len(joined.Collisions) > 0:
		r.Result, r.Collisions = pullRefused, joined.Collisions
		r.Error = fmt.Sprintf("the file and Parameter Store both changed the same since version %d", origin.version)
		return nil, nil
	}
	r.Kept = compare.Documents(theirs, joined.Doc)
	if origin.older > 0 {
		r.Remarks = append(r.Remarks, fmt.Sprintf("the file says what version %d said: if this is an old checkout, update it with git, or use --theirs", origin.older))
	}
	return joined.Doc, nil
}

// become makes the new content of a file.
func (r *pulled) become(f basefile.File, target *baseline.Document) {
	r.Changes = compare.Documents(f.Doc, target)
	if merge.ContentOf(target).Same(merge.ContentOf(f.Doc)) {
		r.Result = pullUnchanged
		return
	}
	r.Result = pullWritten
	text := basefile.WithoutHead(f.Data)
	var patchErr error
	if r.data, patchErr = patch.File(text, target); patchErr == nil {
		return
	}
	lost := "its layout is lost"
	if patch.HasComments(text) {
		lost = "its comments and layout are lost"
	}
	r.Remarks = append(r.Remarks, fmt.Sprintf("the file is written anew, and %s: %v", lost, patchErr))
	var err error
	if r.data, err = anew(f.Path, target); err != nil {
		r.fail(err)
	}
	r.data = basefile.Like(f.Data, r.data)
}

// anew writes a document in the format that a file is in.
func anew(name string, doc *baseline.Document) ([]byte, error) {
	if !basefile.IsJSON(name) {
		return yamlfile.Encode(doc)
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the baseline of %s: %w", doc.GroupID, err)
	}
	return append(data, '\n'), nil
}

// planNewFile decides about a group that has a baseline and no file.
func planNewFile(dir string, stored baseline.GroupDocument) *pulled {
	r := &pulled{New: true, Version: stored.Stored.Version, Group: compare.About(stored.GroupID, "")}
	r.Changes = []compare.Difference{}
	doc, err := account.Decode(stored)
	if err != nil {
		return r.fail(err)
	}
	r.Group = compare.About(doc.GroupID, doc.GroupName)
	r.File = filepath.Join(dir, basefile.NameFor(secgroup.Group{ID: doc.GroupID, Name: doc.GroupName}))
	if _, err := os.Lstat(r.File); err == nil {
		return r.fail(fmt.Errorf("its file would be %s, and another file is there: rename that one", r.File))
	}
	r.Result, r.Changes, r.taken = pullWritten, compare.Documents(nil, doc), lineage.Digest(doc)
	if r.IsList() {
		r.data, err = listAnew(r.File, stored)
	} else {
		r.data, err = yamlfile.Encode(doc)
	}
	if err != nil {
		return r.fail(err)
	}
	return r
}

// remarks writes what is kept and what collides, for people.
func (r *pulled) remarks() []string {
	remarks := slices.Clone(r.Remarks)
	if r.Result == pullRefused && len(r.Changes) > 0 {
		remarks = append(remarks, "the file is left as it is; this is what --theirs would change:")
	}
	for _, d := range r.Kept {
		remarks = append(remarks, "kept: your change: "+d.Text(unpainted, 0))
	}
	for _, c := range r.Collisions {
		remarks = append(remarks, "collision: "+c)
	}
	return remarks
}

func unpainted(_, text string) string { return text }

// where names what a result is about: the file, or the group where there is none.
func (r *pulled) where() string { return strings.TrimPrefix(r.File+": "+r.ID(), ": ") }
