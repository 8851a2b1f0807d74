package yamlfile

import (
	"errors"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

func TestATabIsReportedWithItsPosition(t *testing.T) {
	t.Parallel()
	const says = "YAML wants spaces here, and this is a tab"
	cases := map[string]struct {
		text         string
		line, column int // 0: it is another error
		want         string
	}{
		"before a list":          {"schema: 1\ningress:\n\t- protocol: all\n", 3, 1, says},
		"before a field":         {"schema: 1\ningress:\n  - protocol: all\n\tsources: [self]\n", 4, 1, says},
		"behind spaces":          {"schema: 1\ningress:\n  - protocol: all\n  \tsources: [self]\n", 4, 3, says},
		"behind a dash":          {"schema: 1\ningress:\n  -\tprotocol: all\n    sources: [self]\n", 3, 4, says},
		"on a line with CRLF":    {"schema: 1\r\ningress:\r\n\t- protocol: all\r\n", 3, 1, says},
		"far from what is wrong": {"schema: [1,\n\t2]\nx: 'a\n\n\n\n\n", 0, 0, "not YAML: "},
		"no tab":                 {"schema: [\n", 0, 0, "not YAML: "},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Decode([]byte(c.text), "")
			var wrong *baseline.Error
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v", err)
			}
			if p := wrong.Problems[0]; p.Line != c.line || p.Column != c.column || !strings.Contains(p.Message, c.want) {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestTabsWhereYAMLTakesThemAreAccepted(t *testing.T) {
	t.Parallel()
	text := "schema: 1\t# one\ngroupId:\tsg-01\ningress: [\n\t{protocol: all,\tsources: [self]}]\n"
	if _, err := Decode([]byte(text), ""); err != nil {
		t.Error(err)
	}
}
