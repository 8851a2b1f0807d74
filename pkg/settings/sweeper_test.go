package settings_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/settings"
)

func readSweeper(environment map[string]string) (settings.Sweeper, error) {
	return settings.ReadSweeper(func(name string) string { return environment[name] })
}

func TestTheSweepersSettingsAreRead(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		environment map[string]string
		want        settings.Sweeper
	}{
		"nothing is watched":          {nil, settings.Sweeper{}},
		"nobody asked for mails":      {map[string]string{"MAIL_TOPIC_ARN": topic, "MAIL_SUBSCRIBER": "off"}, settings.Sweeper{MailTopicARN: topic}},
		"the subscription is watched": {map[string]string{"MAIL_TOPIC_ARN": topic, "MAIL_SUBSCRIBER": "on"}, settings.Sweeper{MailTopicARN: topic, MailSubscriber: true}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readSweeper(c.environment)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEachBadValueOfTheSweeperIsReported(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"MAIL_TOPIC_ARN":  {"mails", topic + ".fifo", topic + ":6b0e71bd", "arn:aws:sqs:us-east-1:111122223333:mails"},
		"MAIL_SUBSCRIBER": {"yes", "ON", "true", "on "},
	} {
		for _, v := range values {
			_, err := readSweeper(map[string]string{name: v})
			if err == nil || !strings.HasPrefix(err.Error(), name+" is ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%q: got %v", name, v, err)
			}
		}
	}
}
