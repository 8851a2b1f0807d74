package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// attempts is how often a call is tried: a person waits rather than starts again.
const attempts = 10

// patient makes a retryer fit for hundreds of writes that AWS throttles. The
// SDK's own gives up once some hundred calls of a client were tried again,
// however far apart.
func patient(r aws.Retryer) aws.Retryer { return unmetered{retry.AddWithMaxAttempts(r, attempts)} }

type unmetered struct{ aws.Retryer }

// GetRetryToken always allows another attempt.
func (unmetered) GetRetryToken(context.Context, error) (release func(error) error, err error) {
	return func(error) error { return nil }, nil
}
