package awserr_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

func TestErrorsAreClassifiedByTheirCode(t *testing.T) {
	t.Parallel()
	for class, codes := range map[awserr.Class][]string{
		awserr.NotFound: {
			"InvalidPermission.NotFound", "InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound", "InvalidGroupId.NotFound", "InvalidSecurityGroupID.NotFound",
			"ParameterNotFound", "ParameterVersionNotFound",
		},
		awserr.Duplicate: {"InvalidPermission.Duplicate"},
		awserr.Full:      {"RulesPerSecurityGroupLimitExceeded"},
		awserr.Managed:   {"OperationNotPermitted"},
		awserr.Throttled: {"RequestLimitExceeded", "Throttling", "ThrottlingException", "Throttled", "TooManyRequestsException", "TooManyUpdates", "KMSThrottling"},
		awserr.Denied:    {"UnauthorizedOperation", "AuthFailure", "AccessDenied", "AccessDeniedException", "AuthorizationError", "ExpiredToken", "ExpiredTokenException", "KMSAccessDenied", "SignatureDoesNotMatch", "InvalidClientTokenId"},
		awserr.Invalid: {
			"InvalidParameterValue", "InvalidSecurityGroupRuleId.Malformed", "InvalidGroupId.Malformed", "ValidationException",
			"MissingParameter", "UnsupportedOperation", "InvalidParameter", "InvalidKeyId",
		},
		awserr.Transient: {"InternalError", "InternalServerError", "Unavailable", "ServiceUnavailable", "SomethingNew", ""},
	} {
		for _, code := range codes {
			err := error(&smithy.GenericAPIError{Code: code, Message: "m"})
			wrapped := fmt.Errorf("describe sg-0a: %w", &smithy.OperationError{ServiceID: "EC2", Err: err})
			for _, err := range []error{err, wrapped} {
				if got := awserr.ClassOf(err); got != class {
					t.Errorf("%q is %s, want %s", code, got, class)
				}
			}
		}
	}
}

func TestErrorsThatAreNotOfAServiceAreTransient(t *testing.T) {
	t.Parallel()
	for _, err := range []error{errors.New("InvalidPermission.NotFound"), context.DeadlineExceeded, &smithy.DeserializationError{Err: errors.New("XML syntax error")}} {
		if got := awserr.ClassOf(err); got != awserr.Transient {
			t.Errorf("%v is %s", err, got)
		}
	}
	if got := awserr.ClassOf(nil); got != "" {
		t.Errorf("no error is %s", got)
	}
}

func TestAForbiddenThatIsNotOfTheServiceIsADenial(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]awserr.Class{http.StatusForbidden: awserr.Denied, http.StatusBadGateway: awserr.Transient} {
		err := &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: &smithy.DeserializationError{Err: errors.New("invalid character '<'")}}
		if got := awserr.ClassOf(fmt.Errorf("read: %w", err)); got != want {
			t.Errorf("%d is %s, want %s", status, got, want)
		}
	}
}

func TestErrorsWrapTheSentinelsThatTheRemediatorKnows(t *testing.T) {
	t.Parallel()
	all := []error{secgroup.ErrNotFound, secgroup.ErrFull, secgroup.ErrManaged, secgroup.ErrRefused}
	for code, want := range map[string]error{
		"InvalidPermission.NotFound": secgroup.ErrNotFound, "RulesPerSecurityGroupLimitExceeded": secgroup.ErrFull,
		"OperationNotPermitted": secgroup.ErrManaged, "UnauthorizedOperation": secgroup.ErrRefused, "InvalidParameterValue": secgroup.ErrRefused,
		"RequestLimitExceeded": nil, "InternalError": nil, "InvalidPermission.Duplicate": nil,
	} {
		api := &smithy.GenericAPIError{Code: code, Message: "m"}
		got := awserr.WithSentinel(api)
		if !errors.Is(got, error(api)) {
			t.Errorf("%s: the API's error is not in %v", code, got)
		}
		for _, name := range all {
			if errors.Is(got, name) != (name == want) {
				t.Errorf("%s is %v, want %v", code, got, want)
			}
		}
	}
	if awserr.WithSentinel(nil) != nil {
		t.Error("no error got a name")
	}
}

func TestTheRetryerKnowsWhatSNSSays(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{"Throttled": true, "KMSThrottling": true, "ThrottlingException": true, "AuthorizationError": false} {
		if got := awserr.Retryer().IsErrorRetryable(&smithy.GenericAPIError{Code: code}); got != want {
			t.Errorf("%s is tried again: %v", code, got)
		}
	}
}
