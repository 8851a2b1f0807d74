package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
)

// textBacktest runs the verb for people. The output is written to out.
func textBacktest(t *testing.T, out io.Writer, args ...string) (status int, errs string) {
	t.Helper()
	var said bytes.Buffer
	a := &app{
		Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return now }, Errs: &said},
		in:      strings.NewReader(""), out: out,
	}
	status = a.run(t.Context(), append([]string{"backtest"}, args...))
	return status, said.String()
}

// historyFile is a file with one call, ana's at 2026-10-05T09:00:00Z, in us-east-1 of account 123456789012.
func historyFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "history.json")
	if err := os.WriteFile(name, []byte(`{"Records":[`+string(opened(t, "e-1", openedGroup))+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestABacktestThatJudgedNothingGivesNoAnswer: "none would have been reverted" of a history in which nothing was judged
// would lead people to switch sgwarden on.
func TestABacktestThatJudgedNothingGivesNoAnswer(t *testing.T) {
	t.Parallel()
	empty, file := t.TempDir(), historyFile(t)
	torn := filepath.Join(t.TempDir(), "torn.json")
	early := filepath.Join(t.TempDir(), "early.json")
	later := filepath.Join(t.TempDir(), "later.json")
	record := string(opened(t, "e-1", openedGroup))
	for name, content := range map[string]string{
		torn:  `{"Records":[` + record[:100],
		early: `{"Records":[` + strings.Replace(record, "2026-10-05T", "1970-01-01T", 1) + `]}`,
		later: `{"Records":[` + strings.Replace(record, "2026-10-05T", "2036-10-05T", 1) + `]}`,
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an empty folder":        {[]string{empty}, "nothing of the history could be read: " + empty},
		"a torn file":            {[]string{torn}, "nothing of the history could be read: " + torn},
		"clocks before 2013":     {[]string{early}, "no call about security groups could be used: " + early},
		"clocks of the future":   {[]string{later}, "no call about security groups could be judged: of 1 call, the record has a time in the future"},
		"--to before all":        {[]string{file, "--to", "2025-01-01"}, "all of the history's calls about security groups are after --to 2025-01-01"},
		"--from after all":       {[]string{file, "--from", "2026-10-06"}, "all of the history's calls about security groups are before --from 2026-10-06: the last one is of 2026-10-05T09:00:00Z"},
		"another account":        {[]string{file, "--account", "999999999999"}, "the history is of account 123456789012, region us-east-1, and the baselines are of account 999999999999: nothing was judged"},
		"no call of --accounts":  {[]string{file, "--accounts", "999999999999"}, "the history has no call about security groups in account 999999999999"},
		"no call of --regions":   {[]string{file, "--regions", "eu-west-1"}, "the history has no call about security groups in region eu-west-1"},
		"groups of no baselines": {[]string{file, "--baselines", noGroup(t)}, "1 change of the history: none is on a group that has a baseline here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := filepath.Join(t.TempDir(), "page.html")
			args := append(c.args, "--out", page)
			if !strings.Contains(strings.Join(args, " "), "--baselines") {
				args = append(args, "--baselines", noRules(t))
			}
			var out bytes.Buffer
			status, errs := textBacktest(t, &out, args...)
			if status != 1 || !strings.Contains(errs, c.want) {
				t.Errorf("status %d, printed %q, want %q", status, errs, c.want)
			}
			if strings.Contains(out.String(), "would have") || strings.HasPrefix(out.String(), "\n") {
				t.Errorf("an answer was given, or an empty line begins it:\n%s", out.String())
			}
			if _, err := os.Stat(page); err == nil {
				t.Error("a page was written")
			}
		})
	}
}

// noGroup is a folder with the baseline of a group that no history here has.
func noGroup(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "other.yaml"), []byte("schema: 1\ngroupId: sg-0fffffffffffffff0\ningress: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestAccountsAndRegionsLimitFilesToo holds that flags which choose calls are not passed over where the history is files.
func TestAccountsAndRegionsLimitFilesToo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	record := string(opened(t, "e-1", openedGroup))
	other := strings.NewReplacer("e-1", "e-2", "us-east-1", "eu-west-1").Replace(record)
	if err := os.WriteFile(filepath.Join(dir, "history.json"), []byte(`{"Records":[`+record+","+other+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"e-1 e-2": {dir, "--accounts", "123456789012,999999999999"},
		"e-1":     {dir, "--regions", "us-east-1"},
		"e-2":     {dir, "--regions", "eu-west-1"},
	} {
		got, run := backtestOf(t, nil, args...)
		var ids []string
		for _, r := range got.Reverts {
			ids = append(ids, r.EventID)
		}
		if strings.Join(ids, " ") != want || run.status != 2 {
			t.Errorf("%q: %q, want %q: %+v", args, ids, want, run)
		}
	}
}

// TestAnAnswerThatCanNotBeWrittenIsAnError holds that findings, which have a status of their own, hide no error.
func TestAnAnswerThatCanNotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	file, baselines := historyFile(t), noRules(t)
	for _, output := range []string{"text", "json"} {
		status, errs := textBacktest(t, fullDisk{}, file, "--baselines", baselines, "--output", output)
		if status != 1 || !strings.Contains(errs, "no space left") {
			t.Errorf("%s: status %d, printed %q", output, status, errs)
		}
	}
	var out bytes.Buffer
	if status, errs := textBacktest(t, &out, file, "--baselines", baselines, "--output", "json"); status != 2 || errs != "" || !json.Valid(out.Bytes()) {
		t.Errorf("status %d, printed %q: %s", status, errs, out.String())
	}
}

// TestNoRecordReachesTheTerminalAsItIs: a record may hold what a terminal obeys.
func TestNoRecordReachesTheTerminalAsItIs(t *testing.T) {
	t.Parallel()
	record := string(opened(t, "e-1", openedGroup))
	lines := []string{
		record,
		strings.NewReplacer("e-1", `\u001b[31me-2`, openedGroup, `\u001b]0;no group`).Replace(record),
		strings.NewReplacer("e-1", "e-3", "us-east-1", `\u001b[2Jus-east-1`).Replace(record),
		strings.NewReplacer("e-1", "e-4", "user/ana", `user/\u001b[31mana`).Replace(record),
	}
	name := filepath.Join(t.TempDir(), "history.json")
	for n, some := range map[string][]string{"all": lines, "one elsewhere": lines[2:3], "one that is not judged": lines[1:2]} {
		if err := os.WriteFile(name, []byte(strings.Join(some, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		_, errs := textBacktest(t, &out, name, "--all", "--baselines", noRules(t), "--region", "us-east-1")
		if strings.Contains(out.String()+errs, "\x1b") || !strings.Contains(out.String()+errs, `\x1b[`) {
			t.Errorf("%s: printed %q\n%q", n, errs, out.String())
		}
	}
}

// fullDisk can't be written to.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "out", Err: syscall.ENOSPC}
}

// TestHistoriesAreCheckedBeforeAWSIsAsked: without the check, somebody who mistyped a history gets an error about credentials.
func TestHistoriesAreCheckedBeforeAWSIsAsked(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"backtest: which history?":              {},
		`there is no file and no folder "logz"`: {"logz"},
	} {
		var out bytes.Buffer
		if status, errs := textBacktest(t, &out, args...); status != 1 || !strings.Contains(errs, want) {
			t.Errorf("%q: status %d, printed %q", args, status, errs)
		}
	}
}
