package baseline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

const prefixListText = `schema: 1
prefixListId: pl-0a1b2c3d4e5f60718
prefixListName: offices
mode: alert
restore: true
graceMinutes: 5
entries:
  - {cidr: 10.0.0.0/8, description: head office}
  - {cidr: 20.0.0.0/24}
`

const prefixListJSON = `{"schema":1,"prefixListId":"pl-0a1b2c3d4e5f60718","prefixListName":"offices","mode":"alert","restore":true,"graceMinutes":5,` +
	`"entries":[{"cidr":"10.0.0.0/8","description":"head office"},{"cidr":"20.0.0.0/24"}]}`

func TestAPrefixListIsEncodedAndDecodedWithoutLoss(t *testing.T) {
	t.Parallel()
	p, err := yamlfile.DecodePrefixList([]byte(prefixListText), "pl-0a1b2c3d4e5f60718")
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := baseline.EncodePrefixList(p)
	if diff := cmp.Diff(prefixListJSON, string(asJSON)); err != nil || diff != "" {
		t.Error(err, diff)
	}
	back, err := baseline.DecodePrefixList(asJSON, "")
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yamlfile.EncodePrefixList(back)
	if diff := cmp.Diff(prefixListText, string(asYAML)); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if got := back.Entries[1].Prefix().String(); got != "20.0.0.0/24" {
		t.Errorf("the second entry is %s", got)
	}
	if line, column := p.Entries[1].Position(); line != 9 || column != 5 {
		t.Errorf("the second entry stands at %d:%d", line, column)
	}
}

