package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
	"github.com/sgwarden/sgwarden/pkg/sweep"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// regionConfig is for a region of moto's that no other test has, for tests that
// look at all of its groups.
func regionConfig(t *testing.T, region string) aws.Config {
	t.Helper()
	cfg := motoConfig(t)
	cfg.Region = region
	return cfg
}

// makeGroup makes a group with the given rules, in rule text, beside the one that
// EC2 gives to every group: egress all all 0.0.0.0/0.
func makeGroup(ctx context.Context, cfg aws.Config, name string, rules ...string) (id string, err error) {
	made, err := ec2.NewFromConfig(cfg).CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: &name,
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroup, Tags: []types.Tag{{Key: aws.String("called"), Value: &name}}}},
	})
	if err != nil {
		return "", err
	}
	return *made.GroupId, authorize(ctx, cfg, *made.GroupId, rules...)
}

// authorize adds rules. "# ..." behind a rule is its description.
func authorize(ctx context.Context, cfg aws.Config, id string, rules ...string) error {
	approved := make([]secgroup.ApprovedRule, len(rules))
	for i, text := range rules {
		text, description, _ := strings.Cut(text, " # ")
		r, err := parseRule(text, id)
		if err != nil {
			return err
		}
		approved[i] = secgroup.ApprovedRule{Rule: r, Description: description}
	}
	return errors.Join(ec2groups.Groups{Client: ec2.NewFromConfig(cfg)}.Authorize(ctx, id, approved)...)
}

func revoke(t *testing.T, cfg aws.Config, id, text string) {
	t.Helper()
	groups := ec2groups.Groups{Client: ec2.NewFromConfig(cfg)}
	live, err := groups.Rules(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range live {
		if l.Rule == want {
			if err := groups.Revoke(t.Context(), id, []secgroup.LiveRule{l})[0]; err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("%s has no rule %s", id, text)
}

func mustMake(t *testing.T, cfg aws.Config, name string, rules ...string) string {
	t.Helper()
	id, err := makeGroup(t.Context(), cfg, name, rules...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func mustAuthorize(t *testing.T, cfg aws.Config, id string, rules ...string) {
	t.Helper()
	if err := authorize(t.Context(), cfg, id, rules...); err != nil {
		t.Fatal(err)
	}
}

// contents returns the files of a directory by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

func expect(t *testing.T, got ran, status int, says ...string) {
	t.Helper()
	for _, want := range says {
		if !strings.Contains(got.out+got.errs, want) {
			t.Errorf("it doesn't say %q", want)
		}
	}
	if got.status != status {
		t.Errorf("status %d, want %d", got.status, status)
	}
	if t.Failed() {
		t.Fatalf("it said\n%.3000s\nand\n%.3000s", got.out, got.errs)
	}
}

// driftOf sweeps with the sweeper's own adapters, and leaves what it finds.
func driftOf(t *testing.T, cfg aws.Config, prefix string) sweep.Summary {
	t.Helper()
	store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefix}
	s := sweep.Sweeper{
		Rules: ec2groups.Groups{Client: ec2.NewFromConfig(cfg)}, Documents: store, Bookmark: &ssmstore.Bookmark{Store: store}, Journal: ssmstore.Journal{Store: store}, Requests: ssmstore.SweepRequest{Store: store}, Notified: ssmstore.Notified{Store: store}, Mark: ssmstore.VersionMark{Store: store}, Histories: store,
		Reconciler: nobody{}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	summary, err := s.Run(t.Context(), "123456789012", cfg.Region)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

type nobody struct{}

func (nobody) ReportLate(context.Context, alert.Alert) error { return nil }

func (nobody) Reconcile(context.Context, trail.Trigger) (remediate.Result, error) {
	return remediate.Result{}, nil
}

func (nobody) ReportUnusable(context.Context, trail.Trigger, alert.Kind, baseline.Stored, error) (remediate.Result, error) {
	return remediate.Result{}, nil
}

// With -short the account has 60 groups.
func TestALiveAccountOf300GroupsIsAdopted(t *testing.T) {
	t.Parallel()
	cfg := regionConfig(t, "eu-west-1")
	all := 300
	if testing.Short() {
		all = 60
	}
	n := all - 1 // and the default group
	ids := make([]string, n)
	errs := make([]error, n)
	var making sync.WaitGroup
	for worker := range 8 {
		making.Go(func() {
			for i := worker; i < n; i += 8 {
				ids[i], errs[i] = makeGroup(t.Context(), cfg, fmt.Sprintf("service %03d", i),
					"ingress tcp 443 0.0.0.0/0 # HTTPS: from anywhere", fmt.Sprintf("ingress tcp %d self", 1000+i), "ingress icmp 8 10.0.0.0/8")
			}
		})
	}
	making.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	dir, prefix := filepath.Join(t.TempDir(), "baselines"), prefixOf(t)
	do := func(args ...string) ran { return runCommand(t, &cfg, "", append(args, "--prefix", prefix)...) }

	expect(t, do("diff"), 1, "there is no baseline, approval or guardrail under "+prefix+fmt.Sprintf(" in account 123456789012, region eu-west-1; nothing guards the %d groups there", all))
	expect(t, do("capture", "--all", "--out", dir), 0, fmt.Sprintf("%[1]d groups: %[1]d written, 0 unchanged, 0 failed", all), "service-007."+ids[7]+".yaml: 4 rules")
	expect(t, do("diff", dir), 2, fmt.Sprintf("0 groups the same, %d different", all))
	expect(t, do("diff", dir, "--live"), 0, fmt.Sprintf("%d groups the same, 0 different", all))
	expect(t, do("lint", dir), 2, "[all-protocols]") // advice, and no errors
	expect(t, do("push", dir, "--yes"), 0, fmt.Sprintf("%[1]d baselines: %[1]d written, 0 unchanged, 0 not written", all))
	if got := driftOf(t, cfg, prefix); got.Drifting != 0 || got.Baselines != all || got.Groups != all {
		t.Errorf("the sweep after adoption: %+v", got)
	}
	expect(t, do("diff"), 0, fmt.Sprintf("%d groups the same, 0 different\n", all))
	adopted := contents(t, dir)
	if first, _, _ := strings.Cut(adopted["service-007."+ids[7]+".yaml"], "\n"); first != "schema: 1" || len(adopted) != all {
		t.Errorf("%d files, the first line is %q", len(adopted), first)
	}

	expect(t, do("capture", "--all", "--out", dir), 0, fmt.Sprintf("%[1]d groups: 0 written, %[1]d unchanged, 0 failed", all))
	expect(t, do("push", dir, "--yes"), 0, fmt.Sprintf("%[1]d baselines: 0 written, %[1]d unchanged, 0 not written", all))
	expect(t, do("diff", dir), 0, fmt.Sprintf("%d groups the same, 0 different\n", all))
	if diff := cmp.Diff(adopted, contents(t, dir)); diff != "" {
		t.Errorf("a second round changed the files: %s", diff)
	}

	mustAuthorize(t, cfg, ids[7], "ingress tcp 22 0.0.0.0/0")
	if got := driftOf(t, cfg, prefix); got.Drifting != 1 {
		t.Errorf("the sweep after an intrusion: %+v", got)
	}
	expect(t, do("diff"), 2, fmt.Sprintf("%d groups the same, 1 different", all-1), "service 007 "+ids[7], "+ ingress tcp 22 0.0.0.0/0", "would be revoked: no baseline rule permits")
}
