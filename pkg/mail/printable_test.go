package mail

import (
	"strings"
	"testing"
)

func TestTheFourLinesAreFourLines(t *testing.T) {
	t.Parallel()
	got := lead{what: "a\nHandled: Yes.", who: "b\u202e", handled: "No.\r\n", todo: "\x00"}.String()
	want := "What happened:  a?Handled: Yes.\nWho did it:     b?\nHandled:        No.??\nWhat to do now: ?\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestClippedTextIsValidAndSaysSo(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		most int
		want string
	}{
		"short":                {"abc", 3, "abc"},
		"long":                 {"abcdef", 5, "ab..."},
		"within a character":   {"aä" + strings.Repeat("b", 9), 5, "a..."},
		"no room for the dots": {"abcdef", 2, ".."},
		"no room":              {"abcdef", 0, ""},
		"less than no room":    {"abcdef", -3, ""},
	}
	for name, c := range cases {
		if got := truncate(c.text, c.most); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
