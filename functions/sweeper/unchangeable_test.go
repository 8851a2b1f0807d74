package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// A group that EC2 lets nobody change would make each sweep fail, and its alarm would never end.
func TestASweepFailsOnlyWhereARetryCanHelp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refusal *awsstub.Error
		fails   bool
		outcome alert.Outcome
	}{
		"a group that EC2 lets nobody change, in words that nobody knows": {&awsstub.Error{Code: "GroupIsLocked"}, false, alert.None},
		"a group that an AWS service manages":                             {&awsstub.Error{Code: "OperationNotPermitted"}, false, alert.None},
		"a permission that the role lacks":                                {&awsstub.Error{Code: "UnauthorizedOperation", Status: 403}, true, alert.Failed},
		"a fault of EC2's":                                                {&awsstub.Error{Code: "InternalError", Status: 500}, true, alert.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegion()
			r.open("sg-7", 22)
			s := r.start(t)
			s.Inject("RevokeSecurityGroupIngress", 99, awsstub.Fault{Error: c.refusal})
			env := settings.Settings{BaselinePrefix: "/sg-baseline", AlertTopicARN: "arn:aws:sns:us-east-1:444455556666:alerts", Enforce: true, LogLevel: slog.LevelInfo}
			answer, err := handler{env, settings.Sweeper{}, s.Config(), wiring.Logger(env, io.Discard)}.Invoke(context.Background(), events.MustRead("scheduled-event"))
			if (err != nil) != c.fails {
				t.Fatalf("got error %v", err)
			}
			if len(r.published) != 1 || !strings.Contains(r.published[0], c.refusal.Code) {
				t.Errorf("published %v", r.published)
			}
			var summary sweep.Summary
			if err == nil {
				if err := json.Unmarshal(answer, &summary); err != nil {
					t.Fatal(err)
				}
				if summary.Outcome != c.outcome || summary.Errors != 0 || summary.Drifting != 1 {
					t.Errorf("got %+v", summary)
				}
			}
		})
	}
}
