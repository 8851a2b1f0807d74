package account

import (
	"context"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// Parameter returns the name of the parameter that holds the baseline of a group, or
// the document of a prefix list: the id says which of both it is.
func Parameter(store ssmstore.Store, id string) string {
	if rule.IsPrefixListID(id) {
		return store.PrefixList(id)
	}
	return store.Parameter(id)
}

// ReadDocument reads the baseline of a group, or the document of a prefix list. What
// does not exist is the zero value.
func ReadDocument(ctx context.Context, store ssmstore.Store, id string) (baseline.Stored, error) {
	if rule.IsPrefixListID(id) {
		document, _, err := store.ReadPrefixList(ctx, id)
		return document, err
	}
	return store.ReadBaseline(ctx, id)
}

// DeleteDocument deletes the baseline of a group, or the document of a prefix list.
func DeleteDocument(ctx context.Context, store ssmstore.Store, id string) error {
	if rule.IsPrefixListID(id) {
		return store.DeletePrefixList(ctx, id)
	}
	return store.DeleteBaseline(ctx, id)
}

// Decode reads a document of Parameter Store, nil where there is none. That of a prefix
// list comes as entries.AsBaseline has it; DecodeList returns the document itself. The
// error says what to do.
func Decode(d baseline.GroupDocument) (*baseline.Document, error) {
	if rule.IsPrefixListID(d.GroupID) {
		list, err := DecodeList(d)
		return entries.AsBaseline(list), err
	}
	return decodeStored(d, baseline.Decode)
}

// DecodeList reads the document of a prefix list, nil where there is none. The error
// says what to do.
func DecodeList(d baseline.GroupDocument) (*baseline.PrefixList, error) {
	return decodeStored(d, baseline.DecodePrefixList)
}

func decodeStored[D any](d baseline.GroupDocument, decode func([]byte, string) (*D, error)) (*D, error) {
	switch {
	case !d.Stored.Exists():
		return nil, nil
	case d.Stored.ReadError != nil:
		return nil, fmt.Errorf("%s can't be read, use credentials that may use its KMS key: %w", d.Stored.Parameter, d.Stored.ReadError)
	}
	doc, err := decode(d.Stored.Value, d.GroupID)
	if err != nil {
		return nil, fmt.Errorf("%s (version %d) is broken, write it anew with push --force or roll it back: %w", d.Stored.Parameter, d.Stored.Version, err)
	}
	return doc, nil
}
