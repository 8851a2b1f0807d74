package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// estate is two accounts of the shared server with two regions each, and an operator
// who works in a folder of his own.
type estate struct {
	dir, prefix string
	clients     map[string]*ec2.Client // by account/region
	groups      map[string]string      // id of the group web, likewise
}

// shop and lab are accounts that no other test uses.
const (
	shop = "210000000001"
	lab  = "210000000002"
)

const fourTargets = `schema: 1
targets:
  - account: "210000000001"
    name: shop
    regions: [us-east-1, eu-west-1]
    role: arn:aws:iam::210000000001:role/operator
  - account: "210000000002"
    regions: [us-east-1, eu-west-1]
    role: arn:aws:iam::210000000002:role/operator
`

// wrongTarget is an account that the environment has no credentials of.
const wrongTarget = `  - {account: "210000000003", name: wrong, regions: [us-east-1]}
`

// newEstate makes the group web in each account and region, and the operator's folder. The
// accounts are the same for all tests, so only one test may make the groups.
func newEstate(t *testing.T) estate {
	t.Helper()
	cfg, e := motoConfig(t), newFolder(t)
	for _, account := range []string{shop, lab} {
		answer, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::" + account + ":role/operator"), RoleSessionName: aws.String("test"),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			there := awsconfig.New(*cfg.BaseEndpoint, aws.Credentials{
				AccessKeyID: *answer.Credentials.AccessKeyId, SecretAccessKey: *answer.Credentials.SecretAccessKey, SessionToken: *answer.Credentials.SessionToken,
			})
			there.Region = region
			client := ec2.NewFromConfig(there)
			group, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("web"), Description: aws.String("x")})
			if err != nil {
				t.Fatal(err)
			}
			e.clients[account+"/"+region], e.groups[account+"/"+region] = client, *group.GroupId
		}
	}
	return e
}

// newFolder makes the operator's folder, and no group.
func newFolder(t *testing.T) estate {
	t.Helper()
	e := estate{t.TempDir(), prefixOf(t), map[string]*ec2.Client{}, map[string]string{}}
	e.write(t, "four.yaml", fourTargets)
	e.write(t, "five.yaml", fourTargets+wrongTarget)
	return e
}

func (e estate) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(e.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// process is the command as a process of its own.
func process(t *testing.T, dir, url string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], args...)
	command.Dir = dir
	command.Env = append(awsconfig.Environment(url, awsconfig.Keys), asMain+"=1", "HOME="+dir)
	return command
}

