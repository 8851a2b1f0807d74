package backtestpage

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/browser"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

var shots = flag.String("shots", "", "write screenshots and PDFs to this folder, for people to look at")

func TestMain(m *testing.M) { browser.Main(m) }

// keep writes what the test saw, where somebody wants to look at it.
func keep(t *testing.T, name string, content func() []byte) {
	t.Helper()
	if *shots == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*shots, name), content(), 0o644); err != nil {
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
		// A page of each kind of script and of text: make prove looks at all.
		if testing.Short() && name != "month" && name != "japanese" && name != "hostile" {
			continue
		}
		for width, option := range map[string]browser.Option{"1280": browser.Width(1280), "400": browser.Width(400)} {
			t.Run(name+", "+width+" pixels wide", func(t *testing.T) {
				t.Parallel()
				tab := browser.Show(t, write(t, b), option)
				if width == "1280" && (name == "month" || name == "japanese" || name == "hostile") {
					// Each width between has to do, too.
					for _, between := range []int64{1220, 1210, 935, 925, 650, 630} {
						tab.SetWidth(between)
						if got := tab.Overflow(); got > 0 {
							t.Errorf("at %d pixels the page is %d pixels too wide", between, got)
						}
					}
					tab.SetWidth(1280)
				}
				keep(t, name+"-"+width+".png", tab.Screenshot)
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
	for _, c := range []struct {
		name, paper, accent string // the colours of the page and of its columns
		options             []browser.Option
	}{
		{"light", "#ffffff", "#0b5394", nil},
		{"dark", "#11161d", "#82bbfa", []browser.Option{browser.Media("", "prefers-color-scheme: dark")}},
		{"dark-400", "#11161d", "#82bbfa", []browser.Option{browser.Width(400), browser.Media("", "prefers-color-scheme: dark")}},
		{"more-contrast", "#ffffff", "#003a75", []browser.Option{browser.Media("", "prefers-contrast: more")}},
		{"more-contrast-dark", "#000000", "#b5d8ff", []browser.Option{browser.Media("", "prefers-contrast: more", "prefers-color-scheme: dark")}},
		{"forced-colours", "#ffffff", "#0b5394", []browser.Option{browser.Media("", "forced-colors: active")}},
		{"no-script", "#ffffff", "#0b5394", []browser.Option{browser.WithoutScript()}},
		{"paper", "#ffffff", "#0b3d70", []browser.Option{browser.Media("print")}},
		{"paper-of-a-dark-screen", "#ffffff", "#0b3d70", []browser.Option{browser.Media("print", "prefers-color-scheme: dark")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tab := browser.Show(t, html, c.options...)
			keep(t, c.name+".png", tab.Screenshot)
			if diff := cmp.Diff([]string(nil), tab.Problems()); diff != "" {
				t.Error(diff)
			}
			got := browser.Eval[[]string](tab, `["--paper", "--accent"].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name))`)
			if diff := cmp.Diff([]string{c.paper, c.accent}, got); diff != "" {
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
		keep(t, name+".pdf", func() []byte { return pdf })
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/Type /Page")) {
			t.Errorf("%s: no PDF of pages: %q", name, pdf[:min(len(pdf), 20)])
		}
	}
}

func TestTheScriptSearchesSortsAndCopies(t *testing.T) {
	t.Parallel()
	tab := browser.Show(t, write(t, sample(31, 120, people)))
	const table = `#reverts table`
	browser.Eval[bool](tab, `document.querySelector("#reverts details").open = true`)
	shown := func() int {
		return browser.Eval[int](tab, `[...document.querySelectorAll("#reverts tbody tr")].filter((row) => row.checkVisibility()).length`)
	}
	if got := shown(); got != 120 {
		t.Fatalf("%d rows are shown before a search, want 120", got)
	}
	tab.Type("#reverts input", "TERRAFORM 5432")
	want := browser.Eval[int](tab, `[...document.querySelectorAll("#reverts tbody tr")].filter((row) => row.textContent.includes("terraform") && row.textContent.includes("5432")).length`)
	if got := shown(); got != want || got == 0 || got == 120 {
		t.Errorf("%d rows are shown for two words, want %d", got, want)
	}
	if got, say := tab.Text("#reverts output"), page.Words(page.English).Number(want)+" of 120 rows"; got != say {
		t.Errorf("the count says %q, want %q", got, say)
	}
	times := `[...document.querySelectorAll("#reverts tbody th")].map((cell) => cell.dataset.sort)`
	newest := browser.Eval[[]string](tab, times)
	tab.Click(table + " thead button")
	oldest := browser.Eval[[]string](tab, times)
	if newest[0] <= newest[119] || oldest[0] >= oldest[119] || oldest[0] != newest[119] {
		t.Errorf("sorted from %s to %s, and then from %s to %s", newest[0], newest[119], oldest[0], oldest[119])
	}
	if got := browser.Eval[string](tab, `document.querySelector("#reverts thead th").getAttribute("aria-sort")`); got != "ascending" {
		t.Errorf("the heading says that the order is %q, want ascending", got)
	}
	tab.Click(table + " thead th:nth-child(1) button")
	if got := browser.Eval[[]string](tab, times); got[0] != newest[0] {
		t.Errorf("sorted downwards the first is %s, want %s", got[0], newest[0])
	}
	tab.Click("#approvals .command button")
	if got := browser.Await[string](tab, `new Promise((done) => { const look = () => { const say = document.querySelector("#approvals .copy").textContent; say === "Copy" ? setTimeout(look, 20) : done(say); }; look(); })`); got != "Copied" && got != "Selected: press Ctrl+C" {
		t.Errorf("the button says %q after a click", got)
	}
	if diff := cmp.Diff([]string(nil), tab.Problems()); diff != "" {
		t.Error(diff)
	}
}

func TestNumbersSortByTheirValue(t *testing.T) {
	t.Parallel()
	tab := browser.Show(t, write(t, sample(31, 120, people)))
	browser.Eval[bool](tab, `document.querySelector("#timeline details").open = true`)
	tab.Click("#timeline thead th:nth-child(2) button")
	got := browser.Eval[[]int](tab, `[...document.querySelectorAll("#timeline tbody td:nth-child(2)")].map((cell) => Number(cell.textContent))`)
	if !slices.IsSorted(got) || got[0] == got[30] {
		t.Errorf("the column is %v, which is not sorted", got)
	}
}

func TestAPageSaysTheSameWithoutJavaScript(t *testing.T) {
	t.Parallel()
	html := write(t, sample(31, 120, people))
	text := `document.querySelectorAll(".tools, .copy").forEach((e) => e.remove()), document.querySelectorAll("script").forEach((e) => e.remove()), document.body.textContent`
	with, without := browser.Show(t, html), browser.Show(t, html, browser.WithoutScript())
	for name, want := range map[string]bool{"with": true, "without": false} {
		tab := map[string]*browser.Tab{"with": with, "without": without}[name]
		if got := browser.Eval[bool](tab, `document.querySelector(".tools") !== null`); got != want {
			t.Errorf("%s JavaScript: a search box is there: %v, want %v", name, got, want)
		}
	}
	if diff := cmp.Diff(browser.Eval[string](with, text), browser.Eval[string](without, text)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsClosedOnTheScreenIsOpenOnPaper(t *testing.T) {
	t.Parallel()
	html := write(t, sample(31, 120, people))
	const height = `document.querySelector("#reverts table").getBoundingClientRect().height`
	for media, want := range map[string]bool{"screen": false, "print": true} {
		tab := browser.Show(t, html, browser.Media(media))
		if got := browser.Eval[float64](tab, height) > 500 && browser.Eval[bool](tab, `document.querySelector("#reverts table").checkVisibility({contentVisibilityAuto: true})`); got != want {
			t.Errorf("on %s the rows are shown: %v, want %v", media, got, want)
		}
	}
}

func TestHostileNamesAreOnlyNames(t *testing.T) {
	t.Parallel()
	tab := browser.Show(t, write(t, hostileSample()))
	if got := browser.Eval[int](tab, `document.querySelectorAll("img, iframe, object, script").length`); got != 1 {
		t.Errorf("the page has %d elements that load or run something, want the page's own script alone", got)
	}
	if got := browser.Eval[int](tab, `[...document.querySelectorAll("a")].filter((a) => !a.getAttribute("href").startsWith("#")).length`); got != 0 {
		t.Errorf("%d links lead out of the page", got)
	}
	if got := browser.Eval[int](tab, `[...document.querySelectorAll("*")].flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith("on")).length`); got != 0 {
		t.Errorf("%d attributes run something", got)
	}
	names := browser.Eval[[]string](tab, `[...document.querySelectorAll("#skipped tbody th")].map((cell) => cell.textContent)`)
	for i, name := range hostile {
		if diff := cmp.Diff(page.Visible(name), names[i]); diff != "" {
			t.Error(diff)
		}
	}
}
