package targets

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, text string) ([]Target, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "targets.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	targets, err := Read(path)
	if err != nil {
		err = fmt.Errorf("%s", strings.ReplaceAll(err.Error(), path, "F"))
	}
	return targets, err
}

func TestThereIsATargetForEachAccountAndRegionInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	const role = "arn:aws-us-gov:iam::444455556666:role/ops/sgwarden-operator"
	want := []Target{
		{Account: "111122223333", Name: "production", Region: "us-east-1", Profile: "prod"},
		{Account: "111122223333", Name: "production", Region: "eu-west-1", Profile: "prod"},
		{Account: "444455556666", Name: "444455556666", Region: "us-gov-west-1", Role: role, ExternalID: "x:1"},
		{Account: "012345678901", Name: "012345678901", Region: "ap-southeast-12"},
	}
	const yaml = `# the accounts of the shop
schema: 1
targets:
  - account: "111122223333"
    name: production
    regions: [us-east-1, eu-west-1]
    profile: prod
  - account: "444455556666"
    regions:
      - us-gov-west-1
    role: ` + role + `
    externalId: x:1
  - {account: "012345678901", regions: [ap-southeast-12]}
`
	const json = `{
	"schema": 1,
	"targets": [
		{"account": "111122223333", "name": "production", "regions": ["us-east-1", "eu-west-1"], "profile": "prod"},
		{"account": "444455556666", "regions": ["us-gov-west-1"], "role": "` + role + `", "externalId": "x:1"},
		{"account": "012345678901", "regions": ["ap-southeast-12"]}
	]
}`
	for name, text := range map[string]string{
		"YAML":                           yaml,
		"YAML with a BOM":                "\ufeff" + yaml,
		"YAML with the line ends of DOS": strings.ReplaceAll(yaml, "\n", "\r\n"),
		"JSON that tabs indent":          json,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFileOfTargetsThatIsWrong(t *testing.T) {
	t.Parallel()
	const head = "schema: 1\ntargets:\n"
	const good = "  - {account: \"111122223333\", regions: [us-east-1]}\n"
	cases := map[string]struct{ text, want string }{
		"an empty file":   {"", "F:1:1: the file is empty: write schema: 1 and a list of targets"},
		"comments alone":  {"# nothing yet\n", "F:1:1: the file is empty: write schema: 1 and a list of targets"},
		"null":            {"null\n", "F:1:1: must be an object with the fields schema, targets, not null"},
		"a list":          {"- account: x\n", "F:1:1: must be an object with the fields schema, targets, not a list"},
		"two documents":   {head + good + "---\n" + head + good, "F:4:1: there is a second document behind ---: write one document"},
		"a second, empty": {head + good + "---\n", "F:4:1: there is a second document behind ---: write one document"},
		"a second document that is no YAML": {
			head + good + "---\n a: [\n", "F:6:1: not YAML: did not find expected node content",
		},
		"a field that stands too far left": {
			"schema: 1\ntargets:\n   - account: x\n  regions: [us-east-1]\n", "F:4:3: not YAML: did not find expected key",
		},
		"a word without a colon": {"schema: 1\ntargets\nextra: 1\n", "F:2:1: not YAML: could not find expected ':'"},
		"a tab in front of a field": {
			"schema: 1\ntargets:\n  - account: \"111122223333\"\n \tregions: [us-east-1]\n", "F:4:2: there is a tab: YAML wants spaces for indentation",
		},
		"a tab in front of an item": {"schema: 1\ntargets:\n\t- x\n", "F:3:1: there is a tab: YAML wants spaces for indentation"},
		"a bracket that stays open": {head + "  - regions: [us-east-1\n    account: x\n", "F:3:3: not YAML: did not find expected ',' or ']'"},
		"not a word of UTF-8":       {"schema: 1\ntargets: \xff\n", "F:1:1: not YAML: invalid leading UTF-8 octet"},
		"too much":                  {strings.Repeat("# a long comment\n", 70000), "F:1:1: too large: more than 1048576 bytes"},
		"another schema":            {"schema: 2\ntargets:\n" + good, "F:1:9: schema: must be 1, the only version that this command knows"},
		"a schema that is a string": {"schema: \"1\"\ntargets:\n" + good, "F:1:9: schema: must be 1, the only version that this command knows"},
		"no schema":                 {"targets:\n" + good, "F:1:1: schema: must be 1, the only version that this command knows"},
		"no targets":                {"schema: 1\n", "F:1:1: targets: is missing: name at least one account"},
		"an empty list of targets":  {"schema: 1\ntargets: []\n", "F:2:10: targets: is empty: name at least one account"},
		"targets that are no list":  {"schema: 1\ntargets: {}\n", "F:2:10: targets: must be a list, not an object: name at least one account"},
		"an unknown field":          {"schema: 1\nextra: 1\ntargets:\n" + good, "F:2:1: extra: unknown field; known are schema, targets"},
		"a field twice":             {"schema: 1\nschema: 1\ntargets:\n" + good, "F:2:1: schema: is there twice"},
		"an alias": {
			head + "  - &a {account: \"111122223333\", regions: [us-east-1]}\n  - *a\n",
			"F:4:5: targets[1]: must be an object with the fields account, name, regions, profile, role, externalId, not an alias: write the value out",
		},
		"a target that is a word": {
			head + "  - production\n", "F:3:5: targets[0]: must be an object with the fields account, name, regions, profile, role, externalId, not a string",
		},
		"an account without quotes": {
			head + "  - account: 111122223333\n    regions: [us-east-1]\n", "F:3:14: targets[0].account: must be the id of an account, twelve digits in quotes, not a number",
		},
		"a profile that is null": {
			head + "  - account: \"111122223333\"\n    regions: [us-east-1]\n    profile:\n", "F:5:13: targets[0].profile: must be the name of a profile of the AWS configuration, not null",
		},
		"a profile and a role": {
			head + "  - account: \"111122223333\"\n    regions: [us-east-1]\n    profile: x\n    role: arn:aws:iam::111122223333:role/x\n",
			"F:6:11: targets[0].role: there is a profile too: use a profile, or a role to assume with the credentials of the environment",
		},
		"an external id without a role": {
			head + "  - account: \"111122223333\"\n    regions: [us-east-1]\n    externalId: abc\n", "F:5:17: targets[0].externalId: is for a role, and there is none",
		},
		"a role of another account": {
			head + "  - account: \"111122223333\"\n    regions: [us-east-1]\n    role: arn:aws:iam::444455556666:role/x\n",
			"F:5:11: targets[0].role: the role is of account 444455556666, not of 111122223333",
		},
		"a session instead of a role": {
			head + "  - account: \"111122223333\"\n    regions: [us-east-1]\n    role: arn:aws:sts::111122223333:assumed-role/ops/ana\n",
			`F:5:11: targets[0].role: "arn:aws:sts::111122223333:assumed-role/ops/ana" is a session, and whoever assumes the role chooses the name of the session: write the ARN of the role, such as arn:aws:iam::111122223333:role/ops`,
		},
		"a region twice": {
			head + good + good, "F:4:41: targets[1].regions[0]: us-east-1 of account 111122223333 is in targets[0].regions[0] too: name it once",
		},
		"a name for two accounts": {
			head + "  - {account: \"111122223333\", name: a, regions: [us-east-1]}\n  - {account: \"444455556666\", name: a, regions: [us-east-1]}\n",
			"F:4:37: targets[1].name: a is the name of account 111122223333 already",
		},
		"another account's id as a name": {
			head + "  - {account: \"111122223333\", name: \"444455556666\", regions: [us-east-1]}\n",
			"F:3:37: targets[0].name: 444455556666 looks like the id of another account",
		},
		"all at once": {
			head + "  - account: \"1111\"\n    name: a/b\n    regions: [us-east, eu-west-1]\n    colour: red\n  - regions: eu-west-1\n",
			`F:6:5: targets[0].colour: unknown field; known are account, name, regions, profile, role, externalId
F:3:14: targets[0].account: must be the id of an account, twelve digits in quotes, not "1111"
F:4:11: targets[0].name: must be a name of 1 to 64 letters, digits, '.', '_' and '-' that begins with a letter or a digit, not "a/b"
F:5:15: targets[0].regions[0]: must be a region, such as us-east-1, not "us-east"
F:7:5: targets[1].account: is missing: write the id of the account, twelve digits in quotes
F:7:14: targets[1].regions: must be a list, not a string: name at least one region`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, c.text)
			if err == nil {
				t.Fatalf("no error, but %v", got)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFileNamesAThousandTargetsAtMost(t *testing.T) {
	t.Parallel()
	of := func(n int) string {
		text := "schema: 1\ntargets:\n"
		for i := range n {
			text += fmt.Sprintf("  - {account: \"%012d\", regions: [us-east-1]}\n", i)
		}
		return text
	}
	if got, err := read(t, of(1000)); err != nil || len(got) != 1000 {
		t.Errorf("%d targets, %v", len(got), err)
	}
	if _, err := read(t, of(1001)); err == nil || err.Error() != "F:3:3: targets: has 1001 accounts and regions; the most is 1000" {
		t.Errorf("error %v", err)
	}
}

func TestAFileWithManyProblemsListsTwenty(t *testing.T) {
	t.Parallel()
	_, err := read(t, "schema: 1\ntargets:\n"+strings.Repeat("  - x\n", 30))
	if err == nil || strings.Count(err.Error(), "\n") != 20 || !strings.HasSuffix(err.Error(), "\nF: and 10 more") {
		t.Errorf("error %v", err)
	}
}

func TestAFileOfTargetsThatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"no file": filepath.Join(t.TempDir(), "none.yaml"), "a folder": t.TempDir()} {
		if _, err := Read(path); err == nil || !strings.HasPrefix(err.Error(), "read the file of targets: ") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
