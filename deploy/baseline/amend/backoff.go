package amend

import (
	"context"
	"time"
)

// Backoff returns what waits before try n: longer each time, up to some 1.6 s, and by
// chance, so that writers that met once don't meet again. random returns a number from
// 0 to below n.
func Backoff(random func(n int64) int64) Wait {
	return func(ctx context.Context, n int) error {
		longest := 50 * time.Millisecond << min(n-1, 5)
		timer := time.NewTimer(time.Duration(random(int64(longest))))
		defer timer.Stop()
		select {
		case <-timer.C:
			return ctx.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
