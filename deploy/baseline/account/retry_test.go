package account

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

func TestOnlyThrottlingIsWaitedForLong(t *testing.T) {
	t.Parallel()
	retryer := Patient(awserr.Retryer())
	longest := func(err error) (longest time.Duration) {
		for range 50 { // the delays are random
			delay, delayErr := retryer.RetryDelay(9, err)
			if delayErr != nil {
				t.Fatal(delayErr)
			}
			longest = max(longest, delay)
		}
		return longest
	}
	if got := longest(errors.New("connection refused")); got > time.Second {
		t.Errorf("waits %s where nobody answers", got)
	}
	if got := longest(&smithy.GenericAPIError{Code: "ThrottlingException"}); got <= time.Second {
		t.Errorf("waits only %s where AWS throttles", got)
	}
}
