package settings_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/settings"
)

const (
	topic   = "arn:aws:sns:us-east-1:111122223333:sgwarden-alerts"
	ownRole = "arn:aws:iam::111122223333:role/sgwarden/sgwarden-remediator-Role-1ABC"
	user    = "arn:aws:iam::111122223333:user/ana"
	root    = "arn:aws:iam::111122223333:root"
	session = "arn:aws:sts::111122223333:assumed-role/sgwarden-remediator/x"
)

func read(environment map[string]string) (settings.Settings, error) {
	return settings.Read(func(name string) string { return environment[name] })
}

func TestSettingsAreRead(t *testing.T) {
	t.Parallel()
	const gov = "arn:aws-us-gov:sns:us-gov-west-1:111122223333:alerts"
	cases := map[string]struct {
		environment map[string]string
		want        settings.Settings
	}{
		"the topic suffices": {
			map[string]string{"ALERT_TOPIC_ARN": topic},
			settings.Settings{BaselinePrefix: "/sg-baseline", AlertTopicARN: topic, Enforce: true, Namespace: "sgwarden", LogLevel: slog.LevelInfo, Grace: 10 * time.Minute},
		},
		"the defaults, spelled out": {
			map[string]string{"ALERT_TOPIC_ARN": topic, "BASELINE_PREFIX": "/sg-baseline", "MODE": "enforce", "LOG_LEVEL": "info", "GRACE_MINUTES": "10", "OWN_ROLE_ARNS": "", "EVENTS": "off", "METRIC_NAMESPACE": "sgwarden"},
			settings.Settings{BaselinePrefix: "/sg-baseline", AlertTopicARN: topic, Enforce: true, Namespace: "sgwarden", LogLevel: slog.LevelInfo, Grace: 10 * time.Minute},
		},
		"none of the defaults": {
			map[string]string{"ALERT_TOPIC_ARN": gov, "BASELINE_PREFIX": "/acme/prod_1/sg.baseline-2", "MODE": "alert", "LOG_LEVEL": "debug", "GRACE_MINUTES": "60", "OWN_ROLE_ARNS": ownRole, "EVENTS": "on", "ONLY_GROUPS_TAGGED": "team-1/prod_a.b:c=d+e@f", "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://127.0.0.1:1", "METRIC_NAMESPACE": "sgwarden/prod-1_a.b#c"},
			settings.Settings{BaselinePrefix: "/acme/prod_1/sg.baseline-2", AlertTopicARN: gov, LogLevel: slog.LevelDebug, Grace: time.Hour, OwnRoles: []string{ownRole}, OnlyTagged: "team-1/prod_a.b:c=d+e@f", Events: true, EventsURL: "http://127.0.0.1:1", Namespace: "sgwarden/prod-1_a.b#c"},
		},
		"no grace period, and two roles": {
			map[string]string{"ALERT_TOPIC_ARN": topic, "GRACE_MINUTES": "0", "OWN_ROLE_ARNS": ownRole + ",arn:aws-cn:iam::111122223333:role/x"},
			settings.Settings{BaselinePrefix: "/sg-baseline", AlertTopicARN: topic, Enforce: true, Namespace: "sgwarden", OwnRoles: []string{ownRole, "arn:aws-cn:iam::111122223333:role/x"}},
		},
		"a grace period of a day": {
			map[string]string{"ALERT_TOPIC_ARN": topic, "GRACE_MINUTES": "1440"},
			settings.Settings{BaselinePrefix: "/sg-baseline", AlertTopicARN: topic, Enforce: true, Namespace: "sgwarden", Grace: 24 * time.Hour},
		},
		"with a canary": {
			map[string]string{"ALERT_TOPIC_ARN": topic, "CANARY_GROUP_ID": "sg-0a1b2c3d4e5f60718"},
			settings.Settings{BaselinePrefix: "/sg-baseline", AlertTopicARN: topic, Enforce: true, Namespace: "sgwarden", LogLevel: slog.LevelInfo, Grace: 10 * time.Minute, CanaryGroup: "sg-0a1b2c3d4e5f60718"},
		},
		"quieter": {
			map[string]string{"ALERT_TOPIC_ARN": topic, "LOG_LEVEL": "warn"},
			settings.Settings{BaselinePrefix: "/sg-baseline", AlertTopicARN: topic, Enforce: true, Namespace: "sgwarden", LogLevel: slog.LevelWarn, Grace: 10 * time.Minute},
		},
		"quietest": {
			map[string]string{"ALERT_TOPIC_ARN": topic, "LOG_LEVEL": "error"},
			settings.Settings{BaselinePrefix: "/sg-baseline", AlertTopicARN: topic, Enforce: true, Namespace: "sgwarden", LogLevel: slog.LevelError, Grace: 10 * time.Minute},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(c.environment)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEachBadValueIsReported(t *testing.T) {
	t.Parallel()
	bad := map[string][]string{
		"BASELINE_PREFIX": {
			"/aws/x", "/SSM-x",
			"sg-baseline", "/", "/sg-baseline/", "//sg", "/sg baseline", "/sg-baseline\n", "/" + strings.Repeat("a/", 13) + "a", "/grüße",
		},
		"ALERT_TOPIC_ARN":    {"", "sgwarden-alerts", "arn:aws:sqs:us-east-1:111122223333:sgwarden-alerts", "arn:aws:sns", "https://sns.us-east-1.amazonaws.com", "arn:aws:sns:::", "arn:aws:sns:us-east-1:111122223333:alerts.fifo", "arn:aws:sns:us-east-1:111122223333:alerts:6b0e71bd"},
		"MODE":               {"Enforce", "off", "alert "},
		"LOG_LEVEL":          {"INFO", "trace", "0"},
		"GRACE_MINUTES":      {"-1", "1441", "10m", "0.5", " 10", "+10", "010", "-0", "ten", "99999999999999999999"},
		"OWN_ROLE_ARNS":      {"remediator", ",", ownRole + ",", "," + ownRole, ownRole + " ," + ownRole, ownRole + ", " + ownRole, ownRole + ";" + ownRole, " ", user, root, session, ownRole + "," + user, ownRole[:len(ownRole)-1] + "*"},
		"EVENTS":             {"yes", "On", "off ", "1"},
		"METRIC_NAMESPACE":   {"AWS/Lambda", "a b", "größe", "a\nb", strings.Repeat("a", 256)},
		"ONLY_GROUPS_TAGGED": {"a b", "*", "a?", "${aws:username}", "größe", "a\n", strings.Repeat("a", 257)},
		"CANARY_GROUP_ID":    {"canary", "sgr-0a1b2c3d4e5f60718", "sg-", "sg-0A", "sg-0a "},
	}
	for name, values := range bad {
		for _, v := range values {
			environment := map[string]string{"ALERT_TOPIC_ARN": topic}
			environment[name] = v
			_, err := read(environment)
			if err == nil || !strings.HasPrefix(err.Error(), name+" is ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%q: got %v", name, v, err)
			}
		}
	}
}

func TestAllBadValuesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := read(map[string]string{"BASELINE_PREFIX": "x", "ALERT_TOPIC_ARN": "y", "MODE": "z", "LOG_LEVEL": "w", "GRACE_MINUTES": "v", "OWN_ROLE_ARNS": "u", "EVENTS": "t", "METRIC_NAMESPACE": "AWS/s", "ONLY_GROUPS_TAGGED": "*"})
	want := `BASELINE_PREFIX is "x": want a path such as /sg-baseline: at most 11 levels and 200 characters (letters, digits, '_', '.', '-'), not beginning with /aws or /ssm
ALERT_TOPIC_ARN is "y": want the ARN of an SNS topic
MODE is "z": want enforce or alert
LOG_LEVEL is "w": want debug, info, warn or error
ONLY_GROUPS_TAGGED is "*": want the value of a tag, up to 256 letters, digits and _.:/=+@-, or nothing
GRACE_MINUTES is "v": want 0 to 1440
OWN_ROLE_ARNS is "u": want ARNs of IAM roles, separated by commas: "u" is not the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/terraform-ci
EVENTS is "t": want on or off
METRIC_NAMESPACE is "AWS/s": want up to 255 letters, digits and ._/#-, not AWS/ at the start`
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}
