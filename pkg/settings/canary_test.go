package settings_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/settings"
)

const queue = "https://sqs.us-east-1.amazonaws.com/111122223333/canary"

func readCanary(environment map[string]string) (settings.Canary, error) {
	return settings.ReadCanary(func(name string) string { return environment[name] })
}

func TestTheCanarysSettingsAreRead(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[string]time.Duration{"": 10 * time.Minute, "1": time.Second, "840": 14 * time.Minute} {
		got, err := readCanary(map[string]string{"CANARY_GROUP_ID": "sg-0c", "CANARY_QUEUE_URL": queue, "CANARY_WAIT_SECONDS": seconds})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(settings.Canary{QueueURL: queue, Within: want}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestEachBadValueOfTheCanaryIsReported(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"CANARY_GROUP_ID":     {""},
		"CANARY_QUEUE_URL":    {"", "canary", "arn:aws:sqs:us-east-1:111122223333:canary", "https://", "https://sqs.us-east-1.amazonaws.com", ":"},
		"CANARY_WAIT_SECONDS": {"0", "-1", "841", "5m", "1.5", " 1"},
	} {
		for _, v := range values {
			environment := map[string]string{"CANARY_GROUP_ID": "sg-0c", "CANARY_QUEUE_URL": queue}
			environment[name] = v
			_, err := readCanary(environment)
			if err == nil || !strings.HasPrefix(err.Error(), name+" is ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%q: got %v", name, v, err)
			}
		}
	}
}
