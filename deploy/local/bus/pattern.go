package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Pattern is an event pattern of EventBridge, with the operators that deploy/template.yaml uses: texts that a field may
// equal, and {"prefix": TEXT}. See https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html.
type Pattern struct{ root fields }

// matcher is a part of a pattern. matches returns whether it fits a value that was read from JSON.
type matcher interface{ matches(value any) bool }

type (
	fields map[string]matcher // each field has to match
	anyOf  []text             // one of them has to match
	text   struct {
		value  string
		prefix bool // value is what a text begins with
	}
)

// ReadPattern reads a pattern from its JSON. It refuses what EventBridge refuses, and the operators that no rule of the
// template uses: a pattern never matches more or less here than it does in AWS.
func ReadPattern(pattern string) (Pattern, error) {
	var written map[string]any
	if err := json.Unmarshal([]byte(pattern), &written); err != nil {
		return Pattern{}, fmt.Errorf("read the event pattern %s: %w", pattern, err)
	}
	root, err := readFields(written)
	if err != nil {
		return Pattern{}, fmt.Errorf("read the event pattern %s: %w", pattern, err)
	}
	return Pattern{root}, nil
}

func readFields(written map[string]any) (fields, error) {
	if len(written) == 0 {
		return nil, errors.New("it has an empty object")
	}
	read := fields{}
	for name, value := range written {
		var err error
		switch value := value.(type) {
		case map[string]any:
			read[name], err = readFields(value)
		case []any:
			read[name], err = readAnyOf(value)
		default:
			err = fmt.Errorf("%v is neither an object nor a list", value)
		}
		if name == "$or" {
			err = errors.New("the local AWS does not play this operator")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return read, nil
}

func readAnyOf(written []any) (anyOf, error) {
	if len(written) == 0 {
		return nil, errors.New("the list is empty")
	}
	var read anyOf
	for _, value := range written {
		prefix, isPrefix := prefixOf(value)
		plain, isText := value.(string)
		if !isPrefix && !isText {
			return nil, fmt.Errorf("the local AWS plays texts and prefixes, and not %v", value)
		}
		read = append(read, text{plain + prefix, isPrefix})
	}
	return read, nil
}

// prefixOf returns TEXT of {"prefix": TEXT}.
func prefixOf(value any) (prefix string, is bool) {
	operator, _ := value.(map[string]any)
	prefix, is = operator["prefix"].(string)
	return prefix, is && len(operator) == 1
}

// Matches returns whether an event, an EventBridge envelope, matches. Its error is that the event is no JSON object.
func (p Pattern) Matches(event json.RawMessage) (bool, error) {
	var envelope map[string]any
	if err := json.Unmarshal(event, &envelope); err != nil {
		return false, fmt.Errorf("match an event: read its envelope: %w", err)
	}
	return p.root.matches(envelope), nil
}

func (f fields) matches(value any) bool {
	object, _ := value.(map[string]any)
	for name, wanted := range f {
		if !wanted.matches(object[name]) {
			return false
		}
	}
	return true
}

// matches returns whether the value, or an item of a list, is one of the texts.
func (a anyOf) matches(value any) bool {
	items, isList := value.([]any)
	if !isList {
		items = []any{value}
	}
	return slices.ContainsFunc(items, func(item any) bool {
		got, isText := item.(string)
		return isText && slices.ContainsFunc(a, func(t text) bool {
			return got == t.value || t.prefix && strings.HasPrefix(got, t.value)
		})
	})
}
