package awserr

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// WithSentinelOfWrite is WithSentinel for the answer to a call that changes a security group. It knows one
// more name: secgroup.ErrRejected for an error that is the request's fault and that no
// retry makes good. OperationNotPermitted for a group that an AWS service manages could
// not be confirmed for security groups, so any code has to do.
func WithSentinelOfWrite(err error) error {
	if isRejected(err) {
		return fmt.Errorf("%w: %w", secgroup.ErrRejected, err)
	}
	return WithSentinel(err)
}

// isRejected reports whether an error is Invalid, or has a code that no class knows and
// the HTTP status of a client's fault. EC2 answers 4xx where the request is wrong and 5xx
// where EC2 is at fault (EC2 Developer Guide, "Error codes").
func isRejected(err error) bool {
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	switch {
	case ClassOf(err) == Invalid:
		return true
	case !errors.As(err, &api) || !errors.As(err, &response):
		return false
	}
	_, known := classes[api.ErrorCode()]
	return !known && ClassOf(err) == Transient && isClientFault(response.HTTPStatusCode())
}

// isClientFault leaves out the two statuses of this kind that may pass.
func isClientFault(status int) bool {
	return status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
}
