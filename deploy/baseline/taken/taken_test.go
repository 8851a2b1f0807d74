package taken

import (
	"path/filepath"
	"testing"
)

func TestWhatWasTakenIntoAFileIsKnownOfThatFileAlone(t *testing.T) {
	t.Parallel()
	copied := Copy{Account: "111122223333", Region: "us-east-1", Parameter: "/sg-baseline/groups/sg-0a", File: "baselines/web.yaml"}
	with := func(change func(*Copy)) Copy {
		other := copied
		change(&other)
		return other
	}
	notes := Notes{filepath.Join(t.TempDir(), "cache", "taken")}
	if err := notes.Note(copied, "d1"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		notes  Notes
		copied Copy
		digest string
		want   bool
	}{
		"the same":               {notes, copied, "d1", true},
		"the file by its path":   {notes, with(func(p *Copy) { p.File = "./baselines/../baselines/web.yaml" }), "d1", true},
		"another baseline since": {notes, copied, "d2", false},
		"another file":           {notes, with(func(p *Copy) { p.File = "checkout/web.yaml" }), "d1", false},
		"another account":        {notes, with(func(p *Copy) { p.Account = "444455556666" }), "d1", false},
		"another region":         {notes, with(func(p *Copy) { p.Region = "eu-west-1" }), "d1", false},
		"another parameter":      {notes, with(func(p *Copy) { p.Parameter = "/other/groups/sg-0a" }), "d1", false},
		"another machine":        {Notes{t.TempDir()}, copied, "d1", false},
		"nobody's home":          {Notes{}, copied, "d1", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := c.notes.Has(c.copied, c.digest); err != nil || got != c.want {
				t.Errorf("got %t, %v", got, err)
			}
		})
	}
}

func TestTheLastThatWasTakenCounts(t *testing.T) {
	t.Parallel()
	notes, copied := Notes{t.TempDir()}, Copy{File: "a.yaml"}
	for _, digest := range []string{"d1", "d2"} {
		if err := notes.Note(copied, digest); err != nil {
			t.Fatal(err)
		}
	}
	first, err := notes.Has(copied, "d1")
	second, err2 := notes.Has(copied, "d2")
	if err != nil || err2 != nil || first || !second {
		t.Errorf("got %t %v, %t %v", first, err, second, err2)
	}
}

func TestWhereNotesAreKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environment map[string]string
		want        string
	}{
		"in the cache":                 {map[string]string{"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/sgwarden/taken"},
		"at home":                      {map[string]string{"HOME": "/h"}, "/h/.cache/sgwarden/taken"},
		"a cache that is no full path": {map[string]string{"XDG_CACHE_HOME": "c", "HOME": "/h"}, "/h/.cache/sgwarden/taken"},
		"nowhere":                      {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Of(func(name string) string { return c.environment[name] }).Dir; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
