package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// Notifier is the environment of the notifier's function.
type Notifier struct {
	MailTopicARN  string // MAIL_TOPIC_ARN: where mails for people are published
	ChatTopicARN  string // CHAT_TOPIC_ARN: where cards for a chat are published; empty for none
	AlarmTopicARN string // ALARM_TOPIC_ARN: where contention over a group is reported; empty for none
	// CentralTopicARN is the alert topic of a central stack, which gets all alerts; no mails
	// are written then. CENTRAL_ALERT_TOPIC_ARN, empty for none. Its account and region may
	// be others than the notifier's.
	CentralTopicARN string
	// Reverts is how many reverts of a group within half an hour are no contention yet:
	// CONTENTION_REVERTS, from 1 to 100.
	Reverts        int
	BaselinePrefix string
	LogLevel       slog.Level
	OwnRoles       []string
	Namespace      string // METRIC_NAMESPACE: of the metrics in CloudWatch
}

// mostReverts is as many as the notifier remembers of a group.
const mostReverts = 100

// ReadNotifier reads the settings through get, as Read does. It reports all bad values
// at once.
func ReadNotifier(get func(string) string) (Notifier, error) {
	or := func(name, otherwise string) string {
		if v := get(name); v != "" {
			return v
		}
		return otherwise
	}
	var errs [9]error
	n := Notifier{BaselinePrefix: or("BASELINE_PREFIX", "/sg-baseline")}
	n.MailTopicARN, errs[0] = topicARN(get, "MAIL_TOPIC_ARN", true)
	n.ChatTopicARN, errs[1] = topicARN(get, "CHAT_TOPIC_ARN", false)
	n.AlarmTopicARN, errs[2] = topicARN(get, "ALARM_TOPIC_ARN", false)
	n.Reverts, errs[3] = reverts(or("CONTENTION_REVERTS", "5"))
	if !IsPrefix(n.BaselinePrefix) {
		errs[4] = fmt.Errorf("BASELINE_PREFIX is %q: want %s", n.BaselinePrefix, wantPrefix)
	}
	level, known := logLevels[or("LOG_LEVEL", "info")]
	if n.LogLevel = level; !known {
		errs[5] = fmt.Errorf("LOG_LEVEL is %q: want debug, info, warn or error", get("LOG_LEVEL"))
	}
	n.OwnRoles, errs[6] = ownRoles(get("OWN_ROLE_ARNS"))
	n.Namespace, errs[7] = namespace(or("METRIC_NAMESPACE", "sgwarden"))
	n.CentralTopicARN, errs[8] = topicARN(get, "CENTRAL_ALERT_TOPIC_ARN", false)
	return n, errors.Join(errs[:]...)
}

// topicARN reads the ARN of a standard SNS topic.
func topicARN(get func(string) string, name string, required bool) (string, error) {
	text := get(name)
	if text == "" && !required {
		return "", nil
	}
	topic, err := arn.Parse(text)
	switch {
	case err == nil && topic.Service == "sns" && topic.Region != "" && isTopicName(topic.Resource):
		return text, nil
	case required:
		return "", fmt.Errorf("%s is %q: want the ARN of an SNS topic", name, text)
	}
	return "", fmt.Errorf("%s is %q: want the ARN of an SNS topic, or nothing", name, text)
}

// reverts reads a whole number that is written with digits alone.
func reverts(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text || n < 1 || n > mostReverts {
		return 0, fmt.Errorf("CONTENTION_REVERTS is %q: want 1 to %d", text, mostReverts)
	}
	return n, nil
}
