package merge_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/deploy/baseline/merge"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

const head = "schema: 1\ngroupId: sg-01\n"

type fataler interface{ Fatal(...any) }

func document(t fataler, text string) *baseline.Document {
	doc, err := yamlfile.Decode([]byte(text), "sg-01")
	if err != nil {
		t.Fatal(err, text)
	}
	return doc
}

// web permits SSH from a peer, among others.
func web(changes ...string) string {
	return strings.NewReplacer(changes...).Replace(head + `mode: alert
ingress:
- {protocol: tcp, ports: 22, sources: [192.0.2.1/32], description: SSH}
- {protocol: tcp, ports: 443, sources: [10.0.0.0/8, self]}
egress: []
exceptions:
- {direction: ingress, protocol: tcp, ports: 25, sources: [self], expires: 2026-12-01T09:00:00Z, reason: INC-1, approvedBy: ana}
`)
}

func TestChangesOfBothSidesAreJoined(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		ours, theirs string
		want         string   // what comes of it, where there are no collisions
		collisions   []string // begin so
	}{
		"nothing":                        {web(), web(), web(), nil},
		"theirs alone":                   {web(), web("self]}", "sg-02]}"), web("self]}", "sg-02]}"), nil},
		"ours alone":                     {web("self]}", "sg-02]}"), web(), web("self]}", "sg-02]}"), nil},
		"both, of different rules":       {web("self]}", "self, sg-02]}"), web("description: SSH", "description: admins"), web("self]}", "self, sg-02]}", "description: SSH", "description: admins"), nil},
		"both, of settings":              {web("mode: alert", "match: exact\nmode: alert"), web("mode: alert\n", ""), web("mode: alert\n", "match: exact\n"), nil},
		"both the same":                  {web("mode: alert", "mode: enforce"), web("mode: alert\n", ""), web("mode: alert\n", ""), nil},
		"both removed the same":          {web("10.0.0.0/8, ", ""), web("10.0.0.0/8, ", ""), web("10.0.0.0/8, ", ""), nil},
		"a setting both changed":         {web("mode", "graceMinutes: 5\nmode"), web("mode", "graceMinutes: 6\nmode"), "", []string{"graceMinutes: was (none), is 5 in the file and 6 in Parameter Store"}},
		"a description both changed":     {web("SSH", "a"), web("SSH", "b"), "", []string{`ingress tcp 22 192.0.2.1/32: was permitted for good, description "SSH", is permitted for good, description "a" in the file and permitted for good, description "b" in Parameter Store`}},
		"removed here and changed there": {web("192.0.2.1/32", "192.0.2.2/32"), web("SSH", "b"), "", []string{"ingress tcp 22 192.0.2.1/32: was permitted for good"}},
		"an exception both changed":      {web("2026-12-01", "2026-12-02"), web("2026-12-01", "2026-12-03"), "", []string{`ingress tcp 25 sg-01: was permitted until 2026-12-01T09:00:00Z, reason "INC-1", approved by "ana", is permitted until 2026-12-02`}},
		"a list removed and a rule more": {
			web("egress: []\n", ""), web("egress: []", "egress: [{protocol: all, destinations: [self]}]"), "",
			[]string{"egress all all sg-01: one side changed the rule, and the other one removed the egress list"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := merge.Three(document(t, web()), document(t, c.ours), document(t, c.theirs))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Collisions) != len(c.collisions) || (got.Doc == nil) != (c.want == "") {
				t.Fatalf("got %+v", got)
			}
			for i, text := range c.collisions {
				if !strings.HasPrefix(got.Collisions[i], text) {
					t.Errorf("got %q, want %q", got.Collisions[i], text)
				}
			}
			if c.want != "" {
				if diff := cmp.Diff(merge.ContentOf(document(t, c.want)), merge.ContentOf(got.Doc)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// TestJoiningLosesNothingProve: a change of one side alone is in what comes of it, and
// where one side changed nothing, the other one's document comes of it.
func TestJoiningLosesNothingProve(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := drawn(t), drawn(t), drawn(t)
		for _, one := range [][3]*baseline.Document{{base, base, theirs}, {base, theirs, base}, {base, theirs, theirs}} {
			got, err := merge.Three(one[0], one[1], one[2])
			if err != nil || got.Doc == nil || !merge.ContentOf(got.Doc).Same(merge.ContentOf(theirs)) {
				t.Fatalf("%v: got %+v, want %+v", err, got, theirs)
			}
		}
		got, err := merge.Three(base, ours, theirs)
		if err != nil {
			t.Fatal(err)
		}
		if got.Doc == nil {
			return
		}
		b, o, th, g := merge.ContentOf(base).Items, merge.ContentOf(ours).Items, merge.ContentOf(theirs).Items, merge.ContentOf(got.Doc).Items
		for _, all := range []map[merge.Item]bool{b, o, th, g} {
			for i := range all {
				want := o[i] // what both have or neither has, and what we changed
				if o[i] == b[i] {
					want = th[i]
				}
				if g[i] != want {
					t.Fatalf("%s: base %v, ours %v, theirs %v, got %v", i, b[i], o[i], th[i], g[i])
				}
			}
		}
	})
}

func drawn(t *rapid.T) *baseline.Document {
	var entries []string
	for range rapid.IntRange(0, 4).Draw(t, "entries") {
		entries = append(entries, "{protocol: tcp, ports: "+rapid.SampledFrom([]string{"22", "80"}).Draw(t, "port")+
			", sources: ["+rapid.SampledFrom([]string{"self", "sg-02", "10.0.0.0/8, sg-02"}).Draw(t, "peers")+"], description: "+rapid.SampledFrom([]string{"a", "b"}).Draw(t, "text")+"}")
	}
	mode := rapid.SampledFrom([]string{"", "mode: alert\n", "restore: true\n", "graceMinutes: 7\n"}).Draw(t, "setting")
	return document(t, head+mode+"ingress: ["+strings.Join(entries, ", ")+"]\n")
}
