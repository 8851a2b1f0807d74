package settings_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/settings"
)

func readNotifier(environment map[string]string) (settings.Notifier, error) {
	return settings.ReadNotifier(func(name string) string { return environment[name] })
}

func TestTheNotifiersSettingsAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environment map[string]string
		want        settings.Notifier
	}{
		"the mail topic suffices": {
			map[string]string{"MAIL_TOPIC_ARN": topic},
			settings.Notifier{MailTopicARN: topic, Reverts: 5, BaselinePrefix: "/sg-baseline", Namespace: "sgwarden"},
		},
		"none of the defaults": {
			map[string]string{
				"MAIL_TOPIC_ARN": topic, "CHAT_TOPIC_ARN": topic + "-chat", "ALARM_TOPIC_ARN": topic + "-alarms", "CONTENTION_REVERTS": "100",
				"CENTRAL_ALERT_TOPIC_ARN": "arn:aws:sns:eu-west-1:999988887777:sgwarden",
				"BASELINE_PREFIX":         "/acme", "LOG_LEVEL": "warn", "OWN_ROLE_ARNS": ownRole, "METRIC_NAMESPACE": "acme/sg",
			},
			settings.Notifier{
				MailTopicARN: topic, ChatTopicARN: topic + "-chat", AlarmTopicARN: topic + "-alarms", Reverts: 100,
				CentralTopicARN: "arn:aws:sns:eu-west-1:999988887777:sgwarden",
				BaselinePrefix:  "/acme", LogLevel: slog.LevelWarn, OwnRoles: []string{ownRole}, Namespace: "acme/sg",
			},
		},
	} {
		got, err := readNotifier(c.environment)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestEachBadValueOfTheNotifierIsReported(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"MAIL_TOPIC_ARN":          {"", "mail", topic + ".fifo", topic + ":6b0e71bd", "arn:aws:sqs:us-east-1:111122223333:q"},
		"CHAT_TOPIC_ARN":          {"chat", topic + ".fifo"},
		"ALARM_TOPIC_ARN":         {"alarms", "off"},
		"CENTRAL_ALERT_TOPIC_ARN": {"central", "arn:aws:sns::999988887777:sgwarden", topic + ".fifo"},
		"CONTENTION_REVERTS":      {"0", "-1", "101", "5.0", "+5", "05", "many"},
		"BASELINE_PREFIX":         {"x", "/aws/x", "/"},
		"LOG_LEVEL":               {"INFO", "trace"},
		"OWN_ROLE_ARNS":           {"remediator", ownRole + ",", user},
		"METRIC_NAMESPACE":        {"AWS/EC2", "a b", ":x", strings.Repeat("a", 256)},
	} {
		for _, v := range values {
			environment := map[string]string{"MAIL_TOPIC_ARN": topic}
			environment[name] = v
			_, err := readNotifier(environment)
			if err == nil || !strings.HasPrefix(err.Error(), name+" is ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%q: got %v", name, v, err)
			}
		}
	}
}

func TestAllBadValuesOfTheNotifierAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	bad := []string{"MAIL_TOPIC_ARN", "CHAT_TOPIC_ARN", "ALARM_TOPIC_ARN", "CONTENTION_REVERTS", "BASELINE_PREFIX", "LOG_LEVEL", "OWN_ROLE_ARNS", "METRIC_NAMESPACE", "CENTRAL_ALERT_TOPIC_ARN"}
	environment := map[string]string{}
	for _, name := range bad {
		environment[name] = "?"
	}
	_, err := readNotifier(environment)
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, name := range bad {
		if len(lines) != len(bad) || !strings.HasPrefix(lines[i], name+` is "?": want `) {
			t.Fatalf("got %q", lines)
		}
	}
}
