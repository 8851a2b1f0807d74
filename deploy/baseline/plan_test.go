package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// planned is an account with three groups: web loses live rules with the files, api
// does not change, and batch only reports.
type planned struct {
	cfg             aws.Config
	dir, prefix     string
	web, api, batch string
	at              time.Time
}

func newPlanned(t *testing.T, region string) planned {
	t.Helper()
	p := planned{cfg: regionConfig(t, region), dir: t.TempDir(), prefix: prefixOf(t), at: time.Now()}
	p.web = mustMake(t, p.cfg, "web", "ingress tcp 443 10.0.0.0/8", "ingress tcp 9005 10.0.0.0/8", "ingress tcp 22 0.0.0.0/0")
	p.api = mustMake(t, p.cfg, "api", "ingress tcp 443 10.0.0.0/8")
	p.batch = mustMake(t, p.cfg, "batch", "ingress tcp 25 10.0.0.0/8")
	stored := `{"schema":1,"groupId":%q,"ingress":[{"protocol":"tcp","ports":"443","sources":["10.0.0.0/8"]},{"protocol":"tcp","ports":"9005","sources":["10.0.0.0/8"]}]}`
	putParameter(t, p.cfg, p.prefix+"/groups/"+p.web, fmt.Sprintf(stored, p.web))
	putParameter(t, p.cfg, p.prefix+"/groups/"+p.api, `{"schema":1,"groupId":"`+p.api+`","ingress":[{"protocol":"tcp","ports":"443","sources":["10.0.0.0/8"]}]}`)
	write(t, filepath.Join(p.dir, "web.yaml"), "# version: 1\nschema: 1\ngroupId: "+p.web+"\ningress:\n  - {protocol: tcp, ports: '443', sources: [10.0.0.0/8]}\n  - {protocol: tcp, ports: '8443', sources: [10.0.0.0/8]}\negress: []\n")
	write(t, filepath.Join(p.dir, "api.yaml"), "schema: 1\ngroupId: "+p.api+"\ningress: [{protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\n")
	write(t, filepath.Join(p.dir, "batch.yaml"), "schema: 1\ngroupId: "+p.batch+"\nmode: alert\ningress: []\n")
	putParameter(t, p.cfg, p.prefix+"/approvals/"+p.web+"/unused", `{"schema":1,"rules":["ingress tcp 3306 203.0.113.7/32"],"expires":"`+p.at.Add(time.Hour).UTC().Format(time.RFC3339)+`","reason":"INC-2"}`)
	return p
}

func (p planned) run(t *testing.T, args ...string) ran {
	t.Helper()
	return runAt(t, p.at, &p.cfg, append(args, "--prefix", p.prefix)...)
}

func (p planned) withNames(text string) string {
	return strings.NewReplacer(p.web, "sg-web", p.api, "sg-api", p.batch, "sg-batch", p.dir, "baselines", p.prefix, "/PREFIX").Replace(text)
}

func TestAPlanSaysWhatAPushWouldDo(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, "sa-east-1")
	got := p.run(t, "plan", p.dir)
	expect(t, got, 2)
	goldenText(t, "plan", hideTimes(p.withNames(got.out)))

	// A pause puts off what would go at once.
	putParameter(t, p.cfg, p.prefix+"/pause", `{"schema":1,"until":"`+p.at.Add(2*time.Hour).UTC().Format(time.RFC3339)+`","reason":"CHG-77"}`)
	got = p.run(t, "plan", p.dir)
	expect(t, got, 2, "when the pause ends (CHG-77)")
	goldenText(t, "plan-paused", hideTimes(p.withNames(got.out)))
}

