package browser

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long one step in a tab may take on a busy machine.
const patience = time.Minute

// Tab is one page in the browser. A step that fails ends the test.
type Tab struct {
	t   *testing.T
	ctx context.Context
	url string

	mu       sync.Mutex
	problems []string
}

// Option changes how a tab shows a page.
type Option func(*Tab)

// Width makes the tab so many pixels wide. 1280 where no option says otherwise.
func Width(pixels int64) Option {
	return func(tab *Tab) { tab.SetWidth(pixels) }
}

// SetWidth makes the tab so many pixels wide.
func (tab *Tab) SetWidth(pixels int64) {
	tab.t.Helper()
	tab.do("set the width", chromedp.EmulateViewport(pixels, 900))
}

// WithoutScript runs no script of the page, as a browser without JavaScript.
func WithoutScript() Option {
	return func(tab *Tab) {
		call(tab, "disable JavaScript", emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
}

// Media shows the page as a person with settings would see it, such as "prefers-color-scheme: dark", or on paper:
// Media("print").
func Media(kind string, features ...string) Option {
	params := emulation.SetEmulatedMediaParams{Media: kind}
	for _, feature := range features {
		name, value, _ := strings.Cut(feature, ": ")
		params.Features = append(params.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	return func(tab *Tab) { call(tab, "set the media", emulation.SetEmulatedMedia, params) }
}

// Show writes the page to a file, as people have it, and opens the file in a new tab, which ends with the test.
func Show(t *testing.T, html string, options ...Option) *Tab {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	return Open(t, (&url.URL{Scheme: "file", Path: path}).String(), options...)
}

// Open opens the URL in a new tab, which ends with the test.
func Open(t *testing.T, address string, options ...Option) *Tab {
	t.Helper()
	parent, err := theOnly.started()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(parent)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx, url: address}
	if err := chromedp.Listen(ctx, tab.note); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	call(tab, "watch requests", network.Enable, network.EnableParams{})
	call(tab, "watch the log", log.Enable, cdp.Empty{})
	for _, option := range append([]Option{Width(1280)}, options...) {
		option(tab)
	}
	tab.do("open "+address, chromedp.Navigate(address))
	return tab
}

// Problems returns what a page must not have: errors and warnings in the console, exceptions, and requests for
// anything but the page.
func (tab *Tab) Problems() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return append([]string(nil), tab.problems...)
}

func (tab *Tab) note(event any) {
	problem := ""
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			problem = "console: " + consoleText(e.Args)
		}
	case *runtime.EventExceptionThrown:
		problem = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			problem += " " + e.ExceptionDetails.Exception.Description
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			problem = fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if e.Request.URL != tab.url && !strings.HasPrefix(e.Request.URL, "data:") {
			problem = "request: " + e.Request.URL
		}
	}
	if problem != "" {
		tab.mu.Lock()
		defer tab.mu.Unlock()
		tab.problems = append(tab.problems, problem)
	}
}

func consoleText(args []*runtime.RemoteObject) string {
	texts := make([]string, len(args))
	for i, a := range args {
		if texts[i] = a.Description; texts[i] == "" {
			texts[i] = a.Value.String()
		}
	}
	return strings.Join(texts, " ")
}

// do runs steps and ends the test where one fails.
func (tab *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	run(tab, what, chromedp.Steps(steps...))
}

func run[T any](tab *Tab, what string, action chromedp.Action[T]) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, action)
	if err != nil {
		tab.t.Fatalf("browser: %s: %v", what, err)
	}
	return got
}

func call[P, R any](tab *Tab, what string, command cdp.Command[P, R], params P) {
	tab.t.Helper()
	tab.do(what, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	}))
}
