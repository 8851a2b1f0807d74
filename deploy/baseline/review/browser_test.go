package review

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/browser"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

// shots is where the screenshots go, for people to look at.
var shots = flag.String("shots", "", "folder for screenshots of the pages")

func keep(t *testing.T, name string, png []byte) {
	t.Helper()
	if *shots == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestThePageInABrowser(t *testing.T) {
	t.Parallel()
	made := New(sample(t))
	hostile := New(hostileSample(t))
	for _, c := range []struct {
		name    string
		review  *Review
		lang    page.Lang
		options []browser.Option
	}{
		{"English at 1280 pixels", made, page.English, []browser.Option{browser.Width(1280)}},
		{"English at 400 pixels", made, page.English, []browser.Option{browser.Width(400)}},
		{"Japanese at 1280 pixels", made, page.Japanese, []browser.Option{browser.Width(1280)}},
		{"Japanese at 400 pixels", made, page.Japanese, []browser.Option{browser.Width(400)}},
		{"English on paper", made, page.English, []browser.Option{browser.Width(794), browser.Media("print")}},
		{"Japanese on paper", made, page.Japanese, []browser.Option{browser.Width(794), browser.Media("print")}},
		{"English in the dark", made, page.English, []browser.Option{browser.Width(1280), browser.Media("", "prefers-color-scheme: dark")}},
		{"without JavaScript", made, page.English, []browser.Option{browser.Width(1280), browser.WithoutScript()}},
		{"hostile names", hostile, page.English, []browser.Option{browser.Width(1280)}},
		{"hostile names at 400 pixels", hostile, page.Japanese, []browser.Option{browser.Width(400)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tab := browser.Show(t, string(html(t, c.review, c.lang)), c.options...)
			if problems := tab.Problems(); len(problems) > 0 {
				t.Errorf("problems: %s", strings.Join(problems, "\n"))
			}
			if over := tab.Overflow(); over > 0 {
				t.Errorf("the page is %d pixels wider than the tab", over)
			}
			if pdf := tab.PDF(); !bytes.HasPrefix(pdf, []byte("%PDF-")) {
				t.Errorf("no PDF: %q", pdf[:min(8, len(pdf))])
			}
			if diff := cmp.Diff([]string{"true", string(c.lang)}, []string{browser.Eval[string](tab, `String(["header", "nav", "main", "footer"].every((e) => document.querySelector(e)))`), browser.Eval[string](tab, "document.documentElement.lang")}); diff != "" {
				t.Error(diff)
			}
			keep(t, strings.ReplaceAll(c.name, " ", "-"), tab.Screenshot())
		})
	}
}

func TestATableIsFiltered(t *testing.T) {
	t.Parallel()
	tab := browser.Show(t, string(html(t, New(hostileSample(t)), page.English)))
	const shown = `[...document.querySelectorAll("#drift tbody tr")].filter((r) => !r.hidden).length`
	before := browser.Eval[int](tab, shown)
	tab.Type("#drift input[type=search]", "5432")
	if after := browser.Eval[int](tab, shown); after == 0 || after >= before {
		t.Errorf("%d of %d rows are shown", after, before)
	}
	if problems := tab.Problems(); len(problems) > 0 {
		t.Error(problems)
	}
}
