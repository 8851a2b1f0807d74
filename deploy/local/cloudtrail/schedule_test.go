package cloudtrail_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

func TestAScheduledEventIsAsEventBridgeSendsIt(t *testing.T) {
	t.Parallel()
	const rule = "arn:aws:events:eu-west-1:111122223333:rule/sgwarden-sweeper"
	at := time.Date(2026, 11, 21, 19, 45, 0, 7, time.UTC)
	message, err := cloudtrail.Scheduled(rule, "6f1d2c3b-0000-4aaa-8bbb-111122223333", at)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(message, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"version": "0", "id": "6f1d2c3b-0000-4aaa-8bbb-111122223333", "detail-type": "Scheduled Event", "source": "aws.events",
		"account": "111122223333", "time": "2026-11-21T19:45:00Z", "region": "eu-west-1", "resources": []any{rule}, "detail": map[string]any{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	for _, wrong := range []string{"", "sgwarden-sweeper", "arn:aws:lambda:eu-west-1:111122223333:function:sweeper"} {
		if _, err := cloudtrail.Scheduled(wrong, "id", at); err == nil {
			t.Errorf("%q is no rule", wrong)
		}
	}
	if _, err := cloudtrail.Scheduled(rule, "", at); err == nil {
		t.Error("a message without an id")
	}
}
