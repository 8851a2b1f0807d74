package deadletters_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// wantHarmless fails if what is shown of a message has anything that a terminal obeys,
// or very long lines.
func wantHarmless(t *testing.T, m deadletters.Message) {
	t.Helper()
	var shown strings.Builder
	if err := deadletters.Print(&shown, deadletters.Contents{Queue: ofRemediator, Messages: []deadletters.Message{m}}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(shown.String()) {
		if n := utf8.RuneCountInString(line); n > 400 {
			t.Errorf("a line of %d characters: %.100q", n, line)
		}
		if i := strings.IndexFunc(strings.TrimSuffix(line, "\n"), isObeyed); i >= 0 {
			t.Errorf("a terminal may obey %q", line[i:min(len(line), i+20)])
		}
	}
	text, err := deadletters.JSON(m, "")
	if err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(strings.TrimSuffix(text, "\n"), func(c rune) bool { return c < ' ' || c > '~' }); i >= 0 {
		t.Errorf("the JSON has %q", text[i:min(len(text), i+20)])
	}
}

// isObeyed reports whether a character is a control character, or turns the direction
// of writing.
func isObeyed(c rune) bool {
	return c < ' ' || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069
}

func TestNoTextOfStrangersIsObeyed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a sequence that clears the screen":      "\x1b[2J gone",
		"one with a character of C1":             "\u009b2J gone",
		"backspaces, bells and deletes":          "a\b\a\x7f",
		"line ends":                              "a\r\nb\u2028c\u0085d",
		"a turned direction":                     "\u202etxt.exe\u2066",
		"what is no UTF-8":                       "\xff\xfe",
		"a megabyte":                             strings.Repeat("é\x1b", 1<<19),
		"a title that an answer is typed by":     "\x1b]0;rm -rf\x07",
		"characters of four bytes, and controls": strings.Repeat("🦊\x00", 400),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantHarmless(t, deadletters.Message{
				ID: text, EventID: text, EventName: text, EventTime: text, Group: text, Parameter: text, Rules: []string{text}, Unparsed: []string{text},
				Nothing: text, Actor: text, FailedTime: text, ErrorType: text, Error: text, Body: text, Understood: true,
			})
			wantHarmless(t, deadletters.Message{ID: text, Body: text})
		})
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	message := deadletters.Message{
		ID: "m-1", Understood: true, EventID: "e-1", EventName: "AuthorizeSecurityGroupIngress", EventTime: "2026-11-21T19:52:31Z", Group: "sg-1",
		Rules: []string{"a", "b", "c", "d", "e"}, Actor: "ana", FailedTime: "2026-11-21T19:55:10.123Z", Attempts: aws.Int(3), ErrorType: "wrapError", Error: "no",
	}
	for name, c := range map[string]struct {
		contents deadletters.Contents
		want     string
	}{
		"an empty queue":      {deadletters.Contents{}, "RemediatorFailures: no messages\n"},
		"a message elsewhere": {deadletters.Contents{InFlight: 2}, "RemediatorFailures: no messages, 2 in flight: somebody else has them, or had until a moment ago\n"},
		"one that is understood": {
			deadletters.Contents{Messages: []deadletters.Message{message}},
			"RemediatorFailures: 1 message\n" +
				"  EVENT TIME            FAILED                TRIES  WHAT\n" +
				"  2026-11-21T19:52:31Z  2026-11-21T19:55:10Z  3      AuthorizeSecurityGroupIngress sg-1 a, b, c, 2 more rules\n" +
				"      who      ana\n      why      wrapError: no\n      event    e-1\n",
		},
		"one that is not, and one that asks for nothing": {
			deadletters.Contents{Messages: []deadletters.Message{
				{ID: "m-2", Body: "not\n an event", ErrorType: "not understood"},
				{ID: "m-3", Understood: true, EventID: "e-3", EventName: "x", Error: "why", Nothing: "it failed"},
			}},
			"RemediatorFailures: 2 messages\n" +
				"  EVENT TIME            FAILED                TRIES  WHAT\n" +
				"  -                     -                     -      not an event\n      why      not understood\n      message  m-2\n" +
				"  -                     -                     -      x\n      why      why\n      note     the event asks for nothing: it failed\n      event    e-3\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			c.contents.Queue = ofRemediator
			if err := deadletters.Print(&got, c.contents); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestJSONReadsBackAsItWas(t *testing.T) {
	t.Parallel()
	const text = "a<b>&\x7f\u009b\u2028é🦊\uffff\"\\"
	line, err := deadletters.JSON(map[string]string{"x": text}, "")
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(line), &back); err != nil || back["x"] != text || strings.Count(line, "\n") != 1 {
		t.Errorf("%v: %q is %q", err, line, back["x"])
	}
}
