package cloudtrail

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// xmlns is the namespace of EC2's current API version.
const xmlns = "http://ec2.amazonaws.com/doc/2016-11-15/"

func wrappedRequest(c Call, request *node) (any, error) {
	return object{c.Action + "Request": wrapped(request)}, nil
}

func wrappedAnswer(c Call, _ *node) (any, error) {
	return object{c.Action + "Response": object{"xmlns": xmlns, "requestId": c.RequestID, "return": true}}, nil
}

// wrapped writes a node in the wrapped dialect. One without content is the empty string, even a whole request.
func wrapped(n *node) any {
	if len(n.members) == 0 {
		return guess(n.value)
	}
	written := object{}
	for name, member := range n.members {
		if elements := member.elements(); len(elements) > 0 {
			written[name] = wrappedList(elements)
		} else {
			written[name] = wrapped(member)
		}
	}
	return written
}

func wrappedList(nodes []*node) any {
	elements := make([]any, len(nodes))
	for i, n := range nodes {
		element, isObject := wrapped(n).(object)
		if !isObject {
			element = object{"content": wrapped(n)}
		}
		element["tag"] = i + 1
		elements[i] = element
	}
	if len(elements) == 1 {
		return elements[0]
	}
	return elements
}

var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// guess gives a scalar the type it looks like, as org.json's XML.toJSONObject does: the text 12345 becomes a number,
// "true" a boolean, "null" null. An integer stays text where its digits would change (leading zeros) or don't fit.
func guess(text string) any {
	switch {
	case strings.EqualFold(text, "true"):
		return true
	case strings.EqualFold(text, "false"):
		return false
	case strings.EqualFold(text, "null"):
		return nil
	case !decimal.MatchString(text):
		return text
	case strings.ContainsAny(text, ".eE"):
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			return value
		}
		return text
	}
	if value, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(value, 10) == text {
		return json.Number(text)
	}
	return text
}
