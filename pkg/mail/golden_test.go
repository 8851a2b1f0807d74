package mail

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with testdata/NAME.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

func text(m Mail) string { return "Subject: " + m.Subject + "\n\n" + m.Body }

func indented(t *testing.T, card []byte) string {
	t.Helper()
	var s bytes.Buffer
	if err := json.Indent(&s, card, "", "  "); err != nil {
		t.Fatal(err)
	}
	return s.String() + "\n"
}

func TestCardsReadAsTheGoldenFilesSay(t *testing.T) {
	t.Parallel()
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".card", indented(t, Card(s)))
		})
	}
}

func someStories() []Story {
	all := stories()
	return []Story{all["reverted"], all["reverted-30-rules-in-6-groups"], all["partly-reverted"], all["baseline-deleted"], all["approval-given"], all["broken-baseline"]}
}

func TestTheDigestReadsAsTheGoldenFilesSay(t *testing.T) {
	t.Parallel()
	golden(t, "digest.mail", text(Digest(someStories())))
	golden(t, "digest.card", indented(t, DigestCard(someStories())))
	passed := []Story{stories()["reverted"], stories()["approval-given"]}
	golden(t, "digest-all-handled.mail", text(Digest(passed)))
}

func TestContentionReadsAsTheGoldenFilesSay(t *testing.T) {
	t.Parallel()
	f := Contention{
		Account: "123456789012", Region: "us-east-1", GroupID: front, GroupName: "ecs-front", Reverts: 7, Within: 30 * time.Minute,
		Principals: []string{ana.ARN, "autoscaling.amazonaws.com"}, Rules: []string{proxy, web},
	}
	golden(t, "contention.mail", text(RenderContention(f)))
	f.SameRule, f.Rules, f.GroupName, f.Principals = true, f.Rules[:1], "", nil
	golden(t, "contention-same-rule.mail", text(RenderContention(f)))
	f.GroupID, f.GroupName, f.Rules = offices, "offices", []string{"entry 0.0.0.0/0"}
	golden(t, "contention-same-entry.mail", text(RenderContention(f)))
	f.SameRule, f.Rules = false, []string{"entry 0.0.0.0/0", "entry 20.0.0.0/24"}
	golden(t, "contention-entries.mail", text(RenderContention(f)))
}