func TestAPlanWithOutputJSON(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, "ca-central-1")
	got := p.run(t, "plan", p.dir, "--output", "json")
	var output pushPlan
	if err := json.Unmarshal([]byte(got.out), &output); err != nil || got.status != 2 {
		t.Fatalf("%v, status %d: %s", err, got.status, got.out)
	}
	if output.Revokes != 3 || output.Identity.Region != "ca-central-1" || output.Identity.Account != "123456789012" {
		t.Errorf("got %+v", output)
	}
	if diff := cmp.Diff([]pushResult{pushUnchanged, pushPlanned, pushPlanned}, resultsOf(output)); diff != "" {
		t.Error(diff)
	}
	web := output.Groups[2]
	if diff := cmp.Diff([]string{"ingress tcp 22 0.0.0.0/0"}, web.Live.RevokedAtOnce); diff != "" {
		t.Error(diff)
	}
	for i, want := range []string{"egress all all 0.0.0.0/0", "ingress tcp 9005 10.0.0.0/8"} {
		if later := web.Live.RevokedAt[i]; later.Rule != want || later.Version != 1 || !later.At.Equal(p.at.Add(10*time.Minute)) {
			t.Errorf("got %+v", later)
		}
	}
	if diff := cmp.Diff([]string{"unused"}, web.Live.UnusedApprovals); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ingress tcp 8443 10.0.0.0/8"}, web.Live.Missing); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ingress tcp 25 10.0.0.0/8"}, output.Groups[1].Live.Reported); diff != "" {
		t.Error(diff)
	}
}

func TestAPlanOfNothingIsQuietAndOneOfDriftIsNot(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, "eu-north-1")
	api := filepath.Join(p.dir, "api.yaml")
	expect(t, p.run(t, "plan", api), 0, "0 baselines to write, 1 unchanged; no live rule will be revoked")
	mustAuthorize(t, p.cfg, p.api, "ingress tcp 22 0.0.0.0/0")
	expect(t, p.run(t, "plan", api), 2, "! the baseline would not change; these live rules are not permitted by it", "revoked at once       ingress tcp 22 0.0.0.0/0",
		"0 baselines to write, 1 unchanged; no live rule will be revoked by this push, and 1 live rule by what is in force")
	// That is enforcement's, not the push's: nobody has to agree to it.
	expect(t, p.run(t, "push", api, "--yes"), 0, "0 written, 1 unchanged")
}

func TestAPlanWritesNothing(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 2)
	cfg := store.configOf()
	before := contents(t, dir)
	expect(t, runCommand(t, &cfg, "", "plan", dir), 2, "2 baselines to write, 0 unchanged")
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" || store.puts != 0 {
		t.Errorf("%d were written; %s", store.puts, diff)
	}
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 0)
	if store.puts != 2 {
		t.Errorf("%d were written by the push", store.puts)
	}
}

func TestAPushToTheWrongRegionIsRefused(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, "us-east-2")
	p.cfg.Region = "us-gov-east-1"
	for _, verb := range [][]string{{"plan", p.dir}, {"push", p.dir, "--yes", "--revoke-live", "9"}, {"push", p.dir, "--yes", "--force"}} {
		got := p.run(t, verb...)
		expect(t, got, 1, "there is no security group "+p.web+" in account 123456789012, region us-gov-east-1", "there is no security group "+p.api, "Check the region (AWS_REGION) and the account (AWS_PROFILE)", "--allow-missing")
		expect(t, p.run(t, "diff", p.dir), 2, "has no baseline in Parameter Store yet")
	}
	expect(t, p.run(t, "plan", p.dir, "--allow-missing"), 2, "there is no such group in account 123456789012, region us-gov-east-1 yet: the baseline waits for it", "3 baselines to write")
	expect(t, p.run(t, "push", p.dir, "--yes", "--allow-missing"), 0, "3 written")
	p.cfg.Region = "us-east-2"
	expect(t, p.run(t, "push", p.dir, "--yes", "--revoke-live", "3"), 0, "2 written, 1 unchanged")
}

func TestManyGroupsThatAreNotThereAreCounted(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 25)
	cfg := store.configOf()
	for i := range 25 {
		store.deleted[fmt.Sprintf("sg-%03d", i)] = true
	}
	got := runCommand(t, &cfg, "", "push", dir, "--yes")
	expect(t, got, 1, "019.yaml: there is no security group sg-019", "and 5 more", "25 refused")
	if strings.Contains(got.errs, "sg-020") || strings.Contains(got.out, "sg-0") {
		t.Errorf("%s\n%s", got.out, got.errs)
	}
}

