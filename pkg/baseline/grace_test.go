package baseline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

const graceHead = `{"schema":1,"groupId":"sg-0a"`

func TestADocumentSaysItsGracePeriod(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		field string
		want  time.Duration
		says  string
	}{
		"absent":          {``, 7 * time.Minute, ""},
		"none":            {`,"graceMinutes":0`, 0, ""},
		"some":            {`,"graceMinutes":10`, 10 * time.Minute, ""},
		"a day":           {`,"graceMinutes":1440`, 24 * time.Hour, ""},
		"more than a day": {`,"graceMinutes":1441`, 0, "must be a whole number from 0 to 1440"},
		"less than none":  {`,"graceMinutes":-1`, 0, "must be a whole number from 0 to 1440"},
		"minus nothing":   {`,"graceMinutes":-0`, 0, "must be a whole number from 0 to 1440"},
		"half a minute":   {`,"graceMinutes":0.5`, 0, "must be a whole number from 0 to 1440"},
		"a power":         {`,"graceMinutes":1e1`, 0, "must be a whole number from 0 to 1440"},
		"a string":        {`,"graceMinutes":"10"`, 0, "must be a whole number from 0 to 1440"},
		"null":            {`,"graceMinutes":null`, 0, "must be a whole number from 0 to 1440"},
		"far too much":    {`,"graceMinutes":1` + strings.Repeat("0", 400), 0, "must be a whole number from 0 to 1440"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := baseline.Decode([]byte(graceHead+c.field+`,"ingress":[]}`), "")
			if c.says != "" {
				if err == nil || err.Error() != "graceMinutes: "+c.says {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := doc.Grace(7 * time.Minute); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestAGracePeriodOfNoneSurvivesEveryEncoding: absent and 0 are not the same.
func TestAGracePeriodOfNoneSurvivesEveryEncoding(t *testing.T) {
	t.Parallel()
	zero, ten := 0, 10
	cases := map[string]struct {
		minutes    *int
		json, yaml string // between restore and ingress
	}{
		"absent": {nil, "", ""},
		"none":   {&zero, `"graceMinutes":0,`, "graceMinutes: 0\n"},
		"some":   {&ten, `"graceMinutes":10,`, "graceMinutes: 10\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := &baseline.Document{Schema: 1, GroupID: "sg-0a", Restore: true, GraceMinutes: c.minutes, Ingress: []baseline.Entry{}}
			for format, f := range map[string]struct {
				encode func(*baseline.Document) ([]byte, error)
				decode func([]byte, string) (*baseline.Document, error)
				want   string
			}{
				"JSON": {baseline.Encode, baseline.Decode, graceHead + `,"restore":true,` + c.json + `"ingress":[]}`},
				"YAML": {yamlfile.Encode, yamlfile.Decode, "schema: 1\ngroupId: sg-0a\nrestore: true\n" + c.yaml + "ingress: []\n"},
			} {
				data, err := f.encode(doc)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(f.want, string(data)); diff != "" {
					t.Errorf("%s: %s", format, diff)
				}
				back, err := f.decode(data, "")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(*doc, *back, sameDocument); diff != "" {
					t.Errorf("%s: %s", format, diff)
				}
			}
		})
	}
}
