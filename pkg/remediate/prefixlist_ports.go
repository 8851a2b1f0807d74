package remediate

import (
	"context"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
)

// PrefixLists reads and changes managed prefix lists.
type PrefixLists interface {
	// List reads a list and its entries. Of a list that is changing it reads no entries.
	// Where there is no such list the error is secgroup.ErrNotFound.
	List(ctx context.Context, id string) (prefixlist.List, error)
	// Modify changes the entries of a list, if the list still has the version that was
	// read: else the error is prefixlist.ErrMoved. EC2 carries the change out after it
	// has answered.
	Modify(ctx context.Context, list prefixlist.List, change prefixlist.Change) error
}

// ListDocumentReader reads the document of a managed prefix list, and the pause, anew
// and in one round trip. A document that does not exist is the zero value. For one that SSM refuses
// to give, Stored.ReadError says why.
type ListDocumentReader interface {
	ReadPrefixList(ctx context.Context, id string) (document, pause baseline.Stored, err error)
}
