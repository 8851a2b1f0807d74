package deadletters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Print writes what is in a queue, for people.
func Print(w io.Writer, c Contents) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", c.Queue.Name, counted(len(c.Messages)))
	if c.InFlight > 0 {
		fmt.Fprintf(&b, ", %d in flight: somebody else has them, or had until a moment ago", c.InFlight)
	}
	b.WriteString("\n")
	if len(c.Messages) > 0 {
		fmt.Fprintf(&b, "  %-20s  %-20s  TRIES  WHAT\n", "EVENT TIME", "FAILED")
	}
	for _, m := range c.Messages {
		m.print(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func counted(n int) string {
	switch n {
	case 0:
		return "no messages"
	case 1:
		return "1 message"
	}
	return strconv.Itoa(n) + " messages"
}

func (m Message) print(b *strings.Builder) {
	tries, failed, happened := "-", "-", "-"
	if m.Attempts != nil {
		tries = strconv.Itoa(*m.Attempts)
	}
	if m.FailedTime != "" {
		failed = m.FailedTime[:min(len(m.FailedTime), len("2006-01-02T15:04:05"))] + "Z"
	}
	if m.EventTime != "" {
		happened = m.EventTime
	}
	fmt.Fprintf(b, "  %-20s  %-20s  %-5s  %s\n", plain(happened, 20), plain(failed, 20), tries, plain(m.what(), longest))
	label, id := "event", m.EventID
	if !m.Understood {
		label, id = "message", m.ID
	}
	for _, line := range [][2]string{{"who", m.Actor}, {"why", m.why()}, {"note", m.note()}, {label, id}} {
		if line[1] != "" {
			fmt.Fprintf(b, "      %-7s  %s\n", line[0], plain(line[1], longest))
		}
	}
}

// shownRules is how many rules of a message are shown to people.
const shownRules = 3

// what says what happened, or gives the body of a message that says nothing.
func (m Message) what() string {
	rules := slices.Clone(m.Rules[:min(len(m.Rules), shownRules)])
	if more := len(m.Rules) - shownRules; more > 0 {
		rules = append(rules, fmt.Sprintf("%d more rules", more))
	}
	if text := joined(m.EventName, m.Group, m.Parameter, strings.Join(rules, ", ")); text != "" {
		return text
	}
	return m.Body
}

func (m Message) why() string {
	if m.ErrorType == "" || m.Error == "" {
		return m.ErrorType + m.Error
	}
	return m.ErrorType + ": " + m.Error
}

func (m Message) note() string {
	var notes []string
	if m.Nothing != "" {
		notes = append(notes, "the event asks for nothing: "+m.Nothing)
	}
	if len(m.Unparsed) > 0 {
		notes = append(notes, "not all of the event can be read: "+strings.Join(m.Unparsed, "; "))
	}
	return strings.Join(notes, "; ")
}

// joined puts blanks between the texts that are not empty.
func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), " ")
}

// longest is how many characters people are shown of a text of strangers.
const longest = 300

// plain returns a text of strangers as one line, without anything that a terminal obeys.
func plain(text string, most int) string {
	// Each character has four bytes at most, and blanks are merged.
	truncated := text[:min(len(text), 64*most)]
	line := []rune(strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return unicode.ReplacementChar
	}, strings.Join(strings.Fields(truncated), " ")))
	if len(line) > most || len(truncated) < len(text) {
		return string(line[:min(len(line), most)]) + " ..."
	}
	return string(line)
}

// JSON returns a value as one line of JSON, or with an indentation as several. All
// characters are printable ASCII, so that a terminal obeys none of them.
func JSON(v any, indent string) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return "", fmt.Errorf("encode as JSON: %w", err)
	}
	var ascii strings.Builder
	for _, c := range b.String() {
		switch {
		case c < unicode.MaxASCII:
			ascii.WriteRune(c)
		case c > 0xFFFF:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&ascii, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&ascii, `\u%04x`, c)
		}
	}
	return ascii.String(), nil
}
