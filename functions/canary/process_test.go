package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// runMain turns the test binary into the function itself.
const runMain = "RUN_CANARY_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(runMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestABadEnvironmentStopsTheProcessWithOneLine(t *testing.T) {
	t.Parallel()
	const topic = "ALERT_TOPIC_ARN=arn:aws:sns:us-east-1:111122223333:sgwarden"
	for name, c := range map[string]struct {
		environment []string
		want        string
	}{
		"what every function has": {[]string{"CANARY_GROUP_ID=canary"}, `ALERT_TOPIC_ARN is "": want the ARN of an SNS topic; CANARY_GROUP_ID is "canary": want a security group's id, or nothing`},
		"what is its own": {
			[]string{topic, "CANARY_WAIT_SECONDS=5m"},
			`CANARY_GROUP_ID is "": want the id of the canary's security group; CANARY_QUEUE_URL is "": want the URL of an SQS queue; CANARY_WAIT_SECONDS is "5m": want 1 to 840`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), os.Args[0])
			command.Env = append([]string{runMain + "=1", "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true"}, c.environment...)
			var stderr bytes.Buffer
			command.Stderr = &stderr
			if err := command.Run(); err == nil {
				t.Error("it started")
			}
			if diff := cmp.Diff("canary can't start: "+c.want+"\n", stderr.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
