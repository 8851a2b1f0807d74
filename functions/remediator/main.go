// Command remediator is the Lambda function that EventBridge hands every change
// of a security group's rules to.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/remediate"
)

func main() {
	env := wiring.Settings("remediator")
	config := wiring.AWS("remediator", wiring.Remediating)
	wiring.Serve("remediator", env.Namespace, handler{wiring.Remediator(env, config, wiring.Logger(env, os.Stdout))})
}

// handler takes the raw message: a handler with a typed function would fail
// to decode an unknown shape before it could be judged.
type handler struct{ remediator *remediate.Remediator }

func (h handler) Invoke(ctx context.Context, message []byte) ([]byte, error) {
	result, err := h.remediator.Handle(ctx, message)
	metrics.From(ctx).Result(result)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}
