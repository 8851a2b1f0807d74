package lineage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

const group = "sg-0a"

// document reads a baseline without its head.
func document(t *testing.T, yaml string) *baseline.Document {
	t.Helper()
	doc, err := yamlfile.Decode([]byte("schema: 1\ngroupId: "+group+"\n"+yaml), group)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// version is one of a history; a push writes a record of what it writes.
type version struct {
	yaml   string
	pushed bool
}

func historyOf(t *testing.T, versions ...version) lineage.History {
	t.Helper()
	var stored []baseline.Version
	for i, v := range versions {
		one := baseline.Version{ModifiedBy: "arn:aws:iam::111122223333:user/ana", Stored: baseline.Stored{Version: int64(i + 1), Value: []byte("{")}}
		one.ModifiedAt = time.Date(2026, 11, 21, 19, i, 0, 0, time.UTC)
		if v.yaml != broken {
			doc := document(t, v.yaml)
			data, err := baseline.Encode(doc)
			if err != nil {
				t.Fatal(err)
			}
			one.Value = data
			if v.pushed {
				one.Description = lineage.NewRecord(nil, doc).String()
			}
		}
		if !v.pushed && i > 0 {
			one.Description = stored[i-1].Description // as if a write kept the old one
		}
		stored = append(stored, one)
	}
	return lineage.Decode(group, stored)
}

const (
	broken  = "broken"
	nothing = "ingress: []\negress: []\n"
	https   = "ingress: [{protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\negress: []\n"
	ssh     = "ingress: [{protocol: tcp, ports: '22', sources: [10.1.0.0/16]}]\negress: []\n"
	both    = "ingress: [{protocol: tcp, ports: '443', sources: [10.0.0.0/8]}, {protocol: tcp, ports: '22', sources: [10.1.0.0/16]}]\negress: []\n"
	all     = "ingress: [{protocol: tcp, ports: '0-65535', sources: [10.0.0.0/8]}]\negress: []\n"
	want    = "ingress: [{protocol: tcp, ports: '443', sources: [10.0.0.0/8], description: web}]\negress: []\n"
	wantOld = "ingress: [{protocol: tcp, ports: '443', sources: [10.0.0.0/8], description: www}]\negress: []\n"
)

func TestAFileStandsToWhatIsInForce(t *testing.T) {
	t.Parallel()
	type histories = []version
	cases := map[string]struct {
		history histories
		file    string
		stamp   int64
		want    lineage.Verdict
	}{
		"there is no baseline yet":                                      {nil, https, 0, lineage.New},
		"there is no baseline any more, whatever the stamp says":        {nil, https, 3, lineage.New},
		"the file is what the push wrote":                               {histories{{https, true}}, https, 0, lineage.Same},
		"the file is what somebody wrote by hand":                       {histories{{https, false}}, https, 0, lineage.Same},
		"a push wrote what is in force":                                 {histories{{https, true}}, ssh, 0, lineage.FastForward},
		"an old checkout and a revert are the same":                     {histories{{https, true}, {ssh, true}}, https, 0, lineage.FastForward},
		"somebody added a rule that the file has not":                   {histories{{https, true}, {both, false}}, https, 0, lineage.Foreign},
		"somebody added a rule that the file has, beside its own":       {histories{{nothing, true}, {ssh, false}}, both, 0, lineage.FastForward},
		"somebody added a rule that the file permits with another":      {histories{{nothing, true}, {ssh, false}}, all, 0, lineage.FastForward},
		"somebody added a rule that match exact does not permit so":     {histories{{nothing, true}, {ssh, false}}, "match: exact\n" + all, 0, lineage.Foreign},
		"somebody added a rule of a direction that the file leaves":     {histories{{nothing, true}, {"ingress: []\negress: [{protocol: all, destinations: [10.0.0.0/8]}]\n", false}}, "ingress: []\n", 0, lineage.FastForward},
		"somebody removed a rule that the file has":                     {histories{{both, true}, {https, false}}, both, 0, lineage.Foreign},
		"somebody removed a rule that the file has not":                 {histories{{both, true}, {ssh, false}}, "mode: alert\n" + ssh, 0, lineage.FastForward},
		"somebody changed a setting that the file has not":              {histories{{https, true}, {"mode: alert\n" + https, false}}, both, 0, lineage.Foreign},
		"somebody changed a setting that the file has too":              {histories{{https, true}, {"mode: alert\n" + https, false}}, "mode: alert\n" + both, 0, lineage.FastForward},
		"somebody changed a description that the file has not":          {histories{{wantOld, true}, {want, false}}, wantOld, 0, lineage.Foreign},
		"somebody guarded a direction that the file leaves":             {histories{{"ingress: []\n", true}, {nothing, false}}, "ingress: []\nmode: alert\n", 0, lineage.Foreign},
		"somebody changed a rule and changed it back":                   {histories{{https, true}, {ssh, false}, {https, false}}, both, 0, lineage.FastForward},
		"somebody rolled back":                                          {histories{{https, true}, {both, true}, {https, false}}, "mode: alert\n" + https, 0, lineage.FastForward},
		"somebody rolled back what the file still has":                  {histories{{https, true}, {both, true}, {nothing, false}}, both, 0, lineage.Foreign},
		"a forced push decided who is right":                            {histories{{https, true}, {both, false}, {https, true}}, nothing, 0, lineage.FastForward},
		"a version between was broken":                                  {histories{{https, true}, {broken, false}, {both, false}}, https, 0, lineage.Foreign},
		"no push is known, and the file has all":                        {histories{{ssh, false}}, both, 0, lineage.FastForward},
		"no push is known, and the file lacks a rule":                   {histories{{both, false}}, ssh, 0, lineage.Foreign},
		"no push is known, and the file has another setting":            {histories{{https, false}}, "mode: alert\n" + https, 0, lineage.Foreign},
		"no push is known, and the stamp is the version in force":       {histories{{both, false}}, ssh, 1, lineage.FastForward},
		"no push is known, and the stamp is of an older version":        {histories{{https, false}, {both, false}}, ssh, 1, lineage.Foreign},
		"a push is known, and the stamp is the version of somebody":     {histories{{https, true}, {both, false}}, https, 2, lineage.Foreign},
		"a push is known, and the stamp is old, as after another stamp": {histories{{https, true}}, ssh, 7, lineage.FastForward},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lineage.StatusOf(document(t, c.file), c.stamp, historyOf(t, c.history...))
			if got.Verdict != c.want {
				t.Errorf("got %s, want %s: it would undo %v of %v", got.Verdict, c.want, got.Undone, got.Theirs)
			}
		})
	}
}

