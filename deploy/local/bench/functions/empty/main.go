// Command empty is a Lambda function that does nothing: what the runtime library alone costs.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(handler{}) }

type handler struct{}

// Invoke answers at once.
func (handler) Invoke(context.Context, []byte) ([]byte, error) {
	return []byte(`{"outcome":"none"}`), nil
}
