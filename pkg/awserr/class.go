// Package awserr classifies the errors of AWS calls, once for all adapters.
package awserr

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// Class says what an error means to sgwarden.
type Class string

// The classes.
const (
	NotFound  Class = "gone"      // what was to be removed or read isn't there
	Duplicate Class = "duplicate" // what was to be added is there
	Full      Class = "full"      // a quota of EC2 is used up
	Managed   Class = "managed"   // EC2 lets nobody edit what an AWS service manages
	Throttled Class = "throttled"
	Denied    Class = "denied"
	Invalid   Class = "invalid"   // the request can never succeed
	Transient Class = "transient" // all else: time-outs, 5xx, broken connections
)

// classes maps error codes (EC2 User Guide "Error codes", SSM and SNS API
// references). EC2 answers InvalidSecurityGroupRuleId.NotFound for an unknown
// sgr- id, and InvalidPermission.NotFound for an unknown permission.
var classes = map[string]Class{
	"InvalidPermission.NotFound":          NotFound,
	"InvalidSecurityGroupRuleId.NotFound": NotFound,
	"InvalidGroup.NotFound":               NotFound,
	"InvalidGroupId.NotFound":             NotFound,
	"InvalidSecurityGroupID.NotFound":     NotFound,
	"ParameterNotFound":                   NotFound,
	"ParameterVersionNotFound":            NotFound,

	"InvalidPermission.Duplicate":        Duplicate,
	"ParameterAlreadyExists":             Duplicate,
	"RulesPerSecurityGroupLimitExceeded": Full,
	"OperationNotPermitted":              Managed,

	"RequestLimitExceeded":        Throttled,
	"Throttling":                  Throttled,
	"ThrottlingException":         Throttled,
	"ThrottledException":          Throttled,
	"Throttled":                   Throttled,
	"TooManyRequestsException":    Throttled,
	"TooManyUpdates":              Throttled,
	"RequestThrottled":            Throttled,
	"RequestThrottledException":   Throttled,
	"EC2ThrottledException":       Throttled,
	"KMSThrottling":               Throttled,
	"KMSThrottlingException":      Throttled,
	"BandwidthLimitExceeded":      Throttled,
	"PriorRequestNotComplete":     Transient,
	"IncorrectState":              Transient,
	"RequestExpired":              Transient,
	"RequestTimeout":              Transient,
	"RequestTimeoutException":     Transient,
	"RequestTimeTooSkewed":        Transient,
	"InternalError":               Transient,
	"InternalFailure":             Transient,
	"InternalServerError":         Transient,
	"Unavailable":                 Transient,
	"ServiceUnavailable":          Transient,
	"UnauthorizedOperation":       Denied,
	"AuthFailure":                 Denied,
	"AccessDenied":                Denied,
	"AccessDeniedException":       Denied,
	"AuthorizationError":          Denied,
	"AuthorizationErrorException": Denied,
	"KMSAccessDenied":             Denied,
	"KMSAccessDeniedException":    Denied,
	"OptInRequired":               Denied,
	"Blocked":                     Denied,
	"PendingVerification":         Denied,
	"InvalidClientTokenId":        Denied,
	"SignatureDoesNotMatch":       Denied,
	"UnrecognizedClientException": Denied,
	"ExpiredToken":                Denied,
	"ExpiredTokenException":       Denied,
}

// ClassOf classifies an error of the SDK; nil has no class. Codes it doesn't know are Invalid
// where they say so by their name, else Transient: it is safe to try again.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		var response *smithyhttp.ResponseError
		if errors.As(err, &response) && response.HTTPStatusCode() == http.StatusForbidden {
			return Denied // by something between, which doesn't speak the service's protocol
		}
		return Transient
	}
	if class, ok := classes[api.ErrorCode()]; ok {
		return class
	}
	if strings.HasSuffix(api.ErrorCode(), ".NotFound") {
		return NotFound
	}
	for _, word := range []string{"Invalid", "Malformed", "Validation", "MissingParameter", "UnsupportedOperation"} {
		if strings.Contains(api.ErrorCode(), word) {
			return Invalid
		}
	}
	return Transient
}

// sentinels are the errors by which the remediator knows the classes.
var sentinels = map[Class]error{
	NotFound: secgroup.ErrNotFound, Duplicate: secgroup.ErrDuplicate, Full: secgroup.ErrFull, Managed: secgroup.ErrManaged,
	Denied: secgroup.ErrRefused, Invalid: secgroup.ErrRefused,
}

// WithSentinel wraps an error of the SDK with the error of package secgroup for its class,
// for errors.Is. An error of another class is returned as it is, and nil for nil.
func WithSentinel(err error) error {
	if name := sentinels[ClassOf(err)]; name != nil {
		return fmt.Errorf("%w: %w", name, err)
	}
	return err
}

// IsGroupNotFound reports whether it is the security group itself that doesn't exist.
func IsGroupNotFound(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && ClassOf(err) == NotFound && strings.Contains(api.ErrorCode(), "Group") && !strings.Contains(api.ErrorCode(), "Rule")
}
