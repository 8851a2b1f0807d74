// Package settings reads the functions' environment, strictly: a bad value stops
// a function before it does anything.
package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/principal"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Settings is the environment of a function.
type Settings struct {
	BaselinePrefix string
	AlertTopicARN  string
	Enforce        bool // MODE=enforce
	LogLevel       slog.Level
	CanaryGroup    string // id of the canary's group; empty where there is no canary
	// OnlyTagged is the value of the tag sgwarden that a group must have to be changed:
	// ONLY_GROUPS_TAGGED. Empty for every group.
	OnlyTagged string
	// Grace is how long the rules that a baseline permitted before it changed stay
	// permitted: GRACE_MINUTES, from 0 to a day. A baseline may say otherwise.
	Grace time.Duration
	// OwnRoles are the ARNs of the IAM roles of sgwarden's functions: OWN_ROLE_ARNS.
	// None is nil.
	OwnRoles []string
	// Events says that each alert is also put on EventBridge's default event bus: EVENTS.
	Events bool
	// EventsURL is where EventBridge is, AWS_ENDPOINT_URL_EVENTBRIDGE; empty for where
	// the SDK's configuration and the region say.
	EventsURL string
	// Namespace is of the metrics in CloudWatch: METRIC_NAMESPACE.
	Namespace string
}

var logLevels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

// IsPrefix reports whether baselines can be kept under a path. The template's pattern and
// deploy.sh have the same rule.
func IsPrefix(path string) bool {
	names, rooted := strings.CutPrefix(path, "/")
	levels := strings.Split(names, "/")
	if !rooted || len(levels) > maxLevels || len(path) > maxPrefix || isReserved(names) {
		return false
	}
	return !slices.ContainsFunc(levels, func(level string) bool { return level == "" || !isMadeOf(level, ".") })
}

// maxLevels is what is left of the 15 levels of a parameter's name (SSM User Guide,
// "About parameter names"): parts and records take four.
const maxLevels = 11

// maxPrefix leaves room for the longest name. A parameter's name may have 1,011
// characters, with its ARN (SSM API reference, PutParameter). The longest name is that of
// an approval: /approvals/, a group's id of up to 64, a slash, and up to 128 for its name.
const maxPrefix = 200

// wantPrefix is what IsPrefix asks for, in words.
const wantPrefix = "a path such as /sg-baseline: at most 11 levels and 200 characters (letters, digits, '_', '.', '-'), not beginning with /aws or /ssm"

// isReserved reports whether SSM keeps a parameter's name for AWS (the same page).
func isReserved(name string) bool {
	for _, owner := range []string{"aws", "ssm"} {
		if len(name) >= len(owner) && strings.EqualFold(name[:len(owner)], owner) {
			return true
		}
	}
	return false
}

// isTopicName leaves out subscriptions, whose ARNs have one part more, and FIFO topics,
// which can't send e-mail.
func isTopicName(name string) bool { return name != "" && len(name) <= 256 && isMadeOf(name, "") }

// isMadeOf reports whether a text has only letters, digits, underscores, hyphens and
// what others says. No regular expression: compiling one takes as long as a good part of
// a function's start.
func isMadeOf(text, others string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		return !letter && !strings.ContainsRune("_-", c) && !strings.ContainsRune(others, c)
	})
}

