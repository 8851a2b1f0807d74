package review

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
)

func put(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheNextReviewReadsWhatTheLastOneLeft(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]Read{"the small account": sample(t), "hostile names": hostileSample(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, dir := New(in), t.TempDir()
			want := r.Saved()
			beside, err := r.Sidecar()
			if err != nil {
				t.Fatal(err)
			}
			put(t, dir, "review.csv.review.json", beside)
			for _, path := range []string{
				put(t, dir, "review.html", html(t, r, page.Japanese)), put(t, dir, "review.csv", []byte("a,b\r\n")), filepath.Join(dir, "review.csv.review.json"),
			} {
				got, err := ReadSaved(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, *got); diff != "" {
					t.Errorf("%s: %s", path, diff)
				}
			}
		})
	}
}

func TestWhatIsNoReviewIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"another page": "<p>notes</p>", "an empty file": "", "other JSON": `{"schema": 1}`,
		"half a page":     blockBegins + `{"schema":1,"madeAt":"2026-10-31T09:00:00Z","acc`,
		"a later version": `{"schema": 2, "madeAt": "2026-10-31T09:00:00Z", "account": "111122223333"}`,
	} {
		if _, err := ReadSaved(put(t, dir, name, []byte(content))); !errors.Is(err, ErrNoReview) {
			t.Errorf("%s: got the error %v", name, err)
		}
	}
	if _, err := ReadSaved(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got the error %v", err)
	}
}

func TestTheLastReviewIsOfTheSameAccountAndRegion(t *testing.T) {
	t.Parallel()
	here := account.Identity{Account: "1", Region: "r", Prefix: "/p"}
	last := Saved{Account: "1", Region: "r", Prefix: "/p"}
	if err := last.Fits(here, now); err != nil {
		t.Error(err)
	}
	last.Region = "q"
	if err := last.Fits(here, now); err == nil || !strings.Contains(err.Error(), "region q, not r") {
		t.Errorf("got the error %v", err)
	}
}

func TestAReviewLeavesTheAlertsOfItsLastMinutes(t *testing.T) {
	t.Parallel()
	in := sample(t)
	early := in.Reverts.Events[0]
	late := early
	late.AlertID, late.Time = "late", now.Add(-time.Minute)
	in.Reverts.Events = []reverts.Revert{early, late}
	if diff := cmp.Diff([]string{"late"}, New(in).Saved().LateAlerts); diff != "" {
		t.Error(diff)
	}
}

func TestTheLastReviewIsNoLaterThanThisOne(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]bool{0: true, -time.Hour: true, time.Hour: false} {
		if err := (Saved{MadeAt: now.Add(ahead)}).Fits(account.Identity{}, now); (err == nil) != want {
			t.Errorf("%s ahead: got the error %v", ahead, err)
		}
	}
}

func TestAFileThatNeverEndsIsNoReview(t *testing.T) {
	t.Parallel()
	path := put(t, t.TempDir(), "huge", nil)
	if err := os.Truncate(path, 1<<40); err != nil { // a file with a hole takes no space
		t.Fatal(err)
	}
	if _, err := ReadSaved(path); !errors.Is(err, ErrNoReview) {
		t.Errorf("got the error %v", err)
	}
}

func TestTheTrend(t *testing.T) {
	t.Parallel()
	in := sample(t)
	const rows = `rules approved for good`
	page := string(html(t, New(in), page.English))
	for _, want := range []string{"compared with the last review of 31 Oct 2026", ">&#43;4<", ">−1<", ">±0<", "3 at the last review"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	in.Last, in.Reverts.NotRead = nil, "denied <b>"
	page = string(html(t, New(in), "en"))
	for _, never := range []string{"compared with the last review of", ">&#43;4<", "denied <b>"} {
		if strings.Contains(page, never) {
			t.Errorf("there is %s", never)
		}
	}
	for _, want := range []string{rows, "This is the first review", "not known", "denied &lt;b&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
}
