package awserr

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/sgwarden/sgwarden/pkg/prefixlist"
)

// listNames are what the remediator knows the error codes of ModifyManagedPrefixList
// by (EC2 API reference, "Error codes"). IncorrectState is the answer while another
// change of the list is being carried out.
var listNames = map[string]error{
	"PrefixListVersionMismatch":    prefixlist.ErrMoved,
	"IncorrectState":               prefixlist.ErrMoved,
	"PrefixListMaxEntriesExceeded": prefixlist.ErrFull,
}

// OfPrefixList is Named for a call that changes a managed prefix list.
func OfPrefixList(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && listNames[api.ErrorCode()] != nil {
		return fmt.Errorf("%w: %w", listNames[api.ErrorCode()], err)
	}
	return WithSentinel(err)
}
