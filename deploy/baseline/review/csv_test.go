package review

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, cell, want string }{
		{"plain text", "web", "web"},
		{"a rule", "ingress tcp 22 0.0.0.0/0", "ingress tcp 22 0.0.0.0/0"},
		{"an e-mail address", "ana@example.com", "ana@example.com"},
		{"a formula", "=1+1", "'=1+1"},
		{"a plus", "+1", "'+1"},
		{"a minus", "-1", "'-1"},
		{"an at sign", "@SUM(1)", "'@SUM(1)"},
		{"a wide equals sign", "＝1", "'＝1"},
		{"behind a space", " =1", "' =1"},
		{"behind a tab", "\t=1", "' =1"},
		{"behind a line break", "\r\n=1", "'  =1"},
		{"behind what nobody sees", "\u202e=1", "‹U+202E›=1"},
		{"an escape for a terminal", "a\x1b[2J", "a‹U+001B›[2J"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, harmless(c.cell)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheTableOfHostileNamesIsATable(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := New(hostileSample(t)).CSV(&b); err != nil {
		t.Fatal(err)
	}
	text, hasMark := strings.CutPrefix(b.String(), byteOrderMark)
	if !hasMark || strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Error("no byte order mark, or a line end that RFC 4180 does not have")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, cells := range rows {
		for _, cell := range cells {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@") {
				t.Errorf("a spreadsheet computes %q", cell)
			}
			if strings.HasPrefix(cell, "'") {
				seen++
			}
		}
	}
	if seen == 0 {
		t.Error("no cell would have been a formula, so the test could not see one")
	}
}

func TestAFullDiskIsAnError(t *testing.T) {
	t.Parallel()
	r := New(sample(t))
	for name, err := range map[string]error{"CSV": r.CSV(full{}), "OCSF": r.OCSF(full{}, "v1"), "HTML": r.HTML(full{}, "en", Drawing{})} {
		if err == nil || !strings.Contains(err.Error(), io.ErrShortWrite.Error()) {
			t.Errorf("%s: got the error %v", name, err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestASemicolonBeginsNoFormula(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"INC-1;=1+1": "INC-1;'=1+1", `INC-1; "@SUM(1)`: `INC-1;' "@SUM(1)`, "=1;-2": "'=1;'-2", "a;b": "a;b", "tcp 80; tcp 443": "tcp 80; tcp 443",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("%s: got %s, want %s", cell, got, want)
		}
	}
}
