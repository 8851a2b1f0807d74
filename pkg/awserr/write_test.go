package awserr_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

func answered(status int, code string) error {
	return fmt.Errorf("revoke: %w", &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
		Err:      &smithy.GenericAPIError{Code: code, Message: "m"},
	})
}

func TestAnUnknownRefusalOfAWriteIsForGood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want error // nil: it may pass
	}{
		"a code that nobody knows":                      {answered(400, "GroupIsLocked"), secgroup.ErrRejected},
		"a code that nobody knows, forbidden":           {answered(403, "NotYourGroup"), secgroup.ErrRejected},
		"an invalid value":                              {answered(400, "InvalidParameterValue"), secgroup.ErrRejected},
		"an operation that is not supported":            {answered(400, "UnsupportedOperation"), secgroup.ErrRejected},
		"what a managed group is believed to answer":    {answered(400, "OperationNotPermitted"), secgroup.ErrManaged},
		"a permission that is missing":                  {answered(403, "UnauthorizedOperation"), secgroup.ErrRefused},
		"a rule that does not exist":                    {answered(400, "InvalidSecurityGroupRuleId.NotFound"), secgroup.ErrNotFound},
		"a code of EC2's fault that nobody knows":       {answered(500, "GroupIsLocked"), nil},
		"too many requests, in words that nobody knows": {answered(429, "SlowDown"), nil},
		"throttled":             {answered(400, "RequestLimitExceeded"), nil},
		"a state that may pass": {answered(400, "IncorrectState"), nil},
		"a clock that is wrong": {answered(400, "RequestExpired"), nil},
		"a broken connection":   {errors.New("EOF"), nil},
	} {
		got := awserr.WithSentinelOfWrite(c.err)
		if !errors.Is(got, c.err) || c.want != nil && !errors.Is(got, c.want) || secgroup.IsTransient(got) != (c.want == nil) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		if unchangeable := c.want == secgroup.ErrRejected || c.want == secgroup.ErrManaged; secgroup.IsUnchangeable(got) != unchangeable {
			t.Errorf("%s: unchangeable is %t", name, !unchangeable)
		}
	}
	if awserr.WithSentinelOfWrite(nil) != nil {
		t.Error("no error got a name")
	}
}

// A read that fails in words that nobody knows is tried again: nothing was decided yet.
func TestAnUnknownRefusalOfAReadMayPass(t *testing.T) {
	t.Parallel()
	if got := awserr.WithSentinel(answered(400, "GroupIsLocked")); !secgroup.IsTransient(got) {
		t.Errorf("got %v", got)
	}
}
