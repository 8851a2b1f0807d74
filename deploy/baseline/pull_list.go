package main

import (
	"encoding/json"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/merge"
	"github.com/sgwarden/sgwarden/deploy/baseline/patch"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// joinList decides about the file of a prefix list. One that changes nothing itself takes
// what Parameter Store has. Where Parameter Store changed nothing, the file stays. Changes
// of both are not joined. The document is nil where the file stays.
func (r *pulled) joinList(f basefile.File, from origin, theirs *baseline.Document) *baseline.Document {
	was, ours := merge.ContentOf(from.doc), merge.ContentOf(f.Says())
	switch {
	case ours.Same(was):
		return theirs
	case merge.ContentOf(theirs).Same(was):
		r.Result, r.Kept = pullUnchanged, compare.Documents(theirs, f.Says())
	default:
		r.Result = pullRefused
		r.Error = fmt.Sprintf("the file and Parameter Store both changed since version %d, and changes of prefix lists are not joined", from.version)
		r.Changes = compare.Documents(f.Says(), theirs)
	}
	return nil
}

// becomeList makes the new content of a prefix list's file.
func (r *pulled) becomeList(f basefile.File, stored baseline.GroupDocument) *pulled {
	theirs, err := account.Decode(stored)
	if err != nil {
		return r.fail(err)
	}
	r.Result, r.Changes = pullWritten, compare.Documents(f.Says(), theirs)
	if patch.HasComments(basefile.WithoutHead(f.Data)) {
		r.Remarks = append(r.Remarks, "the file is written anew, and its comments and layout are lost")
	}
	if r.data, err = listAnew(f.Path, stored); err != nil {
		return r.fail(err)
	}
	r.data = basefile.Like(f.Data, r.data)
	return r
}

// listAnew writes the document of a prefix list in the format that a file is in.
func listAnew(name string, stored baseline.GroupDocument) ([]byte, error) {
	doc, err := account.DecodeList(stored)
	if err != nil {
		return nil, err
	}
	if !basefile.IsJSON(name) {
		return yamlfile.EncodePrefixList(doc)
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the document of %s: %w", doc.PrefixListID, err)
	}
	return append(data, '\n'), nil
}
