package deploy_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/settings"
)

// prefixes are good and bad ones. A prefix with a wildcard in it would make each permission wider than it reads.
func prefixes() map[string]bool {
	all := map[string]bool{
		"/sg-baseline": true, "/security/sg.baseline_2": true, "/A/b/C": true,
		"/*": false, "/sg-*": false, "/sg?baseline": false, "/${aws:username}": false, "/a/": false, "a": false, "": false,
		"//a": false, "/": false, "/sg baseline": false, "/gr\u00fc\u00dfe": false, "/sg\n": false,
		// Only the beginning is AWS's, and only the whole word.
		"/aws": false, "/aws/x": false, "/AWS": false, "/aWs-x": false, "/awsome/x": false,
		"/ssm": false, "/SSM/x": false, "/sSm1": false, "/ssm.": false,
		"/a": true, "/aw": true, "/AW/s": true, "/a/ws": true, "/axs": true, "/aw-s": true, "/xaws": true, "/x/aws": true,
		"/s": true, "/ss": true, "/SS/m": true, "/sxm": true, "/ss-m": true, "/xssm": true, "/x/ssm": true,
		// 15 levels, of which four are sgwarden's.
		strings.Repeat("/a", 11): true, strings.Repeat("/a", 12): false, strings.Repeat("/s", 11): true, strings.Repeat("/s", 12): false,
		"/" + strings.Repeat("b", 199): true, "/" + strings.Repeat("b", 200): false,
		"/" + strings.Repeat("b", 98) + "/" + strings.Repeat("c", 100): true, "/" + strings.Repeat("b", 99) + "/" + strings.Repeat("c", 100): false,
	}
	return all
}

// A prefix that one file accepts and another refuses makes a stack whose functions do not start.
func TestThePrefixHasOneRuleInThreeFiles(t *testing.T) {
	t.Parallel()
	allowed := pattern(t, "BaselinePrefix")
	patterns := map[string]func(t *testing.T, prefix string) bool{
		"the template":  func(_ *testing.T, prefix string) bool { return allowed.MatchString(prefix) && len(prefix) <= 200 },
		"the functions": func(_ *testing.T, prefix string) bool { return settings.IsPrefix(prefix) },
		"deploy.sh":     scriptTakes,
	}
	for name, takes := range patterns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for prefix, want := range prefixes() {
				if got := takes(t, prefix); got != want {
					t.Errorf("%q is taken %t, want %t", prefix, got, want)
				}
			}
		})
	}
	if got := get(parse(t, read(t, "template.yaml")).section("Parameters"), "BaselinePrefix", "MaxLength"); got != "200" {
		t.Errorf("the template's MaxLength is %v", got)
	}
}

// scriptTakes hands deploy.sh a prefix and then an option that it refuses, so that it never deploys.
func scriptTakes(t *testing.T, prefix string) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "bash", "deploy.sh", "--prefix", prefix, "--mode", "neither").CombinedOutput()
	if err == nil {
		t.Fatalf("deploy.sh goes on: %s", out)
	}
	refused := strings.Contains(string(out), "--prefix "+prefix+": want a path")
	if refused == strings.Contains(string(out), "--mode neither") {
		t.Fatalf("with %q deploy.sh says %s", prefix, out)
	}
	return !refused
}
