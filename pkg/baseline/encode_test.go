package baseline_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// sameDocument compares documents by all but where they stand in a file.
var sameDocument = cmp.Options{
	cmp.AllowUnexported(baseline.Entry{}), cmpopts.IgnoreFields(baseline.Entry{}, "at"), cmpopts.IgnoreUnexported(baseline.Document{}),
	cmp.Comparer(func(a, b rule.Rule) bool { return a == b }),
}

func TestADocumentThatIsEncodedDecodesToTheSameRules(t *testing.T) {
	t.Parallel()
	doc, err := yamlfile.Decode([]byte(full), "")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{"ingress icmp 3/4 10.0.0.0/8", "egress all all pl-0c", "ingress 50 all sg-0d"} {
		r, err := rule.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(doc.Allow(r, "for good"), doc.AllowUntil(r, "for a time", at.Add(time.Hour), "INC-1", "ana")); err != nil {
			t.Fatal(err)
		}
	}
	data, err := baseline.Encode(doc)
	if err != nil {
		t.Fatal(err)
	}
	back, err := baseline.Decode(data, doc.GroupID)
	if err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	if diff := cmp.Diff(texts(doc.Permitted(at)), texts(back.Permitted(at))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(*doc, *back, sameDocument); diff != "" {
		t.Error(diff)
	}
}

func parse(t *testing.T, text string) rule.Rule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWhichDirectionsAreGuardedSurvivesEveryEncoding: nil and an empty list are
// not the same.
func TestWhichDirectionsAreGuardedSurvivesEveryEncoding(t *testing.T) {
	t.Parallel()
	some := []baseline.Entry{{Protocol: "all", Sources: []string{"self"}}}
	cases := map[string]struct {
		ingress, egress []baseline.Entry
		json, yaml      string // behind schema and groupId
	}{
		"ingress alone, none of it permitted": {[]baseline.Entry{}, nil, `,"ingress":[]}`, "ingress: []\n"},
		"egress alone, none of it permitted":  {nil, []baseline.Entry{}, `,"egress":[]}`, "egress: []\n"},
		"both, none permitted":                {[]baseline.Entry{}, []baseline.Entry{}, `,"ingress":[],"egress":[]}`, "ingress: []\negress: []\n"},
		"ingress alone, with a rule": {
			some, nil, `,"ingress":[{"protocol":"all","sources":["self"]}]}`, "ingress:\n  - protocol: all\n    sources: [self]\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := &baseline.Document{Schema: baseline.SchemaVersion, GroupID: "sg-0a", Ingress: c.ingress, Egress: c.egress}
			for format, f := range map[string]struct {
				encode func(*baseline.Document) ([]byte, error)
				decode func([]byte, string) (*baseline.Document, error)
				want   string
			}{
				"JSON": {baseline.Encode, baseline.Decode, `{"schema":1,"groupId":"sg-0a"` + c.json},
				"YAML": {yamlfile.Encode, yamlfile.Decode, "schema: 1\ngroupId: sg-0a\n" + c.yaml},
			} {
				data, err := f.encode(doc)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(f.want, string(data)); diff != "" {
					t.Errorf("%s: %s", format, diff)
				}
				back, err := f.decode(data, "sg-0a")
				if err != nil {
					t.Fatal(err)
				}
				for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
					if want := map[rule.Direction]bool{rule.Ingress: c.ingress != nil, rule.Egress: c.egress != nil}[direction]; doc.Guards(direction) != want || back.Guards(direction) != want {
						t.Errorf("%s: %s is guarded: %v, and read back: %v", format, direction, doc.Guards(direction), back.Guards(direction))
					}
				}
			}
		})
	}
}

func TestADocumentThatGuardsNothingIsNotEncoded(t *testing.T) {
	t.Parallel()
	for format, encode := range map[string]func(*baseline.Document) ([]byte, error){"JSON": baseline.Encode, "YAML": yamlfile.Encode} {
		if data, err := encode(&baseline.Document{Schema: 1, GroupID: "sg-0a"}); err == nil || !strings.Contains(err.Error(), "sg-0a: it has neither") {
			t.Errorf("%s: got %q, %v", format, data, err)
		}
	}
}

// TestAllowingARuleNeverBeginsToGuardADirection: the rule would be the only one
// that the direction may have.
func TestAllowingARuleNeverBeginsToGuardADirection(t *testing.T) {
	t.Parallel()
	doc := &baseline.Document{Schema: 1, GroupID: "sg-0a", Ingress: []baseline.Entry{}}
	out, in := parse(t, "egress tcp 443 0.0.0.0/0"), parse(t, "ingress tcp 443 10.0.0.0/8")
	for how, err := range map[string]error{"for good": doc.Allow(out, ""), "for a time": doc.AllowUntil(out, "", now, "", "")} {
		if !errors.Is(err, baseline.ErrNotGuarded) || !strings.HasPrefix(err.Error(), "egress is not guarded") {
			t.Errorf("%s: got %v", how, err)
		}
	}
	if doc.Guards(rule.Egress) || len(doc.Exceptions) > 0 {
		t.Errorf("the document became %+v", doc)
	}
	if err := errors.Join(doc.Allow(in, ""), doc.AllowUntil(in, "", now, "", "")); err != nil || len(doc.Ingress) != 1 || len(doc.Exceptions) != 1 {
		t.Errorf("%v: %+v", err, doc)
	}
}