func TestAPushThatWouldRevokeLiveRulesHasToBePermitted(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, "ap-southeast-1")
	const nobody = "nothing was written: 3 live rules would be revoked, and nobody was asked: look at baseline plan, then say --revoke-live 3"
	expect(t, p.run(t, "push", p.dir, "--yes"), 1, nobody)
	expect(t, p.run(t, "push", p.dir), 1, "nothing was written: 2 baselines would change, 3 live rules will be revoked, and there is no terminal to ask on: add --yes --revoke-live 3 after a look at baseline plan")
	expect(t, p.run(t, "push", p.dir, "--output", "json"), 1, "--output json doesn't ask, so add --yes --revoke-live 3")
	expect(t, p.run(t, "push", p.dir, "--output", "json", "--yes"), 1, nobody)
	expect(t, p.run(t, "push", p.dir, "--yes", "--revoke-live", "2"), 1, "nothing was written: 3 live rules would be revoked, and --revoke-live permits 2: look at baseline plan")
	expect(t, p.run(t, "push", p.dir, "--yes", "--revoke-live", "-1"), 1, "--revoke-live -1: want how many live rules may be revoked at most, 0 or more")
	expect(t, p.run(t, "push", p.dir, "--revoke-live", "3"), 1, "there is no terminal to ask on: add --yes after a look at baseline plan")
	// A pause only puts it off.
	putParameter(t, p.cfg, p.prefix+"/pause", `{"schema":1,"until":"`+p.at.Add(2*time.Hour).UTC().Format(time.RFC3339)+`","reason":"CHG-77"}`)
	expect(t, p.run(t, "push", p.dir, "--yes"), 1, nobody)
	expect(t, p.run(t, "pause", "--end"), 0)

	got := p.run(t, "push", p.dir, "--yes", "--revoke-live", "3")
	expect(t, got, 0, "2 written, 1 unchanged", "web.yaml: version 2; 1 live rule revoked at once, 2 live rules revoked at ", "batch.yaml: version 1\n")
}

func TestAPersonIsAskedWithTheNumberOfLiveRules(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 3)
	cfg := store.configOf()
	expect(t, runCommand(t, &cfg, "", "push", filepath.Join(dir, "002.yaml"), "--yes"), 0)
	store.rules["sg-001"] = append(store.rules["sg-001"], openRule("sg-001", 22), openRule("sg-001", 23))
	expect(t, onTerminal(t, cfg, nil, "n\n", "push", dir), 1, "Write 2 baselines (1 unchanged)? 2 live rules will be revoked. [y/N]", "nothing was written, as you said")
	expect(t, onTerminal(t, cfg, nil, "y\n", "push", dir), 0, "2 written", "001.yaml: version 1; 2 live rules revoked at once")
}

// openRule is a live rule that opens a TCP port to the world.
func openRule(group string, port int32) types.SecurityGroupRule {
	return types.SecurityGroupRule{
		GroupId: &group, SecurityGroupRuleId: aws.String(fmt.Sprintf("sgr-%s-%d", group, port)), IsEgress: aws.Bool(false),
		IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, CidrIpv4: aws.String("0.0.0.0/0"),
	}
}

func TestAnUnreadableHistoryStopsThePush(t *testing.T) {
	t.Parallel()
	c := newCheckout(t, "")
	expect(t, c.push(headOf000+nothing), 0)
	c.store.Inject("GetParameterHistory", 1, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not you"}})
	expect(t, c.push(headOf000+"mode: alert\n"+nothing), 1, "nothing was written:\n"+c.file+": get the history of parameter /sg-baseline/groups/sg-000", "not you", "these credentials may not do that")
	expect(t, c.push(headOf000+"mode: alert\n"+nothing), 0, "1 written")
}

func TestAPlanNeedsThePathOfAFile(t *testing.T) {
	t.Parallel()
	expect(t, runCommand(t, &aws.Config{}, "", "plan"), 1, "plan: an argument is missing")
	expect(t, runCommand(t, &aws.Config{}, "", "plan", t.TempDir()), 1, "holds no baseline files")
}
