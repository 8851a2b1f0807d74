package backtestpage

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/browser"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

var shots = flag.String("shots", "", "write screenshots and PDFs to this folder, for people to look at")

func TestMain(m *testing.M) { browser.Main(m) }

// keep writes what the test saw, where somebody wants to look at it.
func keep(t *testing.T, name string, content []byte) {
	t.Helper()
	if *shots == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*shots, name), content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// samples are the pages that the browser looks at.
func samples() map[string]Backtest {
	empty := sample(31, 0, people)
	empty.Result.ByActor = nil
	unguarded := sample(31, 0, people)
	unguarded.Result.Judged, unguarded.Result.Unguarded = 0, 200
	japanese := sample(31, 40, people)
	japanese.Lang = page.Japanese
	skipped := sample(31, 12, people)
	skipped.Skipped = []Skipped{{"logs/half.json.gz", "the file ends in the middle of its compressed data"}}
	return map[string]Backtest{
		"month": sample(31, 120, people), "year": sample(365, 900, people), "day": sample(1, 5, people),
		"many": sample(400, 2500, people), "empty": empty, "unguarded": unguarded, "japanese": japanese, "hostile": hostileSample(), "skipped": skipped,
	}
}

func TestAPageShowsInABrowser(t *testing.T) {
	t.Parallel()
	for name, b := range samples() {
		for width, option := range map[string]browser.Option{"1280": browser.Width(1280), "400": browser.Width(400)} {
			t.Run(name+", "+width+" pixels wide", func(t *testing.T) {
				t.Parallel()
				tab := browser.Show(t, write(t, b), option)
				if os.Getenv("DBG") != "" { t.Log(browser.Eval[string](tab, `[...document.querySelectorAll("*")].filter(e=>e.getBoundingClientRect().right>document.documentElement.clientWidth+1).map(e=>e.outerHTML.slice(0,150)).slice(0,6).join("\n")`)) }
				if width == "1280" {
					// Each width between has to do, too.
					for _, between := range []int64{1160, 1140, 900, 890, 650, 630} {
						tab.SetWidth(between)
						if got := tab.Overflow(); got > 0 {
							t.Errorf("at %d pixels the page is %d pixels too wide", between, got)
						}
					}
					tab.SetWidth(1280)
				}
				keep(t, name+"-"+width+".png", tab.Screenshot())
				if diff := cmp.Diff([]string(nil), tab.Problems()); diff != "" {
					t.Error(diff)
				}
				if got := tab.Overflow(); got > 0 {
					t.Errorf("the page is %d pixels too wide, so people must scroll sideways", got)
				}
			})
		}
	}
}

func TestAPageIsRightInTheDarkOnPaperAndWithoutJavaScript(t *testing.T) {
	t.Parallel()
	html := write(t, sample(31, 120, people))
	for name, options := range map[string][]browser.Option{
		"dark":           {browser.Media("", "prefers-color-scheme: dark")},
		"dark-400":       {browser.Width(400), browser.Media("", "prefers-color-scheme: dark")},
		"more-contrast":  {browser.Media("", "prefers-contrast: more")},
		"forced-colours": {browser.Media("", "forced-colors: active")},
		"no-script":      {browser.WithoutScript()},
		"paper":          {browser.Media("print")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab := browser.Show(t, html, options...)
			keep(t, name+".png", tab.Screenshot())
			if diff := cmp.Diff([]string(nil), tab.Problems()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPagePrints(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]Backtest{"month": sample(31, 120, people), "hostile": hostileSample()} {
		tab := browser.Show(t, write(t, b))
		pdf := tab.PDF()
		keep(t, name+".pdf", pdf)
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/Type /Page")) {
			t.Errorf("%s: no PDF of pages: %q", name, pdf[:min(len(pdf), 20)])
		}
	}
}
