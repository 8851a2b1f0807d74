package page_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/golden"
)

var made = time.Date(2026, time.November, 21, 19, 51, 30, 0, time.UTC)

// document has one of each part, with text that wants escaping.
func document(t *testing.T, lang page.Lang) page.Document {
	t.Helper()
	compose := func(parts ...page.Part) page.Section {
		body, err := page.Compose(parts...)
		if err != nil {
			t.Fatal(err)
		}
		return page.Section{Body: body}
	}
	rows := []page.Row{{{Text: "<b>web</b>", Note: "sg-1", Link: "words"}, page.Code("ingress tcp 22 0.0.0.0/0"), {Text: "High", Status: page.High}, {Text: "12", Sort: "12"}}}
	for range 7 {
		rows = append(rows, page.Row{page.Text("db"), page.Code("ingress tcp 5432 10.0.0.0/8"), page.Text(""), page.Text("3")})
	}
	words := compose(page.Heading{Text: "A & B"}, page.Paragraph{Text: "1 < 2"}, page.List{Items: []string{"one", "two"}},
		page.List{Items: []string{"first"}, Ordered: true}, page.Notice{Status: page.Medium, Label: "Note", Text: "the \"quoted\" text"},
		page.Command{Label: "Approve", Text: "echo 'a' && echo \"b\""}, page.Details{Title: "More", Body: "<p>inside</p>"}, page.Raw("<p>raw</p>"))
	words.ID, words.Title, words.Lead = "words", "Words", "What is said."
	tables := compose(page.Table{
		Caption: "Rules", Rows: rows, More: "Two more are in the JSON.",
		Columns: []page.Column{{Name: "Group"}, {Name: "Rule"}, {Name: "Severity"}, {Name: "Reverts", Number: true}},
	}, page.Table{Caption: "Nothing", Empty: "There is nothing."})
	tables.ID, tables.Title, tables.Count = "tables", "Tables", "8"
	figures := compose(page.Figures{{Value: "1,234", Label: "reverts", Note: "12 more", Status: page.Critical, Link: "tables"}, {Value: "0", Label: "gaps"}})
	return page.Document{
		Lang: lang, Title: "A page <script>", Lead: "What it says.", MadeBy: "sgwarden backtest", Generated: made,
		Facts: []page.Fact{{Name: "Account", Value: "111122223333"}}, Summary: figures.Body, Sections: []page.Section{words, tables}, CSS: ".x { color: var(--ink); }",
	}
}

func render(t *testing.T, d page.Document) string {
	t.Helper()
	var b strings.Builder
	if err := page.Render(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// embedded matches what is the same on each page, or follows from it.
var embedded = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<script>).*?(</script>)|(Policy" content=").*?(">)`)

func TestAPageHasAllPartsAndEscapesThem(t *testing.T) {
	t.Parallel()
	for _, lang := range []page.Lang{page.English, page.Japanese} {
		got := embedded.ReplaceAllString(render(t, document(t, lang)), "$1$3$5…$2$4$6")
		golden.Compare(t, string(lang)+".html.golden", got)
	}
}

func TestTwoSectionsOfOneIDAreAnError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ids  []string
		want string
	}{
		{"two IDs that differ are fine", []string{"a", "b"}, ""},
		{"the same ID twice", []string{"a", "a"}, `the section "second" has the ID "a", which is empty or taken`},
		{"an ID of the frame", []string{"a", "summary"}, `the ID "summary"`},
		{"no ID", []string{"a", ""}, `the ID ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := page.Render(&strings.Builder{}, page.Document{Sections: []page.Section{{ID: c.ids[0], Title: "first"}, {ID: c.ids[1], Title: "second"}}})
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got the error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestWhatNobodySeesIsWrittenOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"plain text stays", "web-front", "web-front"},
		{"Japanese stays", "本番　ウェブ", "本番　ウェブ"},
		{"Arabic stays", "مجموعة", "مجموعة"},
		{"an emoji of several characters stays", "👩‍💻 ❤️", "👩‍💻 ❤️"},
		{"a mark that turns text around", "web\u202Efdp", "web‹U+202E›fdp"},
		{"a zero byte and an escape", "a\x00b\x1bc", "a‹U+0000›b‹U+001B›c"},
		{"a line break becomes a space", "a\nb", "a b"},
		{"a space of no width", "a\u200Bb", "a‹U+200B›b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, page.Visible(c.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
