// Package browser lets tests look at a page in headless Chromium. A test package has one browser, which Main ends,
// and each test has a tab of its own.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Main runs the tests of a package and ends the browser that they started. A package whose tests open tabs calls
// Main in its TestMain.
func Main(m *testing.M) {
	theOnly.mayStart = true
	status := m.Run()
	if err := theOnly.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "end the browser:", err)
		status = max(status, 1)
	}
	os.Exit(status)
}

// running is the browser of this test package. It starts with the first tab.
type running struct {
	mayStart bool
	start    sync.Once
	ctx      context.Context // of chromedp: the parent of the tabs
	cancel   func()
	home     string // the folder of all that the browser writes
	err      error
}

var theOnly running

func (r *running) started() (context.Context, error) {
	r.start.Do(func() {
		if !r.mayStart {
			r.err = errors.New("TestMain of this package must call browser.Main, which ends the browser")
			return
		}
		r.err = r.launch()
	})
	return r.ctx, r.err
}

func (r *running) launch() error {
	path, err := find(exec.LookPath)
	if err != nil {
		return err
	}
	if r.home, err = os.MkdirTemp("", "sgwarden-browser-"); err != nil {
		return fmt.Errorf("make a folder for the browser: %w", err)
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), flags(path, r.home)...)
	ctx, stopBrowser := chromedp.NewContext(allocator)
	r.ctx, r.cancel = ctx, func() { stopBrowser(); stopAllocator() }
	if err := chromedp.Do(ctx); err != nil {
		return fmt.Errorf("start the browser %s: %w", path, err)
	}
	return nil
}

// flags make the browser headless and quiet. chromedp speaks with it through a pipe, so nothing listens on a port.
func flags(path, home string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(filepath.Join(home, "profile")),
		chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home),
		chromedp.NoSandbox, // the tests run as root in containers, and open only pages that they made
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
}

// names are those of Chromium and of Chrome on Debian, Ubuntu and others.
var names = []string{"chromium", "chromium-browser", "google-chrome"}

// inApplications is where macOS has the two. They are not on PATH there.
var inApplications = []string{
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

func find(look func(string) (string, error)) (string, error) {
	for _, name := range append(names[:len(names):len(names)], inApplications...) {
		if path, err := look(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no browser: PATH has none of %q, and the tests of pages need one. make browser installs Chromium", names)
}

// stop ends the browser, waits until its process has ended, and removes its folder.
func (r *running) stop() error {
	var errs []error
	if r.cancel != nil {
		errs = append(errs, chromedp.Cancel(r.ctx))
		r.cancel()
	}
	if r.home != "" {
		errs = append(errs, os.RemoveAll(r.home))
	}
	return errors.Join(errs...)
}
