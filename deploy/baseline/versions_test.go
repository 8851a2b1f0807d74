package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const head = `{"schema":1,"groupId":"` + group + `",`

// fourVersions: the third is broken, the fourth expires between two of them.
var fourVersions = []string{
	head + `"groupName":"web","ingress":[{"protocol":"tcp","ports":"80","sources":["10.0.0.0/8"]}],"egress":[]}`,
	head + `"groupName":"web","mode":"alert","ingress":[{"protocol":"tcp","ports":"443","sources":["10.0.0.0/8"]}],"egress":[]}`,
	`{"schema": 1, "groupId": 7`,
	head + `"groupName":"web","mode":"alert","ingress":[{"protocol":"tcp","ports":"443","sources":["10.0.0.0/8"]}],"egress":[],` +
		`"exceptions":[{"direction":"egress","protocol":"tcp","ports":"22","destinations":["self"],"expires":"2099-11-21T09:30:00Z","reason":"INC-1"}]}`,
}

// storeVersions writes versions one after the other into moto.
func storeVersions(t *testing.T, versions ...string) (aws.Config, ssmstore.Store) {
	t.Helper()
	cfg := motoConfig(t)
	store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
	for _, v := range versions {
		_, err := store.Client.PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: aws.String(store.Parameter(group)), Value: aws.String(v), Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return cfg, store
}

var (
	momentsByMoto = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z by .*`)
	prefixInText  = regexp.MustCompile(`/Test[-\w]*`)
)

// still makes output the same each time.
func still(text string) string {
	return prefixInText.ReplaceAllString(momentsByMoto.ReplaceAllString(text, "TIME by WHO"), "PREFIX")
}

func TestShowAndHistory(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		args   []string
		golden string
		status int
		errs   string
	}{
		"the current version": {[]string{"show", group}, "show-current", 0, ""},
		"an old version":      {[]string{"show", group, "--version", "1"}, "show-old", 0, ""},
		"a broken version": {
			[]string{"show", group, "--version", "3"},
			"show-broken", 1,
			"baseline: version 3 of PREFIX/groups/" + group + " is broken, and enforces nothing: not JSON: unexpected EOF\n",
		},
		"a version that there isn't": {[]string{"show", group, "--version", "9"}, "nothing", 1, "baseline: PREFIX/groups/" + group + " has no version 9: Parameter Store still has 1 to 4\n"},
		"version 0":                  {[]string{"show", group, "--version", "0"}, "nothing", 1, "baseline: --version 0: versions count from 1\nusage: baseline show GROUP [flags]\nmore: baseline show --help\n"},
		"the history":                {[]string{"history", group}, "history", 0, ""},
		"a group without a baseline": {
			[]string{"history", "sg-0cc0000000000000c"},
			"nothing", 1,
			"baseline: there is no baseline at PREFIX/groups/sg-0cc0000000000000c, and there is no security group sg-0cc0000000000000c in account 123456789012, region us-east-1: check the id, the region (AWS_REGION) and the account (AWS_PROFILE)\n",
		},
		"a name": {[]string{"show", "web"}, "nothing", 1, "baseline: \"web\" is not the id of a security group, such as sg-0a1b2c3d4e5f60718; a group's name is written as name:web\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, store := storeVersions(t, fourVersions...)
			got := runCommand(t, &cfg, "", append(c.args, "--prefix", store.Prefix)...)
			if diff := cmp.Diff(c.errs, still(got.errs)); diff != "" || got.status != c.status {
				t.Errorf("%d: %s", got.status, diff)
			}
			goldenText(t, c.golden, still(got.out))
		})
	}
}

// TestWhatShowPrintsIsAFile, and the head above it is no stamp.
func TestWhatShowPrintsIsAFile(t *testing.T) {
	t.Parallel()
	cfg, store := storeVersions(t, fourVersions...)
	got := runCommand(t, &cfg, "", "show", group, "--prefix", store.Prefix)
	doc, err := yamlfile.Decode([]byte(got.out), group)
	if err != nil {
		t.Fatal(err)
	}
	data, err := baseline.Encode(doc)
	if diff := cmp.Diff(fourVersions[3], string(data)); diff != "" || err != nil {
		t.Error(err, diff)
	}
	name := filepath.Join(t.TempDir(), "shown.yaml")
	write(t, name, got.out)
	if f := basefile.ReadOne(name); f.Problem != nil || f.Version != 0 || !strings.HasPrefix(got.out, "# parameter: "+store.Parameter(group)+", version 4\n") {
		t.Errorf("%+v of %s", f, got.out)
	}
	if diff := cmp.Diff(got.out[strings.Index(got.out, "schema:"):], string(basefile.WithoutHead([]byte(got.out)))); diff != "" {
		t.Error(diff)
	}
}

func TestDirectionsThatAreNotGuardedAreShown(t *testing.T) {
	t.Parallel()
	cfg, store := storeVersions(t, `{"schema":1,"groupId":"`+group+`","ingress":[]}`, `{"schema":1,"groupId":"`+group+`","ingress":[],"egress":[]}`)
	show := func(version string) string {
		return still(runCommand(t, &cfg, "", "show", group, "--version", version, "--prefix", store.Prefix).out)
	}
	head := "# parameter: PREFIX/groups/" + group + ", version %s\n# written: TIME by WHO\n%sschema: 1\ngroupId: " + group + "\ningress: []\n"
	if diff := cmp.Diff(fmt.Sprintf(head, "1", "# egress is not guarded: rules of that direction are left alone\n"), show("1")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(fmt.Sprintf(head, "2", "")+"egress: []\n", show("2")); diff != "" {
		t.Error(diff)
	}
	expect(t, runCommand(t, &cfg, "", "history", group, "--prefix", store.Prefix), 0, "egress: guarded, was not guarded")
}

func TestShowAndHistoryWithOutputJSON(t *testing.T) {
	t.Parallel()
	cfg, store := storeVersions(t, fourVersions...)
	var shown struct {
		Version    int64
		ModifiedAt time.Time
		Document   json.RawMessage
		Broken     string
		Raw        string
	}
	got := runCommand(t, &cfg, "", "show", group, "--prefix", store.Prefix, "--output", "json")
	if err := json.Unmarshal([]byte(got.out), &shown); err != nil || shown.Version != 4 || shown.ModifiedAt.IsZero() || shown.Raw+shown.Broken != "" {
		t.Errorf("%v: %+v", err, got)
	}
	if _, err := baseline.Decode(shown.Document, group); err != nil {
		t.Error(err)
	}
	got = runCommand(t, &cfg, "", "show", group, "--version", "3", "--prefix", store.Prefix, "--output", "json")
	if err := json.Unmarshal([]byte(got.out), &shown); err != nil || got.status != 1 || shown.Raw != fourVersions[2] || shown.Broken == "" {
		t.Errorf("%v: %+v", err, got)
	}
	var history struct{ Versions []versionChange }
	got = runCommand(t, &cfg, "", "history", group, "--prefix", store.Prefix, "--output", "json")
	if err := json.Unmarshal([]byte(got.out), &history); err != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	newest := history.Versions[0]
	newest.VersionInfo = account.VersionInfo{}
	want := versionChange{Against: 2, More: []string{"egress tcp 22 " + group + " until 2099-11-21T09:30:00Z"}, Less: []string{}, Settings: []string{}}
	if diff := cmp.Diff(want, newest, cmp.AllowUnexported(versionChange{})); diff != "" || len(history.Versions) != 4 {
		t.Error(diff)
	}
}

// TestTheHistoryThatIsLeft is of a parameter whose first versions are dropped,
// and one whose parts are deleted.
func TestTheHistoryThatIsLeft(t *testing.T) {
	t.Parallel()
	values := map[int64]string{
		101: fourVersions[0],
		102: `{"schema":1,"encoding":"gzip+base64","sha256":"` + strings.Repeat("0", 64) + `","parts":1}`,
		103: fourVersions[1],
		104: fourVersions[1],
	}
	stub := awsstub.New(0, map[string]awsstub.Handler{
		"GetParameterHistory": func(awsstub.Request) (any, error) {
			var answer awsstub.HistoryAnswer
			for version := int64(101); version <= 104; version++ {
				answer.Parameters = append(answer.Parameters, awsstub.Parameter{
					Type: "String", Value: values[version], Version: version, LastModifiedDate: 1795267800 + float64(version), LastModifiedUser: "arn:aws:iam::111122223333:user/ana",
				})
			}
			return answer, nil
		},
		"GetParameters": func(awsstub.Request) (any, error) { return awsstub.ParametersAnswer{}, nil },
	})
	t.Cleanup(stub.Close)
	cfg := stub.Config()
	got := runCommand(t, &cfg, "", "history", group)
	if got.status != 0 || got.errs != "" {
		t.Errorf("got %+v", got)
	}
	goldenText(t, "history-left", got.out)
	got = runCommand(t, &cfg, "", "rollback", group, "--to", "102", "--yes")
	if got.status != 1 || !strings.Contains(got.errs, "can't be put back: not all of it is in Parameter Store any more") {
		t.Errorf("got %+v", got)
	}
}
