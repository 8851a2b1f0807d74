package entries_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

const offices = `{"schema":1,"prefixListId":"pl-0a","prefixListName":"offices","entries":[{"cidr":"10.0.0.0/8","description":"head office"},{"cidr":"20.0.0.0/24"}]}`

func decoded(t *testing.T, text string) *baseline.Document {
	t.Helper()
	doc, err := entries.Decode([]byte(text), "pl-0a")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentsOfPrefixListsAreComparedInTheirWords(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		to   string
		want []string
	}{
		"the same in another order": {`{"schema":1,"prefixListId":"pl-0a","prefixListName":"offices","entries":[{"cidr":"20.0.0.0/24"},{"cidr":"10.0.0.0/8","description":"head office"}]}`, nil},
		"an entry more, one less, and another description": {
			`{"schema":1,"prefixListId":"pl-0a","prefixListName":"offices","entries":[{"cidr":"10.0.0.0/8","description":"ours"},{"cidr":"2.0.0.0/8"}]}`,
			[]string{"+ entry 2.0.0.0/8", `~ entry 10.0.0.0/8: description "head office" -> "ours"`, "- entry 20.0.0.0/24"},
		},
		"an entry that another one covers": {
			`{"schema":1,"prefixListId":"pl-0a","prefixListName":"offices","entries":[{"cidr":"10.0.0.0/8","description":"head office"},{"cidr":"20.0.0.0/23"}]}`,
			[]string{"+ entry 20.0.0.0/23", "- entry 20.0.0.0/24  # still permitted by entry 20.0.0.0/23"},
		},
		"settings": {
			`{"schema":1,"prefixListId":"pl-0a","prefixListName":"houses","mode":"alert","restore":true,"graceMinutes":0,"entries":[{"cidr":"10.0.0.0/8","description":"head office"},{"cidr":"20.0.0.0/24"}]}`,
			[]string{"~ prefixListName: offices -> houses", "~ mode: enforce -> alert", "~ restore: false -> true", "~ graceMinutes: (none) -> 0"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := decoded(t, offices), decoded(t, c.to)
			var got []string
			for _, d := range compare.Documents(from, to) {
				got = append(got, d.Text(func(_, text string) string { return text }, 0))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if isSame := lineage.Digest(from) == lineage.Digest(to); isSame != (c.want == nil) {
				t.Errorf("the digests are the same: %v", isSame)
			}
		})
	}
}

// TestNobodyWritesAListAsAGroup checks that the form for comparisons is in no document.
func TestNobodyWritesAListAsAGroup(t *testing.T) {
	t.Parallel()
	doc := decoded(t, offices)
	if data, err := baseline.Encode(doc); err == nil && data != nil {
		if _, err := baseline.Decode(data, ""); err == nil {
			t.Errorf("%s is a baseline of a group", data)
		}
	}
	if !entries.Is(doc) || entries.Is(&baseline.Document{GroupID: "sg-0a"}) || entries.Is(nil) {
		t.Error("a document of a prefix list is not distinguished from that of a group")
	}
}
