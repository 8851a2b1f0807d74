package browser

import (
	"github.com/chromedp/chromedp"
)

// Eval returns the value of a JavaScript expression in the page. The page's own policy does not bind it.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	return run(tab, "evaluate "+expression, chromedp.Evaluate[T](expression))
}

// Await returns what the promise of a JavaScript expression comes to.
func Await[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	return run(tab, "await "+expression, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Click clicks the first element of the CSS selector.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Type types the text into the first element of the CSS selector.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	tab.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Text returns the text of the first element of the CSS selector, as people see it.
func (tab *Tab) Text(selector string) string {
	tab.t.Helper()
	return run(tab, "read "+selector, chromedp.Text(chromedp.CSS(selector)))
}

// Screenshot returns the whole page, from its top to its bottom, as PNG.
func (tab *Tab) Screenshot() []byte {
	tab.t.Helper()
	return run(tab, "take a screenshot", chromedp.FullScreenshot(100))
}

// PDF prints the page to a PDF as the page's own style asks for.
func (tab *Tab) PDF() []byte {
	tab.t.Helper()
	return run(tab, "print to PDF", chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
}

// Overflow returns by how many pixels the page is wider than the tab: how far people must scroll sideways.
func (tab *Tab) Overflow() int {
	tab.t.Helper()
	return Eval[int](tab, "document.documentElement.scrollWidth - document.documentElement.clientWidth")
}
