package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestStagingIsPromotedToProduction goes all the way from groups of one region,
// here for an account of its own, to baselines of those of another.
func TestStagingIsPromotedToProduction(t *testing.T) {
	t.Parallel()
	staging, production, prefix, dir := regionConfig(t, "ap-south-1"), regionConfig(t, "ap-northeast-1"), prefixOf(t), t.TempDir()
	captured, cloned, resolved := filepath.Join(dir, "staging"), filepath.Join(dir, "named"), filepath.Join(dir, "production")
	alb := mustMake(t, staging, "staging-alb", "ingress tcp 443 0.0.0.0/0 # HTTPS")
	web := mustMake(t, staging, "staging-web", "ingress tcp 80 "+alb+" # the balancer")
	prodAlb := mustMake(t, production, "prod-alb", "ingress tcp 443 0.0.0.0/0")
	prodWeb := mustMake(t, production, "prod-web", "ingress tcp 80 "+prodAlb, "ingress tcp 22 0.0.0.0/0")
	write(t, filepath.Join(dir, "map.yaml"), "name:staging-alb: name:prod-alb\nname:staging-web: name:prod-web\n")

	expect(t, runCommand(t, &staging, "", "capture", "--group-id", alb+","+web, "--out", captured, "--prefix", prefix), 0)
	clone := []string{"clone", "--from", captured, "--map", filepath.Join(dir, "map.yaml"), "--out", cloned}
	expect(t, runCommand(t, nil, "", clone...), 0, "2 written")
	expect(t, runCommand(t, nil, "", "lint", cloned), 2, "all-protocols")
	expect(t, runCommand(t, &staging, "", "resolve", cloned, "--out", resolved), 1, `no group of this account and region is called "prod-alb"`)
	expect(t, runCommand(t, &production, "", "resolve", cloned, "--out", resolved), 0, "2 written")

	got := contents(t, resolved)["prod-web."+prodWeb+".yaml"]
	want := strings.NewReplacer(web, prodWeb, alb, prodAlb, "staging-", "prod-").Replace(contents(t, captured)["staging-web."+web+".yaml"])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	expect(t, runCommand(t, &production, "", "push", resolved, "--yes", "--revoke-live", "1", "--prefix", prefix), 0, "2 written", "1 live rule revoked at once")
	got = runCommand(t, &production, "", "diff", resolved, "--live").out
	if strings.Count(got, "+ ") != 1 || !strings.Contains(got, "+ ingress tcp 22 0.0.0.0/0") {
		t.Errorf("only ssh from the world is more than staging has: %s", got)
	}
}
