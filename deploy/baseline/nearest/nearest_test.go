package nearest

import (
	"testing"

	"pgregory.net/rapid"
)

func TestWhatIsNearest(t *testing.T) {
	t.Parallel()
	verbs := []string{"allow", "capture", "diff", "explain", "history", "list", "lint", "plan", "pull", "push", "rollback", "show"}
	cases := map[string]struct {
		word       string
		candidates []string
		want       string
	}{
		"a letter too many":                     {"difff", verbs, "diff"},
		"a letter is missing":                   {"capure", verbs, "capture"},
		"two letters are wrong":                 {"hystery", verbs, "history"},
		"two letters changed places":            {"rollbakc", verbs, "rollback"},
		"another case":                          {"DIFF", verbs, "diff"},
		"a word that is begun":                  {"exp", verbs, "explain"},
		"a distance counts before a beginning":  {"lit", []string{"literature", "list"}, "list"},
		"of equals the one with the letters":    {"puhs", verbs, "push"},
		"of equals the first":                   {"lixt", []string{"list", "lint"}, "lint"},
		"three letters are wrong":               {"hyxtexx", verbs, ""},
		"another word":                          {"frobnicate", verbs, ""},
		"one letter is near to nothing":         {"x", verbs, ""},
		"two letters that are both wrong":       {"xy", []string{"ab"}, ""},
		"nothing is near to nothing":            {"", verbs, ""},
		"there are no candidates":               {"diff", nil, ""},
		"the name of a group with a wrong end":  {"web-fronty", []string{"web-front", "web-back"}, "web-front"},
		"the id of a group with a wrong letter": {"sg-0a1b2c3d4e5f60719", []string{"sg-0a1b2c3d4e5f60718", "sg-0b1b2c3d4e5f60000"}, "sg-0a1b2c3d4e5f60718"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := To(c.word, c.candidates); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestADistanceIsADistance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("abc")), 0, 6, -1)
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		switch ab := Distance(a, b); {
		case (ab == 0) != (a == b):
			t.Errorf("%q is %d from %q", a, ab, b)
		case ab != Distance(b, a):
			t.Errorf("%q and %q are %d apart, and %d the other way", a, b, ab, Distance(b, a))
		case Distance(a, c) > ab+Distance(b, c):
			t.Errorf("the way from %q to %q by %q is shorter", a, c, b)
		case ab > max(len(a), len(b)):
			t.Errorf("%q is %d from %q", a, ab, b)
		}
	})
}
