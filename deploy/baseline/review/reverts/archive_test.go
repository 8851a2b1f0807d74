package reverts

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const oneAlert = `{"schema":1,"id":"a1","kind":"drift","outcome":"reverted","severity":"high","account":"111122223333","region":"us-east-1","groupId":"sg-0a","groupName":"web","event":{"id":"e1","name":"AuthorizeSecurityGroupIngress","time":"2026-11-02T10:00:00Z"},"actor":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/bo"},"findings":[{"rule":"ingress tcp 22 0.0.0.0/0","ruleId":"sgr-1","verdict":"violation","action":"revoked"},{"rule":"ingress tcp 23 0.0.0.0/0","ruleId":"sgr-2","verdict":"violation","action":"failed"}],"madeAt":"2026-11-02T10:00:20Z"}`

var here = Origin{"111122223333", "us-east-1"}

func TestAnArchiveMayHaveAlertsOfOthers(t *testing.T) {
	t.Parallel()
	second := strings.Replace(oneAlert, `"a1"`, `"a2"`, 1)
	path := write(t, strings.Join([]string{
		oneAlert, strings.Replace(second, `"account":"111122223333"`, `"account":"999999999999"`, 1), strings.Replace(second, "us-east-1", "eu-west-1", 1),
	}, "\n"))
	got, err := FromFiles([]string{path}, here, Period{From: from, Until: until})
	if err != nil || got.Count() != 1 || got.Events[0].AlertID != "a1" || got.From != path+" (without 2 alerts of other accounts and regions)" {
		t.Errorf("%v, error %v", got, err)
	}
}

func envelope(t *testing.T, alert string) string {
	t.Helper()
	text, err := json.Marshal(map[string]string{"Type": "Notification", "Message": alert})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "alerts.ndjson")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRevertsAreReadFromAnArchive(t *testing.T) {
	t.Parallel()
	one := Revert{
		Time: time.Date(2026, 11, 2, 10, 0, 20, 0, time.UTC), AlertID: "a1", GroupID: "sg-0a", GroupName: "web", Rules: []Rule{{Text: "ingress tcp 22 0.0.0.0/0", ID: "sgr-1"}},
		Actor: "arn:aws:iam::111122223333:user/bo", EventID: "e1", EventName: "AuthorizeSecurityGroupIngress", Severity: "high", Kind: "drift",
	}
	other := one
	other.AlertID = "a0"
	long := strings.Repeat("x", longestLine+1)
	for _, c := range []struct {
		name, text string
		want       []Revert
		skipped    []string
	}{
		{"an alert", oneAlert, []Revert{one}, nil},
		{"the envelope of SNS", envelope(t, oneAlert), []Revert{one}, nil},
		{"gzip", packed(t, oneAlert+"\n"), []Revert{one}, nil},
		{"the same alert twice", oneAlert + "\r\n\n" + envelope(t, oneAlert) + "\n", []Revert{one}, nil},
		{"two alerts", strings.Replace(oneAlert, `"a1"`, `"a0"`, 1) + "\n" + oneAlert, []Revert{other, one}, nil},
		{"an alert of another time", strings.ReplaceAll(oneAlert, "2026-11", "2026-10"), nil, nil},
		{"an alert that is of no revert", strings.Replace(oneAlert, `"revoked"`, `"none"`, 1), nil, nil},
		{"a line that is no alert", "{\"a\":1}\nhello\n" + oneAlert, []Revert{one}, []string{"line 1: it holds no alert", "line 2: "}},
		{"a line without an end", long + "\n" + oneAlert, []Revert{one}, []string{"line 1: the line has more than"}},
		{"very many such lines", strings.Repeat("x\n", 25), nil, append(make([]string, 10), "and 15 more lines")},
		{"an empty file", "", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, c.text)
			got, err := FromFiles([]string{path}, here, Period{From: from, Until: until})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Events); diff != "" || got.From != path {
				t.Errorf("from %s: %s", got.From, diff)
			}
			if len(got.Skipped) != len(c.skipped) {
				t.Fatalf("skipped %q, want %q", got.Skipped, c.skipped)
			}
			for i, want := range c.skipped {
				if !strings.Contains(got.Skipped[i], want) {
					t.Errorf("skipped %q, want %q", got.Skipped[i], want)
				}
			}
		})
	}
}

func TestAnArchiveThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := FromFiles([]string{"nowhere.ndjson"}, here, Period{From: from, Until: until}); err == nil || !strings.Contains(err.Error(), "read the alerts of nowhere.ndjson") {
		t.Errorf("got the error %v", err)
	}
}

func TestWhatStandsBeforeATearCounts(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range 2_000 {
		fmt.Fprintln(&lines, strings.Replace(oneAlert, `"a1"`, fmt.Sprintf(`"a%x"`, sha256.Sum256([]byte{byte(i), byte(i >> 8)})), 1))
	}
	whole := packed(t, lines.String())
	got, err := FromFiles([]string{write(t, whole[:len(whole)/2])}, here, Period{From: from, Until: until})
	if err != nil || len(got.Events) == 0 || len(got.Events) > 1_500 || !strings.Contains(strings.Join(got.Skipped, "\n"), "the rest of the file") {
		t.Errorf("%d reverts, skipped %q, error %v", len(got.Events), got.Skipped, err)
	}
}

// TestALateRevertIsListedByTheNextReview has reverts around the end of the review before.
func TestALateRevertIsListedByTheNextReview(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 2, 10, 0, 20, 0, time.UTC) // of oneAlert
	path := write(t, oneAlert)
	for _, c := range []struct {
		name   string
		period Period
		want   int
	}{
		{"the last review did not have it", Period{From: at.Add(time.Minute), Follows: true}, 1},
		{"the last review had it", Period{From: at.Add(time.Minute), Follows: true, ReportedBefore: []string{"a1"}}, 0},
		{"it is too old to be late", Period{From: at.Add(Late + time.Minute), Follows: true}, 0},
		{"there is no last review", Period{From: at.Add(time.Minute)}, 0},
	} {
		c.period.Until = until
		if got, err := FromFiles([]string{path}, here, c.period); err != nil || got.Count() != c.want {
			t.Errorf("%s: %d reverts, error %v", c.name, got.Count(), err)
		}
	}
}
