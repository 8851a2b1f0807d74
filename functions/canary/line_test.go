package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

func TestTheLineSaysHowLongTheCanarysRuleWasOpenOnlyWhereItWasReverted(t *testing.T) {
	t.Parallel()
	for name, sleeps := range map[string]bool{"reverted and told": false, "nobody reverts": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := (&guard{sleeps: sleeps}).start(t)
			own := settings.Canary{QueueURL: s.URL + queueURL, Within: time.Second}
			canary := wire(settings.Settings{Enforce: true, LogLevel: slog.LevelError, CanaryGroup: groupID}, own, s.Config())
			var out bytes.Buffer
			ctx, line := metrics.Begin(context.Background(), "canary", "1", time.Now())
			result, err := handler{canary}.Run(ctx)
			if writeErr := metrics.NewLog("sgwarden", &out).Write(line, time.Now(), err); writeErr != nil {
				t.Fatal(writeErr)
			}
			var members map[string]any
			if err := json.Unmarshal(out.Bytes(), &members); err != nil {
				t.Fatal(err)
			}
			seconds, measured := members["CanarySeconds"]
			if (err != nil) != sleeps || measured == sleeps || members["groupId"] != groupID || measured && seconds != result.Seconds {
				t.Errorf("got %v, %v, line %s", result, err, &out)
			}
		})
	}
}
