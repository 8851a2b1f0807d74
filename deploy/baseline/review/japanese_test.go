package review

import (
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/advice"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

func TestEachKindOfAdviceHasJapanese(t *testing.T) {
	t.Parallel()
	for _, kind := range advice.Kinds {
		if kindsInJapanese[kind.Id] == "" {
			t.Errorf("%s has none", kind.Id)
		}
	}
}

func TestRemarksOfTheCommandHaveJapanese(t *testing.T) {
	t.Parallel()
	w := writer{Review: &Review{}, Language: page.Words(page.Japanese, texts)}
	const log = "the functions' log is kept for 14 days, so what was reverted before 2026-11-07 is not told"
	if got := w.remarkText(log); !strings.HasPrefix(got, "関数のログの保持期間") || !strings.HasSuffix(got, "(原文: "+log+")") {
		t.Errorf("got %q", got)
	}
	for _, r := range remarksInJapanese {
		if got := w.remarkText(r.begins + r.holds); !strings.HasPrefix(got, r.text) {
			t.Errorf("%s %s: got %q", r.begins, r.holds, got)
		}
	}
	const other = "by /sg-baseline/trust nobody is trusted: broken"
	if got := w.remarkText(other); got != other {
		t.Errorf("got %q", got)
	}
	english := writer{Review: &Review{}, Language: page.Words(page.English, texts)}
	if got := english.remarkText(log); got != log {
		t.Errorf("got %q", got)
	}
}

func TestAPauseIsListedOnce(t *testing.T) {
	t.Parallel()
	in := sample(t)
	until := time.Date(2026, 11, 30, 20, 0, 0, 0, time.UTC)
	in.Overview.PausedUntil = &until
	in.Overview.Remarks = []string{"sgwarden is paused until 2026-11-30T20:00:00Z (moving (CHG-9)): nothing is changed in EC2"}
	for lang, want := range map[page.Lang]string{
		page.English:  "sgwarden is paused until 30 Nov 2026 20:00 UTC (moving (CHG-9)) and changes nothing in EC2.",
		page.Japanese: "sgwarden は 2026年11月30日 20:00 UTC まで一時停止中 (moving (CHG-9))で、EC2 を変更しません。",
	} {
		got := string(html(t, New(in), lang))
		if n := strings.Count(got, "CHG-9)"); n != 1 || !strings.Contains(got, want) {
			t.Errorf("%s: the pause is written %d times", lang, n)
		}
	}
}
