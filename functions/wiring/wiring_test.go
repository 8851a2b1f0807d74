package wiring_test

import (
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

// The sweeper is made of the same remediator.
func TestTheLimitsOfTheSettingsReachTheRemediator(t *testing.T) {
	t.Parallel()
	for _, env := range []settings.Settings{{AlertTopicARN: topic}, {AlertTopicARN: topic, Enforce: true, OnlyTagged: "prod"}} {
		r := wiring.Remediator(env, aws.Config{Region: "us-east-1"}, wiring.Logger(env, io.Discard))
		if r.Enforce != env.Enforce || r.OnlyTagged != env.OnlyTagged {
			t.Errorf("enforces %t, only tagged %q, want %t and %q", r.Enforce, r.OnlyTagged, env.Enforce, env.OnlyTagged)
		}
	}
}