func TestARefusalSaysWhoChangedWhatAndWhatWouldBeUndone(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		history []version
		want    string
	}{
		"since a push": {
			[]version{{https, true}, {"mode: alert\n" + want, false}, {broken, false}, {both, false}},
			`others changed the baseline of sg-0a since the last push (version 1, 2026-11-21T19:00:00Z by arn:aws:iam::111122223333:user/ana)
  version 2, 2026-11-21T19:01:00Z by arn:aws:iam::111122223333:user/ana:
    ~ mode: enforce -> alert
    ~ ingress tcp 443 10.0.0.0/8: description "" -> "web"
  version 3, 2026-11-21T19:02:00Z by arn:aws:iam::111122223333:user/ana: can't be read
  version 4, 2026-11-21T19:03:00Z by arn:aws:iam::111122223333:user/ana:
    ~ mode: alert -> enforce
    + ingress tcp 22 10.1.0.0/16
    ~ ingress tcp 443 10.0.0.0/8: description "web" -> ""
  of that, the file would undo:
    + ingress tcp 22 10.1.0.0/16
  the file itself changes since the last push:
    - ingress tcp 443 10.0.0.0/8`,
		},
		"without a push": {
			[]version{{both, false}},
			`the baseline of sg-0a was never pushed from a file, or not since Parameter Store's oldest version
  in force, and not in the file:
    + ingress tcp 22 10.1.0.0/16
    + ingress tcp 443 10.0.0.0/8
  what the file would change:
    - ingress tcp 22 10.1.0.0/16
    - ingress tcp 443 10.0.0.0/8`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lineage.StatusOf(document(t, nothing), 0, historyOf(t, c.history...))
			if diff := cmp.Diff(c.want, got.Text(group)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnOldCheckoutIsRemarkedOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		history []version
		want    string
	}{
		"an older push wrote it":  {[]version{{https, true}, {ssh, true}}, "the file says what version 1 said, pushed at 2026-11-21T19:00:00Z by arn:aws:iam::111122223333:user/ana: is this a revert, or an old checkout?"},
		"somebody else wrote it":  {[]version{{https, false}, {ssh, true}}, ""},
		"no version said so":      {[]version{{nothing, true}, {ssh, true}}, ""},
		"it is the one in force":  {[]version{{https, true}}, ""},
		"the last push, and more": {[]version{{https, true}, {both, false}}, "the file says what version 1 said, pushed at 2026-11-21T19:00:00Z by arn:aws:iam::111122223333:user/ana: is this a revert, or an old checkout?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lineage.StatusOf(document(t, https), 0, historyOf(t, c.history...))
			if diff := cmp.Diff(c.want, got.EarlierText()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARecordIsReadBackFromTheDescription(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]*baseline.Document{"over nothing": nil, "over another": document(t, ssh)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := lineage.NewRecord(before, document(t, https))
			text := want.String()
			if len(text) > 1024 { // SSM API reference, PutParameter
				t.Errorf("%d characters", len(text))
			}
			got, found := lineage.ParseRecord(text)
			if diff := cmp.Diff(want, got); diff != "" || !found {
				t.Errorf("found: %v %s", found, diff)
			}
		})
	}
	for _, text := range []string{"", "the web servers'", "wrote sha256:0a replaced none"} {
		if got, found := lineage.ParseRecord(text); found {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

// TestTheDigestStaysAsItIs holds a digest that records in Parameter Store have.
func TestTheDigestStaysAsItIs(t *testing.T) {
	t.Parallel()
	doc := document(t, "groupName: web\nmode: alert\ngraceMinutes: 3\n"+want+"exceptions: [{direction: egress, protocol: tcp, ports: '25', destinations: [10.0.0.1/32], expires: 2026-12-01T09:00:00Z, reason: INC-1, approvedBy: ana}]\n")
	const want = "sha256:a5773c7a238fa6cef5d4f9651d423dca2ea536a75d7458f825161d7b2b6a2d85"
	if got := lineage.Digest(doc); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheDigestIsOfWhatABaselineSays(t *testing.T) {
	t.Parallel()
	const anException = "exceptions: [{direction: egress, protocol: tcp, ports: '25', destinations: [10.0.0.1/32], expires: 2026-12-01T09:00:00Z, reason: INC-1, approvedBy: ana}]\n"
	documents := []string{
		nothing, "ingress: []\n", "egress: []\n", https, want, wantOld, both, all, nothing + anException,
		nothing + strings.Replace(anException, "ana", "ben", 1), nothing + strings.Replace(anException, "09:00", "10:00", 1),
		"ingress: [{protocol: tcp, ports: '22', sources: [10.1.0.0/16]}, {protocol: '6', ports: '443', sources: [10.0.0.0/8]}]\negress: []\nmode: enforce\nmatch: covered\nrestore: false\n",
		"mode: alert\n" + https, "match: exact\n" + https, "restore: true\n" + https, "graceMinutes: 0\n" + https, "groupName: web\n" + https,
	}
	for i, a := range documents {
		for j, b := range documents {
			one, other := document(t, a), document(t, b)
			same := len(compare.Documents(one, other)) == 0
			if (lineage.Digest(one) == lineage.Digest(other)) != same {
				t.Errorf("documents %d and %d differ: %v, but not their digests, or the other way round", i, j, !same)
			}
		}
	}
}
