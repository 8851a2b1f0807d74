package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/targets"
)

func TestAComposedFileIsReadAsItWasMeant(t *testing.T) {
	t.Parallel()
	entries := []targets.Entry{
		{Account: "012345678901", Name: "management", Regions: []string{"us-east-1", "eu-west-1"}},
		{Account: staging, Name: "shop", Regions: []string{"us-east-1"}, Role: roleOf(staging)},
	}
	want := []targets.Target{
		{Account: "012345678901", Name: "management", Region: "us-east-1"},
		{Account: "012345678901", Name: "management", Region: "eu-west-1"},
		{Account: staging, Name: "shop", Region: "us-east-1", Role: roleOf(staging)},
	}
	for name, asJSON := range map[string]bool{"targets.yaml": false, "targets.json": true} {
		file, err := targets.Compose(entries, asJSON)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := targets.Read(path)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s\n%s", name, err, diff, file)
		}
	}
}

func TestAFileThatCouldNotBeReadIsNotComposed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		entry targets.Entry
		want  string
	}{
		"a bad region":      {targets.Entry{Account: staging, Regions: []string{"Frankfurt"}}, `not "Frankfurt"`},
		"a region twice":    {targets.Entry{Account: staging, Regions: []string{"us-east-1", "us-east-1"}}, "us-east-1"},
		"a bad role's name": {targets.Entry{Account: staging, Regions: []string{"us-east-1"}, Role: roleOf(staging) + " "}, "role"},
	} {
		if _, err := targets.Compose([]targets.Entry{c.entry}, false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestNamesOfAccountsFitAFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ given, want map[string]string }{
		"what fits stays":           {map[string]string{production: "prod.eu_1"}, map[string]string{production: "prod.eu_1"}},
		"spaces become hyphens":     {map[string]string{production: " Web shop (EU) "}, map[string]string{production: "Web-shop-EU"}},
		"letters that are not ours": {map[string]string{production: "Größe"}, map[string]string{production: "Gr-e"}},
		"no name at all":            {map[string]string{production: "***"}, map[string]string{production: production}},
		"a long name":               {map[string]string{production: strings.Repeat("a", 90)}, map[string]string{production: strings.Repeat("a", 51)}},
		"two that are the same":     {map[string]string{production: "shop!", staging: "shop?"}, map[string]string{production: "shop-" + production, staging: "shop-" + staging}},
		"another account's id":      {map[string]string{production: staging, staging: "shop"}, map[string]string{production: staging + "-" + production, staging: "shop"}},
	} {
		if diff := cmp.Diff(c.want, targets.Names(c.given)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