// run runs the command in the folder of the operator.
func (e estate) run(t *testing.T, args ...string) ran {
	t.Helper()
	command := process(t, e.dir, localtest.SharedMoto(t), append(args, "--prefix", e.prefix)...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{out.String(), errs.String(), command.ProcessState.ExitCode()}
}

// open makes a rule live that no baseline permits.
func (e estate) open(t *testing.T, where string) {
	t.Helper()
	_, err := e.clients[where].AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: aws.String(e.groups[where]),
		IpPermissions: []types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wrongSays is what the fifth target fails with.
const wrongSays = "wrong us-east-1: the credentials of the environment are for account 123456789012, not for 210000000003: correct the file of targets\n"

// headings are the lines of an output that label targets.
func headings(out string) []string {
	var found []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "== ") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// TestVerbsRunInManyAccountsAndRegions is a day of an operator with two accounts.
func TestVerbsRunInManyAccountsAndRegions(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	five := []string{"== shop us-east-1 ==", "== shop eu-west-1 ==", "== 210000000002 us-east-1 ==", "== 210000000002 eu-west-1 ==", "== wrong us-east-1 =="}
	const files = "baselines/{account}/{region}"

	got := e.run(t, "capture", "--all", "--out", files, "--targets", "five.yaml")
	if diff := cmp.Diff(five, headings(got.out)); got.status != 1 || diff != "" || got.errs != wrongSays+"baseline: 5 targets: 4 fine, 1 failed: wrong us-east-1\n" {
		t.Fatalf("%s: %+v", diff, got)
	}
	for where, id := range e.groups {
		data, err := os.ReadFile(filepath.Join(e.dir, "baselines", where, "web."+id+".yaml"))
		if err != nil || !strings.Contains(string(data), id) {
			t.Errorf("%s: %v: %s", where, err, data)
		}
	}

	got = e.run(t, "push", files, "--targets", "four.yaml")
	if got.status != 1 || !strings.Contains(got.errs, "shop us-east-1: ") || strings.Count(got.errs, "--yes") != 4 || !strings.Contains(got.errs, "\nbaseline: 4 targets: 4 failed: shop us-east-1, shop eu-west-1, 2") {
		t.Errorf("nobody can be asked: %+v", got)
	}
	if got = e.run(t, "push", files, "--yes", "--targets", "four.yaml"); got.status != 0 || got.errs != "4 targets: 4 fine\n" {
		t.Fatalf("push: %+v", got)
	}
	if got = e.run(t, "diff", "--targets", "four.yaml", "--parallel", "1"); got.status != 0 || got.errs != "4 targets: 4 fine\n" {
		t.Errorf("nothing differs: %+v", got)
	}
	if got = e.run(t, "pause", "--show", "--targets=five.yaml"); got.status != 1 || strings.Count(got.out, "sgwarden is not paused") != 4 || !slices.Equal(headings(got.out), five) {
		t.Errorf("a verb that only reads: %+v", got)
	}

	e.open(t, lab+"/eu-west-1")
	got = e.run(t, "diff", "--targets", "four.yaml")
	if got.status != 2 || got.errs != "4 targets: 3 fine, 1 with differences or findings\n" || strings.Index(got.out, "ingress tcp 22 0.0.0.0/0") < strings.Index(got.out, five[3]) {
		t.Errorf("a rule is open: %+v", got)
	}
	e.checkJSON(t, e.run(t, "diff", "--output", "json", "--targets", "five.yaml"))
}

// checkJSON looks at the document that diff writes once a rule is open.
func (e estate) checkJSON(t *testing.T, got ran) {
	t.Helper()
	type entry struct {
		Account, Name, Region string
		Status                int
		Error                 string
		Result                *struct{ Groups []struct{ GroupID string } }
	}
	var document struct{ Targets []entry }
	if err := json.Unmarshal([]byte(got.out), &document); err != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	var lines []string
	for _, t := range document.Targets {
		line := fmt.Sprintf("%s %s %s %d %s", t.Account, t.Name, t.Region, t.Status, t.Error)
		if t.Result != nil {
			for _, g := range t.Result.Groups {
				line += g.GroupID
			}
		}
		lines = append(lines, line)
	}
	want := []string{
		"210000000001 shop us-east-1 0 ",
		"210000000001 shop eu-west-1 0 ",
		"210000000002 210000000002 us-east-1 0 ",
		"210000000002 210000000002 eu-west-1 2 " + e.groups[lab+"/eu-west-1"],
		"210000000003 wrong us-east-1 1 the credentials of the environment are for account 123456789012, not for 210000000003: correct the file of targets",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	const summary = "baseline: 5 targets: 3 fine, 1 with differences or findings, 1 failed: wrong us-east-1\n"
	if got.status != 1 || got.errs != wrongSays+summary {
		t.Errorf("status %d: %s", got.status, got.errs)
	}
}

// TestNobodyIsAskedForATarget has a person at the terminal, who would say yes.
func TestNobodyIsAskedForATarget(t *testing.T) {
	for _, setting := range awsconfig.Environment(*motoConfig(t).BaseEndpoint, awsconfig.Keys) {
		name, value, _ := strings.Cut(setting, "=")
		t.Setenv(name, value)
	}
	dir, prefix := t.TempDir(), prefixOf(t)
	file, two := filepath.Join(dir, "guardrail.yaml"), filepath.Join(dir, "two.yaml")
	for path, text := range map[string]string{
		file: guardrailFile,
		two:  "schema: 1\ntargets:\n  - {account: \"123456789012\", name: moto, regions: [us-east-1, eu-west-1]}\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	push := []string{"guardrail", "push", file, "--prefix", prefix, "--targets", two}
	got := runCommand(t, nil, "y\ny\n", push...)
	if got.status != 1 || strings.Count(got.errs, "there is no terminal to ask on: add --yes") != 2 || strings.Contains(got.errs, "[y/N]") {
		t.Errorf("without --yes: %+v", got)
	}
	got = runCommand(t, nil, "y\ny\n", append(push, "--yes", "--revoke-live", "1000")...) // other tests have groups there
	if got.status != 0 || strings.Count(got.out, "wrote "+prefix+"/guardrail: version 1") != 2 {
		t.Errorf("with --yes: %+v", got)
	}
}

// TestAnInterruptEndsTheRunOverTargets interrupts while the first of two targets waits
// for AWS.
func TestAnInterruptEndsTheRunOverTargets(t *testing.T) {
	t.Parallel()
	asked, ended := make(chan struct{}), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		select {
		case asked <- struct{}{}:
			<-ended
		case <-ended:
		}
	}))
	defer silent.Close()
	defer close(ended)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "two.yaml"), []byte("schema: 1\ntargets:\n  - {account: \"210000000001\", name: shop, regions: [us-east-1, eu-west-1]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := process(t, dir, silent.URL, "diff", "--targets", "two.yaml", "--parallel", "1")
	var errs bytes.Buffer
	command.Stderr = &errs
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() { result <- command.Wait() }()
	select {
	case <-asked:
	case err := <-result:
		t.Fatalf("the command ended before it asked AWS: %v: %s", err, errs.String())
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	var exit *exec.ExitError
	const want = "\nbaseline: 2 targets: 1 interrupted: shop us-east-1; 1 not run: shop eu-west-1\n"
	if err := <-result; !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.HasSuffix(errs.String(), want) {
		t.Errorf("%v: %s", err, errs.String())
	}
}
