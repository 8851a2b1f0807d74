package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

func TestRollback(t *testing.T) {
	t.Parallel()
	redescribed := strings.Replace(fourVersions[0], `"]}`, `"],"description":"web"}`, 1)
	cases := map[string]struct {
		versions []string
		in       string
		args     string
		golden   string
		status   int
		errs     string
		wrote    string // the new version's value; empty: none was written
	}{
		"agreed to by a person":     {fourVersions, "y\n", "--to 1", "rollback", 0, "Put it back? [y/N] ", fourVersions[0]},
		"agreed to beforehand":      {fourVersions, "", "--to 1 --yes", "rollback", 0, "", fourVersions[0]},
		"not agreed to":             {fourVersions, "n\n", "--to 1", "rollback-plan", 1, "Put it back? [y/N] baseline: nothing was written, as you said\n", ""},
		"nobody to ask":             {fourVersions, "", "--to 1", "rollback-plan", 1, "baseline: nothing was written: the baseline would change, and there is no terminal to ask on: add --yes\n", ""},
		"nobody to ask, machines":   {fourVersions, "y\n", "--to 1 --output json", "nothing", 1, "baseline: nothing was written: --output json doesn't ask, so add --yes\n", ""},
		"over a broken version":     {fourVersions[:3], "", "--to 2 --yes", "rollback-over-broken", 0, "", fourVersions[1]},
		"to a broken version":       {fourVersions, "y\n", "--to 3", "nothing", 1, "baseline: version 3 of PREFIX/groups/GROUP is broken, so it can't be put back: not JSON: unexpected EOF\n", ""},
		"to the current version":    {fourVersions, "", "--to 4", "rollback-same", 0, "", ""},
		"to what is the same":       {[]string{fourVersions[0], fourVersions[1], fourVersions[0]}, "", "--to 1", "rollback-same-value", 0, "", ""},
		"to another description":    {[]string{redescribed, fourVersions[0]}, "", "--to 1 --yes", "rollback-description", 0, "", redescribed},
		"to a version there isn't":  {fourVersions, "", "--to 5 --yes", "nothing", 1, "baseline: PREFIX/groups/GROUP has no version 5: Parameter Store still has 1 to 4\n", ""},
		"to version 0":              {fourVersions, "", "--to 0 --yes", "nothing", 1, "baseline: --to 0: versions count from 1; baseline history GROUP lists them\nusage: baseline rollback GROUP --to VERSION [flags]\nmore: baseline rollback --help\n", ""},
		"to no version":             {fourVersions, "", "--yes", "nothing", 1, "baseline: say which version: --to VERSION; baseline history GROUP lists them\nusage: baseline rollback GROUP --to VERSION [flags]\nmore: baseline rollback --help\n", ""},
		"of a group that has never": {nil, "", "--to 1 --yes", "nothing", 1, "baseline: there is no baseline at PREFIX/groups/GROUP, and there is no security group GROUP in account 123456789012, region us-east-1: check the id, the region (AWS_REGION) and the account (AWS_PROFILE)\n", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, store := storeVersions(t, c.versions...)
			got := runCommand(t, &cfg, c.in, append(strings.Fields("rollback "+group+" "+c.args), "--prefix", store.Prefix)...)
			if diff := cmp.Diff(strings.NewReplacer("rollback GROUP", "rollback GROUP", "GROUP", group).Replace(c.errs), still(got.errs)); diff != "" || got.status != c.status {
				t.Errorf("%d: %s", got.status, diff)
			}
			goldenText(t, c.golden, still(got.out))
			stored, err := store.ReadBaseline(t.Context(), group)
			if err != nil {
				t.Fatal(err)
			}
			versions := int64(len(c.versions))
			if c.wrote == "" && stored.Version != versions || c.wrote != "" && (stored.Version != versions+1 || string(stored.Value) != c.wrote) {
				t.Errorf("version %d is %s", stored.Version, stored.Value)
			}
		})
	}
}

func TestRollbackWithOutputJSON(t *testing.T) {
	t.Parallel()
	cfg, store := storeVersions(t, fourVersions[:2]...)
	got := runCommand(t, &cfg, "", "rollback", group, "--to", "1", "--yes", "--output", "json", "--prefix", store.Prefix)
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(got.out)); err != nil {
		t.Fatalf("%v in %+v", err, got)
	}
	want := `{"groupId":"GROUP","parameter":"PREFIX/groups/GROUP","from":2,"to":1,"changed":true,"version":3,` +
		`"permitsMore":["ingress tcp 80 10.0.0.0/8"],"permitsLess":["ingress tcp 443 10.0.0.0/8"],"settings":["mode: enforce, was alert"]}`
	if diff := cmp.Diff(strings.ReplaceAll(want, "GROUP", group), still(compact.String())); diff != "" {
		t.Error(diff)
	}
}

