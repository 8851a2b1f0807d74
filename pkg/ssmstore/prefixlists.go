package ssmstore

import (
	"context"
	"iter"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// PrefixList is the name of the parameter that holds the document of a managed prefix
// list.
func (s Store) PrefixList(id string) string { return s.Prefix + "/prefix-lists/" + id }

// ReadPrefixList reads the document of a managed prefix list and the pause, in one
// round trip. A document that does not exist is the zero value. One that SSM refuses has a
// ReadError, as with Read.
func (s Store) ReadPrefixList(ctx context.Context, id string) (document, pause baseline.Stored, err error) {
	names := []string{s.PrefixList(id), s.Pause()}
	found, err := s.readTogether(ctx, names)
	if isRefused(err) {
		found, err = s.readOneByOne(ctx, names)
	}
	if err != nil {
		return baseline.Stored{}, baseline.Stored{}, err
	}
	document = found[names[0]]
	if document.ReadError == nil {
		document, err = s.assembled(ctx, id, document)
	}
	return document, found[names[1]], err
}

// AllPrefixLists reads the document of every managed prefix list, as AllBaselines
// reads baselines.
func (s Store) AllPrefixLists(ctx context.Context) iter.Seq2[baseline.ListDocument, error] {
	return func(yield func(baseline.ListDocument, error) bool) {
		for document, err := range s.underPath(ctx, strings.TrimSuffix(s.PrefixList(""), "/"), false) {
			if err != nil {
				yield(baseline.ListDocument{}, err)
				return
			}
			id := strings.TrimPrefix(document.Parameter, s.PrefixList(""))
			if !yield(baseline.ListDocument{PrefixListID: id, Stored: s.assembledOrError(ctx, id, document)}, nil) {
				return
			}
		}
	}
}

// PutPrefixList writes the document of a managed prefix list, with a description of
// the version. See Put and PutDescribed for the rest.
func (s Store) PutPrefixList(ctx context.Context, p *baseline.PrefixList, replaces baseline.Stored, description string) (version int64, err error) {
	data, err := baseline.EncodePrefixList(p)
	if err != nil {
		return 0, err
	}
	return s.put(ctx, kept{s.PrefixList(p.PrefixListID), p.PrefixListID}, data, replaces, description)
}

// idOf is the id under which the parts of a document are kept: the last part of the
// parameter's name.
func idOf(parameter string) string { return parameter[strings.LastIndex(parameter, "/")+1:] }
