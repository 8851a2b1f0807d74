package deploy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/bus"
)

// matcher is an event bus of moto's with the template's patterns, all of which deliver to one queue.
type matcher struct {
	t        *testing.T
	events   *eventbridge.Client
	queues   *sqs.Client
	bus      string
	queueURL *string
}

func newMatcher(t *testing.T, url, prefix string) *matcher {
	t.Helper()
	config := awsconfig.New(url, awsconfig.Keys)
	name := strings.NewReplacer("/", "-", ".", "-").Replace("patterns" + prefix)
	m := &matcher{t: t, events: eventbridge.NewFromConfig(config), queues: sqs.NewFromConfig(config), bus: name}
	queue, err := m.queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		t.Fatal(err)
	}
	m.queueURL = queue.QueueUrl
	if _, err := m.events.CreateEventBus(t.Context(), &eventbridge.CreateEventBusInput{Name: &name}); err != nil {
		t.Fatal(err)
	}
	patterns := eventPatterns(t, map[string]string{"BaselinePrefix": prefix})
	if diff := cmp.Diff([]string{baselines, calls, requests}, slices.Sorted(maps.Keys(patterns))); diff != "" {
		t.Errorf("rules with a pattern (-want +got):\n%s", diff)
	}
	for rule, pattern := range patterns {
		m.put(rule, pattern)
	}
	return m
}

func (m *matcher) put(rule, pattern string) {
	m.t.Helper()
	if _, err := m.events.PutRule(m.t.Context(), &eventbridge.PutRuleInput{Name: &rule, EventBusName: &m.bus, EventPattern: &pattern}); err != nil {
		m.t.Fatal(err)
	}
	if _, err := m.events.PutTargets(m.t.Context(), &eventbridge.PutTargetsInput{
		Rule: &rule, EventBusName: &m.bus,
		Targets: []ebtypes.Target{{
			Id: aws.String("matched"), Arn: aws.String("arn:aws:sqs:" + awsconfig.Region + ":123456789012:" + m.bus),
			InputTransformer: &ebtypes.InputTransformer{ // of all the event, moto would take 120 ms
				InputPathsMap: map[string]string{"id": "$.id"}, InputTemplate: aws.String(`{"id": "<id>", "rule": "` + rule + `"}`),
			},
		}},
	}); err != nil {
		m.t.Fatal(err)
	}
}

// match returns the rules that match each message; none for one that EventBridge would not take.
func (m *matcher) match(messages map[string]string) map[string][]string {
	m.t.Helper()
	matched, names := map[string][]string{}, map[string]string{}
	for batch := range slices.Chunk(slices.Sorted(maps.Keys(messages)), 10) { // the most PutEvents takes
		var entries []ebtypes.PutEventsRequestEntry
		for _, name := range batch {
			matched[name] = nil
			entries = append(entries, m.entry(messages[name]))
		}
		answer, err := m.events.PutEvents(m.t.Context(), &eventbridge.PutEventsInput{Entries: entries})
		if err != nil {
			m.t.Fatal(err)
		}
		for i, entry := range answer.Entries {
			if entry.EventId != nil {
				names[*entry.EventId] = batch[i]
			} else if *entries[i].Source != "" {
				m.t.Errorf("%s: moto refuses it: %s", batch[i], aws.ToString(entry.ErrorMessage))
			}
		}
		for _, delivered := range m.receive() {
			name := names[delivered.ID]
			matched[name] = append(matched[name], delivered.Rule)
		}
	}
	return matched
}

func (m *matcher) entry(message string) ebtypes.PutEventsRequestEntry {
	m.t.Helper()
	var envelope struct {
		Source     string          `json:"source"`
		DetailType string          `json:"detail-type"`
		Detail     json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal([]byte(message), &envelope); err != nil {
		m.t.Fatalf("%v: %s", err, message)
	}
	return ebtypes.PutEventsRequestEntry{
		EventBusName: &m.bus, Source: &envelope.Source, DetailType: &envelope.DetailType, Detail: aws.String(string(envelope.Detail)),
	}
}

// matchedLocally returns the rules that match each message as the local AWS matches them.
func matchedLocally(t *testing.T, prefix string, messages map[string]string) map[string][]string {
	t.Helper()
	patterns, matched := eventPatterns(t, map[string]string{"BaselinePrefix": prefix}), map[string][]string{}
	for name := range messages {
		matched[name] = nil
	}
	for _, rule := range slices.Sorted(maps.Keys(patterns)) {
		pattern, err := bus.ReadPattern(patterns[rule])
		if err != nil {
			t.Fatalf("rule %s: %v", rule, err)
		}
		for name, message := range messages {
			matches, err := pattern.Matches(json.RawMessage(message))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if matches {
				matched[name] = append(matched[name], rule)
			}
		}
	}
	return matched
}

type delivered struct{ ID, Rule string }

// receive empties the queue. moto delivers before PutEvents answers, so what is not there now will not come.
func (m *matcher) receive() (all []delivered) {
	m.t.Helper()
	for {
		got, err := m.queues.ReceiveMessage(m.t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: m.queueURL, MaxNumberOfMessages: 10, VisibilityTimeout: 600,
		})
		if err != nil {
			m.t.Fatal(err)
		}
		for _, message := range got.Messages {
			var one delivered
			if err := json.Unmarshal([]byte(aws.ToString(message.Body)), &one); err != nil {
				m.t.Fatal(err)
			}
			all = append(all, one)
		}
		if len(got.Messages) == 0 {
			return all
		}
	}
}

// eventPatterns returns the template's event patterns in JSON, by the rules' logical ids.
func eventPatterns(t *testing.T, parameters map[string]string) map[string]string {
	t.Helper()
	patterns := map[string]string{}
	for name, rule := range parse(t, read(t, "template.yaml")).resources("AWS::Events::Rule") {
		pattern := get(rule, "Properties", "EventPattern")
		if pattern == nil {
			continue
		}
		text, err := json.Marshal(resolve(t, pattern, parameters))
		if err != nil {
			t.Fatal(err)
		}
		patterns[name] = string(text)
	}
	return patterns
}

// resolve replaces !Ref and !Sub of the parameters.
func resolve(t *testing.T, from any, parameters map[string]string) any {
	t.Helper()
	switch from := from.(type) {
	case map[string]any:
		resolved := map[string]any{}
		for key, value := range from {
			resolved[key] = resolve(t, value, parameters)
		}
		return resolved
	case []any:
		resolved := []any{}
		for _, value := range from {
			resolved = append(resolved, resolve(t, value, parameters))
		}
		return resolved
	case call:
		text := fmt.Sprint(from.Argument)
		if from.Function == "Ref" {
			text = "${" + text + "}"
		}
		for name, value := range parameters {
			text = strings.ReplaceAll(text, "${"+name+"}", value)
		}
		if strings.Contains(text, "${") || from.Function != "Ref" && from.Function != "Sub" {
			t.Fatalf("cannot resolve !%s %s", from.Function, text)
		}
		return text
	}
	return from
}