func TestAPrefixListWithoutEntriesPermitsNone(t *testing.T) {
	t.Parallel()
	none := &baseline.PrefixList{PrefixListID: "pl-0a"}
	asJSON, err := baseline.EncodePrefixList(none)
	if diff := cmp.Diff(`{"schema":1,"prefixListId":"pl-0a","entries":[]}`, string(asJSON)); err != nil || diff != "" {
		t.Error(err, diff)
	}
	asYAML, err := yamlfile.EncodePrefixList(none)
	if diff := cmp.Diff("schema: 1\nprefixListId: pl-0a\nentries: []\n", string(asYAML)); err != nil || diff != "" {
		t.Error(err, diff)
	}
	got, err := baseline.DecodePrefixList(asJSON, "pl-0a")
	if err != nil || !got.Enforces() || got.Grace(10*time.Minute) != 10*time.Minute {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatIsWrongWithAPrefixListIsAllSaidAtOnce(t *testing.T) {
	t.Parallel()
	listing := func(entries string) string { return `{"schema":1,"prefixListId":"pl-0a","entries":[` + entries + `]}` }
	cases := map[string]struct {
		document string
		want     []string
	}{
		"an entry for any":           {listing(`{"cidr":"0.0.0.0/0"}`), nil},
		"entries inside one another": {listing(`{"cidr":"10.0.0.0/8"},{"cidr":"10.1.0.0/16"}`), nil},
		"host bits": {listing(`{"cidr":"10.0.0.5/8"}`), []string{
			"1:55 entries[0].cidr: 10.0.0.5/8 has host bits set: write 10.0.0.0/8 or the one address you mean",
		}},
		"an address without a length": {listing(`{"cidr":"10.0.0.5"}`), []string{"1:55 entries[0].cidr: must be a CIDR, such as 10.0.0.0/8: a prefix list holds nothing else"}},
		"a group":                     {listing(`{"cidr":"sg-0a"}`), []string{"1:55 entries[0].cidr: must be a CIDR, such as 10.0.0.0/8: a prefix list holds nothing else"}},
		"a number":                    {listing(`{"cidr":10}`), []string{"1:55 entries[0].cidr: must be a CIDR, such as 10.0.0.0/8: a prefix list holds nothing else"}},
		"an IPv4 prefix that is written as IPv6": {listing(`{"cidr":"::ffff:10.0.0.0/104"}`), []string{
			"1:55 entries[0].cidr: ::ffff:10.0.0.0/104 is an IPv4-mapped IPv6 prefix, which matches no IPv4 traffic: write IPv4",
		}},
		"one entry in two spellings": {listing(`{"cidr":"2001:db8::/32"},{"cidr":"2001:0DB8::/32"}`), []string{"1:80 entries[1].cidr: is the same as in entries[0]"}},
		"both IP versions": {listing(`{"cidr":"10.0.0.0/8"},{"cidr":"2001:db8::/32"}`), []string{
			"1:69 entries[1]: 2001:db8::/32 is of another IP version than the entries before: a prefix list has one",
		}},
		"a description of 256 characters": {listing(`{"cidr":"10.0.0.0/8","description":"` + strings.Repeat("é", 256) + `"}`), []string{
			"1:82 entries[0].description: is longer than the 255 characters that EC2 permits",
		}},
		"a description of 255 characters": {listing(`{"cidr":"10.0.0.0/8","description":"` + strings.Repeat("é", 255) + `"}`), nil},
		"another list":                    {`{"schema":1,"prefixListId":"pl-0b","entries":[]}`, []string{"1:28 prefixListId: the document is for pl-0b, not for pl-0a"}},
		"several": {`{"schema":1,"prefixListId":"sg-0a","mode":"off","restore":1,"graceMinutes":1441,"entries":[{"cidr":"x","ports":"22"}]}`, []string{
			"1:28 prefixListId: must be the id of a managed prefix list, such as pl-0a1b2c3d4e5f60718",
			"1:43 mode: must be enforce or alert",
			"1:59 restore: must be true or false, not a number",
			"1:76 graceMinutes: must be a whole number from 0 to 1440",
			"1:112 entries[0].ports: unknown field; known are cidr, description",
			"1:100 entries[0].cidr: must be a CIDR, such as 10.0.0.0/8: a prefix list holds nothing else",
		}},
		"a pointer to missing parts": {`{"encoding":"gzip","parts":2}`, []string{"1:1 it is kept in parts, and some are missing or damaged: push it again, or roll it back"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := baseline.DecodePrefixList([]byte(c.document), "pl-0a")
			if (p == nil) == (err == nil) {
				t.Fatalf("got %v, %v", p, err)
			}
			if diff := cmp.Diff(c.want, problemsOf(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPrefixListThatWouldBeRefusedIsNotEncoded(t *testing.T) {
	t.Parallel()
	wrong := &baseline.PrefixList{PrefixListID: "pl-0a", Entries: []baseline.PrefixListEntry{{CIDR: "10.0.0.1/8"}}}
	const want = "encode the entries of pl-0a: entries[0].cidr: 10.0.0.1/8 has host bits set: write 10.0.0.0/8 or the one address you mean"
	if _, err := baseline.EncodePrefixList(wrong); err == nil || err.Error() != want {
		t.Errorf("as JSON: %v", err)
	}
	if _, err := yamlfile.EncodePrefixList(wrong); err == nil || err.Error() != want {
		t.Errorf("as YAML: %v", err)
	}
}

// FuzzDecodePrefixList checks what FuzzDecodeApproval checks.
func FuzzDecodePrefixList(f *testing.F) {
	seeds(f, prefixListJSON, prefixListText, `{"schema":1,"prefixListId":"pl-0a","entries":[]}`)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, decode := range []func([]byte, string) (*baseline.PrefixList, error){baseline.DecodePrefixList, yamlfile.DecodePrefixList} {
			p, err := decode(data, "")
			if (p == nil) == (err == nil) {
				t.Fatalf("got %v, %v", p, err)
			}
			if p == nil {
				continue
			}
			encoded, err := baseline.EncodePrefixList(p)
			if err != nil {
				t.Fatalf("%q: %v", data, err)
			}
			back, err := baseline.DecodePrefixList(encoded, p.PrefixListID)
			if err != nil {
				t.Fatalf("%q became %s: %v", data, encoded, err)
			}
			for i, e := range back.Entries {
				if e.Prefix() != p.Entries[i].Prefix() || e.Prefix() != e.Prefix().Masked() {
					t.Fatalf("%q: entry %d is %v", data, i, e)
				}
			}
		}
	})
}
