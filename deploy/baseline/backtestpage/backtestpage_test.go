package backtestpage

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/deploy/golden"
)

// frame matches what package page puts around this page.
var frame = regexp.MustCompile(`(?s)^.*?(<header)|(</main>).*$`)

func TestAPageOfAFewReverts(t *testing.T) {
	t.Parallel()
	got := frame.ReplaceAllString(write(t, sample(3, 4, people)), "$1$2") + "\n"
	golden.Compare(t, "page.html.golden", got)
}

func TestTheWordsAreThereInEachLanguage(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string(nil), texts.Missing()); diff != "" {
		t.Error(diff)
	}
	for name, b := range samples() {
		for _, lang := range []page.Lang{page.English, page.Japanese} {
			b.Lang = lang
			html := write(t, b)
			for _, wrong := range []string{"⟦", "%!", "%s", "%[", "ZgotmplZ"} {
				if name != "hostile" && strings.Contains(html, wrong) {
					at := strings.Index(html, wrong)
					t.Errorf("%s in %s has %q: %s", name, lang, wrong, html[max(0, at-80):min(len(html), at+80)])
				}
			}
		}
	}
}

func TestTheAnswerComesFirst(t *testing.T) {
	t.Parallel()
	nothing := sample(31, 0, people)
	unguarded := sample(31, 0, people)
	unguarded.Result.Judged = 0
	noChanges := Backtest{Generated: made}
	summary := sample(31, 0, people)
	summary.Result.Calls.Reported, summary.Result.ByGroup = 3, []replay.GroupCount{{GroupID: "sg-1", Tally: replay.Tally{Reported: 3}}}
	for _, c := range []struct {
		name   string
		b      Backtest
		answer []string
	}{
		{"nothing would have been reverted", nothing, []string{"sgwarden would have reverted nothing. It judged 100 of 200 changes, and the baselines permit all of them."}},
		{"nothing could be judged", unguarded, []string{"The history has 200 changes to security groups, and none could be judged: none opened anything in a group that a baseline or the guardrail guards."}},
		{"no history of security groups", noChanges, []string{"The history has no change of a security group, so there was nothing to judge."}},
		{"only alerts", summary, []string{"sgwarden would have reverted 0 of 200 changes to security groups.", "It would only have told of 3 more, and changed nothing."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.b.Reverts = &Reverts{}
			if diff := cmp.Diff(c.answer, view{Backtest: c.b, Language: page.Words(page.English, texts)}.answer()); diff != "" {
				t.Error(diff)
			}
			write(t, c.b)
		})
	}
}

func TestAPageIsBounded(t *testing.T) {
	t.Parallel()
	b := sample(400, 2500, people)
	html := write(t, b)
	if !strings.Contains(html, "500 more are not on this page. backtest --output json has all of them.") {
		t.Error("the page does not say that 500 reverts are missing")
	}
	rows := strings.Count(html[strings.Index(html, `<section id="reverts"`):strings.Index(html, `<section id="assumptions"`)], "<tr ")
	if rows != mostReverts+1 {
		t.Errorf("the list has %d rows with its heading, want %d", rows, mostReverts+1)
	}
	for i := range mostSkipped + 7 {
		b.Skipped = append(b.Skipped, Skipped{File: strings.Repeat("x", i%9), Reason: "broken"})
	}
	if html := write(t, b); !strings.Contains(html, "7 more are not on this page.") {
		t.Error("the page does not say that 7 skipped files are missing")
	}
}

func TestAPageThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	if err := Write(full{}, sample(3, 4, people)); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got the error %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestTheLatestRevertsAreKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		added       int
		first, last int
		kept        int
	}{
		{"none", 0, 0, 0, 0},
		{"a few", 3, 2, 0, 3},
		{"as many as there is room for", mostReverts, mostReverts - 1, 0, mostReverts},
		{"more", mostReverts + 5, mostReverts + 4, 5, mostReverts},
		{"twice as many and more", 2*mostReverts + 1, 2 * mostReverts, mostReverts + 1, mostReverts},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var r Reverts
			for i := range c.added {
				r.Add(replay.Revert{Time: from.Add(time.Duration(i) * time.Second)})
			}
			got := r.newest()
			if len(got) != c.kept {
				t.Fatalf("%d are kept, want %d", len(got), c.kept)
			}
			if c.kept == 0 {
				return
			}
			second := func(v replay.Revert) int { return int(v.Time.Sub(from).Seconds()) }
			if second(got[0]) != c.first || second(got[len(got)-1]) != c.last {
				t.Errorf("from %d to %d, want from %d to %d", second(got[0]), second(got[len(got)-1]), c.first, c.last)
			}
		})
	}
}
