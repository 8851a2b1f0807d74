package account

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// attempts is how often a call is tried: a person waits rather than starts again.
const attempts = 10

// Patient makes a retryer fit for hundreds of writes that AWS throttles. The
// SDK's own gives up once some hundred calls of a client were tried again,
// however long the time between them.
func Patient(r aws.Retryer) aws.Retryer { return unmetered{retry.AddWithMaxAttempts(r, attempts)} }

type unmetered struct{ aws.Retryer }

// RetryDelay leaves the long waits to throttling: where nobody answers, a person
// wants to hear of it.
func (u unmetered) RetryDelay(attempt int, err error) (time.Duration, error) {
	delay, delayErr := u.Retryer.RetryDelay(attempt, err)
	if awserr.ClassOf(err) != awserr.Throttled {
		delay = min(delay, time.Second)
	}
	return delay, delayErr
}

// GetRetryToken always allows another attempt.
func (unmetered) GetRetryToken(context.Context, error) (release func(error) error, err error) {
	return func(error) error { return nil }, nil
}
