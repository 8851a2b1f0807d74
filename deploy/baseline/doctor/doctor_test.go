package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

func TestLooksAreTakenSomeAtATimeAndReportedInTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var under, most atomic.Int32
		var looks []Look
		var want []Check
		for i := range 3 * atOnce {
			want = append(want, passed(fmt.Sprint(i), "x"))
			looks = append(looks, func(context.Context) []Check {
				most.Store(max(most.Load(), under.Add(1)))
				time.Sleep(time.Duration(3*atOnce-i) * time.Second) // of the bubble: the later look is done earlier
				under.Add(-1)
				return []Check{passed(fmt.Sprint(i), "x")}
			})
		}
		expect(t, Examine(t.Context(), looks), want...)
		if most.Load() != atOnce {
			t.Errorf("%d looks at a time, want %d", most.Load(), atOnce)
		}
	})
}

func TestALookThatTakesTooLongIsEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		endless := func(ctx context.Context) []Check {
			<-ctx.Done()
			return []Check{unknown("x", "x:Y", ctx.Err())}
		}
		expect(t, Examine(t.Context(), []Look{endless}), Check{"x", Unknown, "could not be checked: context deadline exceeded", "try again; the call was x:Y"})
	})
}

func TestWhatNeedsTheResourcesSaysWhyTheyAreNotKnown(t *testing.T) {
	t.Parallel()
	look := func(_ context.Context, resources []Resource) []Check {
		return []Check{passed("x", "%d", len(resources))}
	}
	expect(t, NeedsResources("x", nil, denied, look)(t.Context()), unknown("x", "cloudformation:ListStackResources", denied))
	expect(t, NeedsResources("x", stackResources[:2], nil, look)(t.Context()), passed("x", "2"))
}

// checks are one of each kind.
var checks = []Check{
	{"identity", OK, "stack sgwarden in account 111122223333 (acme), region us-east-1", ""},
	{"mode", Warn, "alert: nothing is revoked, sgwarden only reports", "deploy/deploy.sh --mode enforce"},
	{"queue RemediatorFailures", Fail, "1 message nobody could deal with \x1b[2J", "deploy/redrive.sh"},
	unknown("trail", "cloudtrail:DescribeTrails", denied),
	unknown("alarms", "cloudwatch:DescribeAlarms", errors.New("no\nanswer")),
}

func TestText(t *testing.T) {
	t.Parallel()
	got := Text(checks, func(colour, text string) string { return text })
	got += "\n" + Text(checks[:1], func(colour, text string) string { return "<" + colour + ">" + text })
	if *update {
		if err := os.WriteFile("testdata/text.golden", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/text.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyOKPasses(t *testing.T) {
	t.Parallel()
	for _, c := range checks {
		if got := AllPassed([]Check{checks[0], c}); got != (c.Status == OK) {
			t.Errorf("%s is fine: %v", c.Status, got)
		}
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	expect(t, Identity(here, deadletters.Stack{Name: "b"}, "us-east-1"),
		Check{"identity", OK, "stack b in account 111122223333 (acme), region us-east-1, asked by arn:aws:sts::111122223333:assumed-role/ops/ana", ""})
}