// TestRollbackNoticesWhatIsWrittenMeanwhile has somebody else write while the
// question is open.
func TestRollbackNoticesWhatIsWrittenMeanwhile(t *testing.T) {
	t.Parallel()
	for meanwhile, status := range map[bool]int{false: 0, true: 1} {
		version := int64(2)
		stub := awsstub.New(0, map[string]awsstub.Handler{
			"GetParameterHistory": func(awsstub.Request) (any, error) {
				return awsstub.HistoryAnswer{Parameters: []awsstub.Parameter{
					{Type: "String", Value: fourVersions[0], Version: 1}, {Type: "String", Value: fourVersions[1], Version: 2},
				}}, nil
			},
			"GetParameters": func(awsstub.Request) (any, error) {
				if meanwhile {
					version = 3
				}
				return awsstub.ParametersAnswer{Parameters: []awsstub.Parameter{
					{Name: "/sg-baseline/groups/" + group, Type: "String", Value: fourVersions[1], Version: version},
				}}, nil
			},
			"PutParameter": func(awsstub.Request) (any, error) { return map[string]any{"Version": version + 1}, nil },
		})
		t.Cleanup(stub.Close)
		cfg := stub.Config()
		got := runCommand(t, &cfg, "y\n", "rollback", group, "--to", "1")
		if puts := len(stub.Requests("PutParameter")); got.status != status || puts != 1-status {
			t.Errorf("%d puts, %+v", puts, got)
		}
		if meanwhile && !strings.Contains(got.errs, "it has changed meanwhile and is version 3 now: look at it and start again") {
			t.Errorf("got %+v", got)
		}
	}
}

// TestRollbackOfASecureBaseline keeps it one.
func TestRollbackOfASecureBaseline(t *testing.T) {
	t.Parallel()
	cfg, store := storeVersions(t)
	put(t, store, "SecureString", fourVersions[0])
	if got := runCommand(t, &cfg, "", "allow", group, "ingress tcp 443 self", "--for-good", "--allow-missing", "--prefix", store.Prefix); got.status != 0 {
		t.Fatalf("got %+v", got)
	}
	if got := runCommand(t, &cfg, "", "rollback", group, "--to", "1", "--yes", "--prefix", store.Prefix); got.status != 0 {
		t.Fatalf("got %+v", got)
	}
	answer, err := store.Client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String(store.Parameter(group)), WithDecryption: aws.Bool(true)})
	if err != nil || answer.Parameter.Type != "SecureString" || aws.ToString(answer.Parameter.Value) != fourVersions[0] {
		t.Errorf("%v: %+v", err, answer)
	}
}

func TestARollbackSaysWhatBecomesOfLiveRules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		live string
		want []string
		not  string
	}{
		"a live rule that the old version doesn't permit": {
			"ingress tcp 22 10.0.0.0/8",
			[]string{"revoked at once       ingress tcp 22 10.0.0.0/8", "Put it back? 1 live rule will be revoked. [y/N]"},
			"",
		},
		"live rules that it permits": {"ingress tcp 443 10.0.0.0/8", []string{"Put it back? [y/N]"}, "revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, prefix := regionConfig(t, "ap-southeast-2"), prefixOf(t)
			id := mustMake(t, cfg, "rollback-"+strings.Fields(c.live)[2], c.live)
			for _, ports := range []string{"443", "22"} {
				putParameter(t, cfg, prefix+"/groups/"+id, `{"schema":1,"groupId":"`+id+`","graceMinutes":0,"ingress":[{"protocol":"tcp","ports":"`+ports+`","sources":["10.0.0.0/8"]}]}`)
			}
			got := runCommand(t, &cfg, "n\n", "rollback", id, "--to", "1", "--prefix", prefix)
			expect(t, got, 1, c.want...)
			if c.not != "" && strings.Contains(got.out+got.errs, c.not) {
				t.Errorf("it says %q: %+v", c.not, got)
			}
		})
	}
}

func TestARollbackGoesWithoutEC2(t *testing.T) {
	t.Parallel()
	store := newParameterStore(t)
	store.set("/sg-baseline/groups/"+group, fourVersions[0])
	store.set("/sg-baseline/groups/"+group, fourVersions[1])
	store.Inject("DescribeSecurityGroups", 20, awsstub.Fault{Error: &awsstub.Error{Code: "UnauthorizedOperation", Message: "not you", Status: 403}})
	cfg := store.configOf()
	expect(t, runCommand(t, &cfg, "", "rollback", group, "--to", "1", "--yes"), 0, "! nobody knows what becomes of live rules: ", "version 1 is back, as version 3")
}
