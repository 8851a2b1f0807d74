package targets

import "testing"

func TestPlaceholdersAreFilled(t *testing.T) {
	t.Parallel()
	target := Target{Account: "111122223333", Name: "production", Region: "us-east-1"}
	for text, want := range map[string]string{
		"baselines/{account}/{region}": "baselines/111122223333/us-east-1",
		"{name}-{name}.yaml":           "production-production.yaml",
		`{"groupId": "{other}"}`:       `{"groupId": "{other}"}`,
		"plain":                        "plain",
	} {
		if got := target.Fill(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestNoTwoTargetsWriteInTheSameFolder(t *testing.T) {
	t.Parallel()
	production := Target{Account: "111122223333", Name: "production", Region: "us-east-1"}
	ireland, staging := production, production
	ireland.Region = "eu-west-1"
	staging.Account, staging.Name = "444455556666", "staging"
	const both = "production us-east-1 and production eu-west-1 would both write in "
	const use = ": use the placeholders {account} (or {name}) and {region} in the path, such as "
	cases := map[string]struct {
		targets []Target
		path    string
		want    string
	}{
		"all placeholders":                   {[]Target{production, ireland, staging}, "b/{account}/{region}", ""},
		"a name instead of an account":       {[]Target{production, ireland, staging}, "b/{name}-{region}", ""},
		"one target":                         {[]Target{production}, "b", ""},
		"two accounts with one region each":  {[]Target{production, staging}, "b/{account}", ""},
		"one account with two regions":       {[]Target{production, ireland}, "b/{region}", ""},
		"no placeholder":                     {[]Target{production, ireland}, "b", both + "b" + use + "'b/{account}/{region}'"},
		"the account of two regions":         {[]Target{production, ireland}, "b/{account}", both + "b/111122223333" + use + "'b/{account}/{region}'"},
		"the region of two accounts":         {[]Target{ireland, production, staging}, "{region}/b", "production us-east-1 and staging us-east-1 would both write in us-east-1/b" + use + "'{region}/b/{account}'"},
		"a placeholder that is taken back":   {[]Target{production, ireland}, "b/{region}/..", both + "b" + use + "'b/{account}'"},
		"the name of two regions of a shop":  {[]Target{production, ireland}, "{name}", both + "production" + use + "'{name}/{region}'"},
		"two accounts and a word in braces":  {[]Target{production, staging}, "{acount}", "production us-east-1 and staging us-east-1 would both write in {acount}" + use + "'{acount}/{account}/{region}'"},
		"no target, so that nothing is done": {nil, "b", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := CheckPath(c.targets, c.path); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}
