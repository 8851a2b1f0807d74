package wiring_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go/middleware"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/functions/wiring"
)

var errStopped = errors.New("no call is made")

// TestASweepLeavesThreeQuartersOfTheCallsToOthers counts the calls that begin, of clients
// that make them as fast as they can.
func TestASweepLeavesThreeQuartersOfTheCallsToOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pace func(aws.Config) aws.Config
		want time.Duration // that 41 pages take
	}{
		"paced":     {func(cfg aws.Config) aws.Config { return wiring.Paced(cfg, 100*time.Millisecond) }, 4 * time.Second},
		"not paced": {func(cfg aws.Config) aws.Config { return cfg }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := c.pace(aws.Config{Region: "us-east-1"})
				cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
					return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Stop", func(context.Context, middleware.InitializeInput, middleware.InitializeHandler) (out middleware.InitializeOutput, m middleware.Metadata, err error) {
						return out, m, errStopped
					}), middleware.After)
				})
				began := time.Now()
				for range 41 {
					client := ssm.NewFromConfig(cfg) // they share the pace
					if _, err := client.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("/a")}); !errors.Is(err, errStopped) {
						t.Fatal(err)
					}
				}
				if got := time.Since(began); got != c.want {
					t.Errorf("41 pages took %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestAnInterruptEndsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		wiring.Pause(ctx, time.Hour)
		if got := time.Since(began); got != 0 {
			t.Errorf("waited %s", got)
		}
	})
}
