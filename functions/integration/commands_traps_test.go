package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// commandOf is the command of an alert's action.
func commandOf(t *testing.T, w *pastedAlert, label string) string {
	t.Helper()
	for _, action := range alert.New(w.Alert).Actions {
		if action.Label == label {
			return action.Command
		}
	}
	t.Fatalf("no action %q in %+v", label, alert.New(w.Alert).Actions)
	return ""
}

// The AWS CLI would read the file, or ask the server, and SSM would store the answer.
func TestAVersionThatIsNoDocumentIsNotBroughtBack(t *testing.T) {
	t.Parallel()
	for _, former := range []string{"file:///etc/passwd", "fileb:///etc/passwd", "http://127.0.0.1:9/x", "https://127.0.0.1:9/x", "--help", "x"} {
		t.Run(former, func(t *testing.T) {
			t.Parallel()
			w := newPastedAlert(t, alert.BaselineChanged, groups1).stored(t, ssmtypes.ParameterTypeString, former, v2)
			out, err := pasteInto(t, "bash", commandOf(t, w, before))
			if err == nil || !strings.Contains(out, "version 1 is no document: nothing was written") {
				t.Errorf("error %v, printed %q", err, out)
			}
			is(v2, 2, ssmtypes.ParameterTypeString)(t, w, out)
		})
	}
}

func TestASecretDocumentKeepsItsKeyWhenItIsBroughtBack(t *testing.T) {
	t.Parallel()
	w := newPastedAlert(t, alert.BaselineChanged, groups1)
	for _, text := range []string{v1, v2} {
		if _, err := unheardParameters.PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: &w.Baseline.Parameter, Value: &text, Type: ssmtypes.ParameterTypeSecureString, KeyId: aws.String("alias/team"), Overwrite: aws.Bool(true),
		}); err != nil {
			t.Fatal(err)
		}
	}
	w.Baseline.Version = 2
	paste(t, commandOf(t, w, before))
	is(v1, 3, ssmtypes.ParameterTypeSecureString)(t, w, "")
	answer, err := parameters.GetParameterHistory(t.Context(), &ssm.GetParameterHistoryInput{Name: &w.Baseline.Parameter})
	if err != nil {
		t.Fatal(err)
	}
	if last := answer.Parameters[len(answer.Parameters)-1]; aws.ToString(last.KeyId) != "alias/team" {
		t.Errorf("the key is %q", aws.ToString(last.KeyId))
	}
}

func TestABaselineInPartsIsBroughtBackWhole(t *testing.T) {
	t.Parallel()
	w := newPastedAlert(t, alert.BaselineChanged, groups1)
	store := ssmstore.Store{Client: unheardParameters, Prefix: w.prefix}
	large := w.document(t)
	for i := range 400 {
		text := fmt.Sprintf("ingress tcp %d 10.%d.%d.%d/32", i*151%65536, i*73%251, i*179%253, i*97%241)
		if err := large.Allow(parse(t, text), ""); err != nil {
			t.Fatal(err)
		}
	}
	stored := baseline.Stored{}
	for _, document := range []*baseline.Document{large, w.document(t, office)} {
		if _, err := store.Put(t.Context(), document, stored); err != nil {
			t.Fatal(err)
		}
		var err error
		if stored, err = store.ReadBaseline(t.Context(), w.id); err != nil {
			t.Fatal(err)
		}
	}
	parts, err := parameters.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String(w.prefix + "/parts"), Recursive: aws.Bool(true)})
	if err != nil || len(parts.Parameters) < 2 {
		t.Fatalf("%d parts, error %v", len(parts.Parameters), err)
	}
	w.Baseline.Version = 2
	paste(t, commandOf(t, w, before))
	back, err := store.ReadBaseline(t.Context(), w.id)
	if err != nil || back.Version != 3 {
		t.Fatalf("version %d, error %v", back.Version, err)
	}
	want, err := baseline.Encode(large)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(back.Value)); diff != "" {
		t.Error(diff)
	}
}

// The date of macOS and of the BSDs knows no -d for a time in words.
func TestAPauseIsAnHourWithTheDateOfBSDToo(t *testing.T) {
	t.Parallel()
	w := newPastedAlert(t, alert.Drift, groups1).with(t, ssh, alert.Violation, alert.ActionRevoked)
	dir := t.TempDir()
	const date = `#!/bin/sh
[ "$1 $2" = "-u -v+1H" ] || { echo 'usage: date [-jnRu] [-v[+|-]val[y|m|w|d|H|M|S]] [+output_fmt]' >&2; exit 1; }
echo >"$(dirname "$0")/asked"
exec /usr/bin/env PATH=/usr/bin:/bin date -u -d '+1 hour' "$3"
`
	if err := os.WriteFile(filepath.Join(dir, "date"), []byte(date), 0o755); err != nil {
		t.Fatal(err)
	}
	paste(t, commandOf(t, w, stop), "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	pauses(t, w, "")
	if _, err := os.Stat(filepath.Join(dir, "asked")); err != nil {
		t.Errorf("the date of BSD was not asked: %v", err)
	}
}

// TestNamesReachRulesLetterByLetterInZshToo runs where zsh is installed. What zsh takes
// differently is looked for in pkg/alert besides.
func TestNamesReachRulesLetterByLetterInZshToo(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("zsh"); err != nil {
		t.Skip("zsh is not installed")
	}
	w := newPastedAlert(t, alert.Drift, groups1).with(t, ssh, alert.Violation, alert.ActionRevoked)
	for _, action := range alert.New(w.Alert).Actions {
		if out, err := pasteInto(t, "zsh -fi", action.Command); err != nil {
			t.Errorf("%s: %v: %s", action.Label, err, out)
		}
	}
	w.has(t, office, ssh)
	w.isDescribed(t, ssh)
	pauses(t, w, "")
	for _, kind := range []ssmtypes.ParameterType{ssmtypes.ParameterTypeString, ssmtypes.ParameterTypeSecureString} {
		changed := newPastedAlert(t, alert.BaselineChanged, groups1).stored(t, kind, v1, v2)
		if out, err := pasteInto(t, "zsh -fi", commandOf(t, changed, before)); err != nil {
			t.Errorf("%s: %v: %s", kind, err, out)
		}
		is(v1, 3, kind)(t, changed, "")
	}
}

// The command needs sgwarden's folder, which is where it is run.
func TestApprovingForGoodAddsTheRuleToTheBaseline(t *testing.T) {
	t.Parallel()
	w := newPastedAlert(t, alert.Drift, groups1)
	document, err := baseline.Encode(w.document(t, office))
	if err != nil {
		t.Fatal(err)
	}
	w.stored(t, ssmtypes.ParameterTypeString, string(document)).with(t, ssh, alert.Violation, alert.ActionRevoked).with(t, database, alert.Violation, alert.ActionRevoked)
	for _, line := range alert.ForGood(alert.New(w.Alert)) {
		if out := bash(t, line); !strings.Contains(out, "is permitted for good") {
			t.Errorf("%s: %s", line, out)
		}
	}
	answer, err := parameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &w.Baseline.Parameter})
	if err != nil {
		t.Fatal(err)
	}
	now, err := baseline.Decode([]byte(*answer.Parameter.Value), w.id)
	if err != nil || len(now.Ingress) != 3 {
		t.Fatalf("%+v, error %v", now, err)
	}
	const letters = "--help its (touch pwned) touch pwned; touch pwned &  s bx/btouch pwned #"
	if got := now.Ingress[1].Description; got != letters {
		t.Errorf("the description is %q", got)
	}
}