// Read reads the settings through get, which is os.Getenv outside of tests. It
// reports all bad values at once.
func Read(get func(string) string) (Settings, error) {
	or := func(name, otherwise string) string {
		if v := get(name); v != "" {
			return v
		}
		return otherwise
	}
	var wrong []error
	s := Settings{BaselinePrefix: or("BASELINE_PREFIX", "/sg-baseline")}
	if !IsPrefix(s.BaselinePrefix) {
		wrong = append(wrong, fmt.Errorf("BASELINE_PREFIX is %q: want %s", s.BaselinePrefix, wantPrefix))
	}
	var topicErr error
	s.AlertTopicARN, topicErr = topicARN(get, "ALERT_TOPIC_ARN", true)
	wrong = append(wrong, topicErr)
	mode := or("MODE", "enforce")
	if s.Enforce = mode == "enforce"; !s.Enforce && mode != "alert" {
		wrong = append(wrong, fmt.Errorf("MODE is %q: want enforce or alert", mode))
	}
	level := or("LOG_LEVEL", "info")
	var known bool
	if s.LogLevel, known = logLevels[level]; !known {
		wrong = append(wrong, fmt.Errorf("LOG_LEVEL is %q: want debug, info, warn or error", level))
	}
	if s.CanaryGroup = get("CANARY_GROUP_ID"); s.CanaryGroup != "" && !rule.IsGroupID(s.CanaryGroup) {
		wrong = append(wrong, fmt.Errorf("CANARY_GROUP_ID is %q: want a security group's id, or nothing", s.CanaryGroup))
	}
	var tagErr error
	s.OnlyTagged, tagErr = tagValue(get("ONLY_GROUPS_TAGGED"))
	s.EventsURL = get("AWS_ENDPOINT_URL_EVENTBRIDGE")
	var graceErr, rolesErr, eventsErr, namespaceErr error
	s.Events, eventsErr = onOff("EVENTS", or("EVENTS", "off"))
	s.Namespace, namespaceErr = namespace(or("METRIC_NAMESPACE", "sgwarden"))
	s.Grace, graceErr = grace(or("GRACE_MINUTES", "10"))
	s.OwnRoles, rolesErr = ownRoles(get("OWN_ROLE_ARNS"))
	return s, errors.Join(append(wrong, tagErr, graceErr, rolesErr, eventsErr, namespaceErr)...)
}

// onOff reads a switch.
func onOff(name, text string) (bool, error) {
	if text != "on" && text != "off" {
		return false, fmt.Errorf("%s is %q: want on or off", name, text)
	}
	return text == "on", nil
}

// maxTagValue is the most characters of a tag's value (EC2 User Guide, "Tag your Amazon
// EC2 resources").
const maxTagValue = 256

// tagValue reads the value of a tag, in the characters that every AWS service takes.
func tagValue(text string) (string, error) {
	if !isMadeOf(text, ".:/=+@") || len(text) > maxTagValue {
		return "", fmt.Errorf("ONLY_GROUPS_TAGGED is %q: want the value of a tag, up to %d letters, digits and _.:/=+@-, or nothing", text, maxTagValue)
	}
	return text, nil
}

// namespace reads what CloudWatch takes as a namespace (CloudWatch User Guide,
// "Namespaces"): names that begin with AWS/ are AWS's own.
func namespace(text string) (string, error) {
	if !isMadeOf(text, "./#") || text == "" || len(text) > 255 || strings.HasPrefix(text, "AWS/") {
		return "", fmt.Errorf("METRIC_NAMESPACE is %q: want up to 255 letters, digits and ._/#-, not AWS/ at the start", text)
	}
	return text, nil
}

// grace reads whole minutes that are written with digits alone.
func grace(text string) (time.Duration, error) {
	minutes, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(minutes) != text || minutes < 0 || minutes > baseline.MaxGraceMinutes {
		return 0, fmt.Errorf("GRACE_MINUTES is %q: want 0 to %d", text, baseline.MaxGraceMinutes)
	}
	return time.Duration(minutes) * time.Minute, nil
}

// ownRoles reads the ARNs of IAM roles, which commas separate. No text is no role.
func ownRoles(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	arns := strings.Split(text, ",")
	for _, arn := range arns {
		err := principal.CheckRole(arn)
		if err == nil && strings.Count(arn, ":") > 5 { // IAM allows colons in a path; no path of sgwarden's has one
			err = errors.New("two ARNs have no comma between them")
		}
		if err != nil {
			return nil, fmt.Errorf("OWN_ROLE_ARNS is %q: want ARNs of IAM roles, separated by commas: %w", text, err)
		}
	}
	return arns, nil
}
