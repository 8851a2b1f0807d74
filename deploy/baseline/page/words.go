package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lang is the language of a page, as HTML's lang attribute writes it.
type Lang string

// The languages of pages.
const (
	English  Lang = "en"
	Japanese Lang = "ja"
)

// ParseLang returns the language that people named, such as "ja" or "ja-JP".
func ParseLang(name string) (Lang, error) {
	short, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(name, "_", "-")), "-")
	for _, lang := range []Lang{English, Japanese} {
		if short == string(lang) {
			return lang, nil
		}
	}
	return "", fmt.Errorf("the language %q is not known: want en for English or ja for Japanese", name)
}

// Entry is one text in each language: formats of package fmt. %[2]s is the second argument, for a language that
// orders words otherwise.
type Entry struct {
	EN  string
	One string // English where the count of N is 1; empty: EN
	JA  string
}

// Catalogue holds texts by key.
type Catalogue map[string]Entry

// Missing returns the keys that lack a language, in order. A test of each catalogue wants none.
func (c Catalogue) Missing() []string {
	var missing []string
	for key, e := range c {
		if e.EN == "" || e.JA == "" {
			missing = append(missing, key)
		}
	}
	slices.Sort(missing)
	return missing
}

// Language is the texts, dates and numbers of one language.
type Language struct {
	Lang       Lang
	catalogues []Catalogue
}

// Words returns the texts of a language. A key is looked up in the catalogues in order, and in this package's own
// last. A language that is not known is English.
func Words(lang Lang, catalogues ...Catalogue) Language {
	if lang != Japanese {
		lang = English
	}
	return Language{Lang: lang, catalogues: append(slices.Clip(catalogues), own)}
}

// T returns the text of the key with the arguments in place. A key that no catalogue has shows as ⟦key⟧, which the
// tests of pages look for.
func (l Language) T(key string, args ...any) string {
	e, known := l.entry(key)
	switch {
	case !known:
		return "⟦" + key + "⟧"
	case l.Lang == Japanese:
		return format(e.JA, args)
	}
	return format(e.EN, args)
}

// N returns the text of the key for a count. The count is the first argument, as a text: %s or %[1]s. A text need not
// have it.
func (l Language) N(key string, n int, args ...any) string {
	e, known := l.entry(key)
	args = append([]any{l.Number(n)}, args...)
	if known && n == 1 && e.One != "" && l.Lang == English {
		return format(e.One, args)
	}
	return l.T(key, args...)
}

func format(text string, args []any) string {
	if !strings.Contains(text, "%") { // a label beside a count does not repeat the count
		return text
	}
	return fmt.Sprintf(text, args...)
}

func (l Language) entry(key string) (Entry, bool) {
	for _, c := range l.catalogues {
		if e, known := c[key]; known {
			return e, true
		}
	}
	return Entry{}, false
}

// Number writes a number with its thousands separated, as both languages do: 1,234,567.
func (l Language) Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Time writes a time to the minute, in UTC, which it says. A zero time is a dash.
func (l Language) Time(t time.Time) string {
	if t.IsZero() {
		return l.Moment(t)
	}
	return l.Moment(t) + " UTC"
}

// Moment writes a time to the minute, in UTC, for a column whose heading says UTC. A zero time is a dash.
func (l Language) Moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return l.Day(t) + t.UTC().Format(" 15:04")
}

// Day writes the day of a time, in UTC. A zero time is a dash.
func (l Language) Day(t time.Time) string {
	switch {
	case t.IsZero():
		return "–"
	case l.Lang == Japanese:
		return t.UTC().Format("2006年1月2日")
	}
	return t.UTC().Format("2 Jan 2006")
}

// Size writes a number of bytes, such as 12.3 MB: a million bytes are a megabyte.
func (l Language) Size(bytes int64) string {
	size, unit := float64(bytes), "bytes"
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if size < 1000 {
			break
		}
		size, unit = size/1000, larger
	}
	if unit == "bytes" {
		return l.N("bytes", int(bytes))
	}
	return strconv.FormatFloat(size, 'f', 1, 64) + " " + unit
}
