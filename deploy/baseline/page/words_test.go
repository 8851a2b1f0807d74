package page

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheFramesWordsAreThereInEachLanguage(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string(nil), own.Missing()); diff != "" {
		t.Error(diff)
	}
	lacking := Catalogue{"b": {EN: "b"}, "a": {JA: "a"}, "c": {EN: "c", JA: "c"}}
	if diff := cmp.Diff([]string{"a", "b"}, lacking.Missing()); diff != "" {
		t.Errorf("keys that lack a language must be found: %s", diff)
	}
}

func TestTextsDatesAndNumbersOfALanguage(t *testing.T) {
	t.Parallel()
	mine := Catalogue{"reverts": {EN: "%s reverts", One: "%s revert", JA: "取り消し %s 件"}, "label": {EN: "groups", One: "group", JA: "グループ"}, "order": {EN: "%s by %s", JA: "%[2]s による %[1]s"}}
	at := time.Date(2026, time.March, 9, 8, 5, 59, 0, time.FixedZone("JST", 9*3600))
	en, ja := Words(English, mine), Words(Japanese, mine)
	for _, c := range []struct{ name, got, want string }{
		{"one", en.N("reverts", 1), "1 revert"},
		{"none", en.N("reverts", 0), "0 reverts"},
		{"many", en.N("reverts", 1234567), "1,234,567 reverts"},
		{"many in Japanese", ja.N("reverts", 1), "取り消し 1 件"},
		{"a label without the count", en.N("label", 1), "group"},
		{"a label of many", en.N("label", 2), "groups"},
		{"arguments in order", en.T("order", "a", "b"), "a by b"},
		{"arguments in Japanese order", ja.T("order", "a", "b"), "b による a"},
		{"a text of the frame", ja.T("summary"), "概要"},
		{"an unknown key shows", en.T("nothing"), "⟦nothing⟧"},
		{"an unknown language is English", Words("fr", mine).T("summary"), "Summary"},
		{"a time", en.Time(at), "8 Mar 2026 23:05 UTC"},
		{"a time in Japanese", ja.Time(at), "2026年3月8日 23:05 UTC"},
		{"a time in a column", en.Moment(at), "8 Mar 2026 23:05"},
		{"no time", en.Time(time.Time{}), "–"},
		{"no day", ja.Day(time.Time{}), "–"},
		{"a small number", en.Number(999), "999"},
		{"a negative number", en.Number(-1000), "-1,000"},
		{"bytes", en.Size(999), "999 bytes"},
		{"one byte", en.Size(1), "1 byte"},
		{"kilobytes", en.Size(1500), "1.5 kB"},
		{"terabytes", en.Size(12_340_000_000_000), "12.3 TB"},
		{"many terabytes", en.Size(1_234_000_000_000_000), "1234.0 TB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheLanguageThatPeopleName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Lang{"en": English, "ja": Japanese, "ja-JP": Japanese, "JA_jp": Japanese, "en-GB": English} {
		if got, err := ParseLang(name); err != nil || got != want {
			t.Errorf("ParseLang(%q) = %q, %v, want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"", "de", "japanese"} {
		if got, err := ParseLang(name); err == nil {
			t.Errorf("ParseLang(%q) = %q, want an error", name, got)
		}
	}
}
