package browser

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMain(m *testing.M) { Main(m) }

func TestProblemsOfAPageAreNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, html, want string }{
		{"a page without problems", "<p>hello</p><script>console.log('fine')</script>", ""},
		{"an error in the console", "<script>console.error('broken', 7)</script>", "console: "},
		{"an exception", "<script>throw new Error('thrown')</script>", "exception: Uncaught Error: thrown"},
		{"a picture from elsewhere", `<img src="http://127.0.0.1:1/x.png">`, "request: http://127.0.0.1:1/x.png"},
		{"a script that the policy forbids", `<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><script>1</script>`, "log: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tab := Show(t, "<!DOCTYPE html><title>x</title>"+c.html)
			got := strings.Join(tab.Problems(), "\n")
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("problems %q, want %q", got, c.want)
			}
		})
	}
}

func TestStepsInATab(t *testing.T) {
	t.Parallel()
	tab := Show(t, `<!DOCTYPE html><title>x</title><input><button onclick="document.querySelector('output').textContent=document.querySelector('input').value">go</button><output></output>`)
	tab.Type("input", "typed")
	tab.Click("button")
	if diff := cmp.Diff("typed", tab.Text("output")); diff != "" {
		t.Error(diff)
	}
	if got := Await[int](tab, `new Promise((done) => setTimeout(() => done(7)))`); got != 7 {
		t.Errorf("the promise came to %d, want 7", got)
	}
	if got := tab.PDF(); !bytes.HasPrefix(got, []byte("%PDF-")) {
		t.Errorf("the PDF starts with %q", got[:min(8, len(got))])
	}
	if got := tab.Screenshot(); !bytes.HasPrefix(got, []byte("\x89PNG")) {
		t.Errorf("the screenshot starts with %q", got[:min(8, len(got))])
	}
}

func TestOptionsOfATab(t *testing.T) {
	t.Parallel()
	const html = `<!DOCTYPE html><title>x</title><style>div { width: 500px; height: 1px } p::after { content: "light" }
		@media (prefers-color-scheme: dark) { p::after { content: "dark" } } @media print { p::after { content: "paper" } }</style>
		<p></p><div></div><script>document.title = "ran"</script>`
	shown := func(tab *Tab) string {
		return Eval[string](tab, `getComputedStyle(document.querySelector("p"), "::after").content`)
	}
	for _, c := range []struct {
		name         string
		option       Option
		shown, title string
		wider        bool
	}{
		{"wide enough", Width(1280), `"light"`, "ran", false},
		{"too narrow", Width(400), `"light"`, "ran", true},
		{"dark", Media("", "prefers-color-scheme: dark"), `"dark"`, "ran", false},
		{"on paper", Media("print"), `"paper"`, "ran", false},
		{"without JavaScript", WithoutScript(), `"light"`, "x", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tab := Show(t, html, c.option)
			if diff := cmp.Diff([]string{c.shown, c.title}, []string{shown(tab), Eval[string](tab, "document.title")}); diff != "" {
				t.Error(diff)
			}
			if got := tab.Overflow(); (got > 0) != c.wider {
				t.Errorf("the page is %d pixels wider than the tab", got)
			}
		})
	}
}

func TestWhichBrowserIsTaken(t *testing.T) {
	t.Parallel()
	having := func(programs ...string) func(string) (string, error) {
		return func(name string) (string, error) {
			for _, p := range programs {
				if p == name {
					return "/usr/bin/" + name, nil
				}
			}
			return "", exec.ErrNotFound
		}
	}
	if got, err := find(having("google-chrome", "chromium-browser")); err != nil || got != "/usr/bin/chromium-browser" {
		t.Errorf("find = %q, %v", got, err)
	}
	_, err := find(having())
	if err == nil || !strings.Contains(err.Error(), "make browser installs Chromium") {
		t.Errorf("without a browser the error is %v, which must say what installs one", err)
	}
}

func TestTheBrowserLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	r := running{mayStart: true}
	if _, err := r.started(); err != nil {
		t.Fatal(err)
	}
	if got := processesOf(t, r.home); got == 0 {
		t.Fatal("no process of the browser was found, so the test could not see one that stays")
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if got := processesOf(t, r.home); got != 0 {
		t.Errorf("%d processes of the browser run on", got)
	}
	if _, err := os.Stat(r.home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder %s of the browser is still there: %v", r.home, err)
	}
}

func TestAPackageWithoutMainIsReported(t *testing.T) {
	t.Parallel()
	_, err := (&running{}).started()
	if err == nil || !strings.Contains(err.Error(), "must call browser.Main") {
		t.Errorf("got the error %v", err)
	}
}

// processesOf counts the processes whose command line names the folder. Where there is no /proc, it looks at none.
func processesOf(t *testing.T, folder string) int {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) == 0 {
		t.Skip("this system has no /proc to find processes in")
	}
	found := 0
	for _, path := range lines {
		if line, err := os.ReadFile(path); err == nil && bytes.Contains(line, []byte(folder)) {
			found++
		}
	}
	return found
}
