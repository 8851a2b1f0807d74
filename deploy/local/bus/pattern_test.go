package bus_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
)

func TestAPatternMatchesAsEventBridgeDoes(t *testing.T) {
	t.Parallel()
	const calls = `{"source": ["aws.ec2"], "detail": {"eventName": ["Authorize", "Revoke"], "name": [{"prefix": "/a/"}, "/b"]}}`
	for name, c := range map[string]struct {
		event string
		want  bool
	}{
		"all fields fit":                   {`{"source": "aws.ec2", "id": 1, "detail": {"eventName": "Revoke", "name": "/a/x", "more": {}}}`, true},
		"the other value fits":             {`{"source": "aws.ec2", "detail": {"eventName": "Authorize", "name": "/b"}}`, true},
		"an item of a list fits":           {`{"source": "aws.ec2", "detail": {"eventName": ["Other", "Revoke"], "name": "/b"}}`, true},
		"no item of a list fits":           {`{"source": "aws.ec2", "detail": {"eventName": ["Other"], "name": "/b"}}`, false},
		"one field differs":                {`{"source": "aws.ec2", "detail": {"eventName": "Delete", "name": "/b"}}`, false},
		"one field lacks":                  {`{"source": "aws.ec2", "detail": {"eventName": "Revoke"}}`, false},
		"the inner object lacks":           {`{"source": "aws.ec2"}`, false},
		"a text stands for the object":     {`{"source": "aws.ec2", "detail": "Revoke"}`, false},
		"another case":                     {`{"source": "aws.ec2", "detail": {"eventName": "revoke", "name": "/b"}}`, false},
		"a text is longer than a whole":    {`{"source": "aws.ec2", "detail": {"eventName": "Revoke", "name": "/bc"}}`, false},
		"a text is shorter than a prefix":  {`{"source": "aws.ec2", "detail": {"eventName": "Revoke", "name": "/a"}}`, false},
		"a text is as long as the prefix":  {`{"source": "aws.ec2", "detail": {"eventName": "Revoke", "name": "/a/"}}`, true},
		"a prefix is further on":           {`{"source": "aws.ec2", "detail": {"eventName": "Revoke", "name": "/x/a/y"}}`, false},
		"a number in the place of a text":  {`{"source": "aws.ec2", "detail": {"eventName": 1, "name": "/b"}}`, false},
		"null in the place of a text":      {`{"source": null, "detail": {"eventName": "Revoke", "name": "/b"}}`, false},
		"an object in the place of a text": {`{"source": {"aws.ec2": 1}, "detail": {"eventName": "Revoke", "name": "/b"}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pattern, err := bus.ReadPattern(calls)
			if err != nil {
				t.Fatal(err)
			}
			got, err := pattern.Matches(json.RawMessage(c.event))
			if err != nil || got != c.want {
				t.Errorf("it matches %t, error %v, want %t", got, err, c.want)
			}
		})
	}
}

func TestAPatternThatIsNotPlayedIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ pattern, says string }{
		"nothing":             {``, "read the event pattern"},
		"a list":              {`[]`, "read the event pattern"},
		"an empty pattern":    {`{}`, "empty object"},
		"an empty object":     {`{"detail": {}}`, "detail: it has an empty object"},
		"an empty list":       {`{"source": []}`, "source: the list is empty"},
		"a text alone":        {`{"source": "aws.ec2"}`, "aws.ec2 is neither an object nor a list"},
		"a number":            {`{"version": [0]}`, "texts and prefixes, and not 0"},
		"null":                {`{"source": [null]}`, "texts and prefixes, and not <nil>"},
		"exclusion":           {`{"detail": {"kind": [{"anything-but": ["canary"]}]}}`, "detail: kind: the local AWS plays texts and prefixes, and not map[anything-but:[canary]]"},
		"existence":           {`{"detail": {"kind": [{"exists": true}]}}`, "map[exists:true]"},
		"a suffix":            {`{"source": [{"suffix": ".ec2"}]}`, "map[suffix:.ec2]"},
		"a prefix in no case": {`{"source": [{"prefix": {"equals-ignore-case": "AWS"}}]}`, "equals-ignore-case"},
		"two operators":       {`{"source": [{"prefix": "a", "suffix": "b"}]}`, "suffix:b"},
		"alternatives":        {`{"$or": [{"source": ["a"]}, {"source": ["b"]}]}`, "$or: the local AWS does not play this operator"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := bus.ReadPattern(c.pattern); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %q", err, c.says)
			}
		})
	}
}

func TestADeployedPatternThatIsNotPlayedIsReportedUnlessItInvokesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "me-central-1", bus.OnFailure{})
	const excluding = `{"source":[{"anything-but":"aws.ec2"}]}`
	w.putRule("other-target", excluding, "arn:aws:sns:me-central-1:123456789012:topic")
	w.putRule("judge", pattern, functionARN)
	w.sync()
	w.putRule("excluding", excluding, functionARN)
	if err := w.bus.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), "play event rule excluding") {
		t.Errorf("error %v", err)
	}
	w.bus.Put(event("AuthorizeSecurityGroupIngress", "1"))
	w.waitIdle()
	if got := w.function.events(); len(got) != 1 {
		t.Errorf("the rules from before delivered %d events, want 1", len(got))
	}
}

func TestABusThatIsClosedDeliversNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ap-northeast-3", bus.OnFailure{})
	w.putRule("judge", pattern, functionARN)
	w.sync()
	w.bus.Put(event("AuthorizeSecurityGroupIngress", "1"))
	w.waitIdle()
	if err := w.bus.Close(); err != nil {
		t.Fatal(err)
	}
	w.bus.Put(event("AuthorizeSecurityGroupIngress", "2"))
	w.waitIdle()
	if got := w.function.events(); len(got) != 1 {
		t.Errorf("%d events, want the one from before", len(got))
	}
}
