package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

func TestAllowWithOutputJSON(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg := p.configOf()
	p.set("/sg-baseline/groups/"+group, onlyIngressGuarded)
	const where = `"identity":{"account":"123456789012","region":"us-east-1","prefix":"/sg-baseline","arn":"arn:aws:sts::123456789012:assumed-role/operator/ana"}`
	for _, one := range []string{
		`"groupId":"GROUP","rule":"ingress udp 53 GROUP","changed":true,"expires":"2026-11-21T12:30:00Z","parameter":"/sg-baseline/approvals/GROUP/dns","version":1,"grave":false`,
		`"groupId":"GROUP","rule":"ingress udp 53 GROUP","changed":false,"reason":"permitted by ingress udp 53 GROUP; by exceptions or approvals, until 2026-11-21T12:30:00Z at least","parameter":"/sg-baseline/groups/GROUP","version":1,"grave":false`,
	} {
		got := runCommand(t, &cfg, "", "allow", group, "ingress udp 53 self", "--expires", "30m", "--reason", "INC-1", "--name", "dns", "--output", "json", "--allow-missing")
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(got.out)); err != nil {
			t.Fatalf("%v in %+v", err, got)
		}
		if diff := cmp.Diff(strings.ReplaceAll("{"+one+","+where+`,"groups":[{`+one+"}]}", "GROUP", group), strings.ReplaceAll(compact.String(), `,"live":false`, "")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestApprovalsOfTheSameSecondDoNotCollide(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg := p.configOf()
	allow := func(args ...string) ran {
		return runCommand(t, &cfg, "", append([]string{"allow", group, "--expires", "30m", "--reason", "INC-1", "--allow-missing"}, args...)...)
	}
	expect(t, allow("ingress udp 53 self"), 0, "allow-20261121T120000Z\n")
	expect(t, allow("ingress udp 54 self"), 0, "allow-20261121T120000Z-2\n")
	expect(t, allow("ingress udp 55 self", "--name", "mine"), 0, "/mine\n")
	expect(t, allow("ingress udp 56 self", "--name", "mine"), 1, "there is an approval at /sg-baseline/approvals/"+group+"/mine already: choose another --name")
	if value := p.value("/sg-baseline/approvals/" + group + "/mine"); !strings.Contains(value, "ingress udp 55") {
		t.Errorf("it was overwritten: %s", value)
	}
	for n := 3; n <= maxSameSecond; n++ {
		expect(t, allow(fmt.Sprintf("ingress udp %d self", 100+n)), 0)
	}
	expect(t, allow("ingress udp 57 self"), 1, "already: choose another --name")
}

// TestAnApprovalWhoseAnswerWasLostIsWrittenOnce has the SDK write a second time.
func TestAnApprovalWhoseAnswerWasLostIsWrittenOnce(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg := p.configOf()
	p.Inject("PutParameter", 1, awsstub.Fault{DropAfter: true})
	expect(t, runCommand(t, &cfg, "", "allow", group, "ingress udp 53 self", "--reason", "INC-1", "--allow-missing"), 0, "by the approval /sg-baseline/approvals/"+group+"/allow-20261121T120000Z\n")
	if p.value("/sg-baseline/approvals/"+group+"/allow-20261121T120000Z-2") != "" {
		t.Error("it was written twice")
	}
}

// TestAnApprovalThatAWSTakesForTooLongIsAnError is about a machine whose clock is ahead.
func TestAnApprovalThatAWSTakesForTooLongIsAnError(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg := p.configOf()
	p.written = now.Add(-time.Hour)
	allow := func(expires string) ran {
		return runCommand(t, &cfg, "", "allow", group, "ingress udp 53 self", "--reason", "INC-1", "--allow-missing", "--expires", expires)
	}
	got := allow("90d")
	expect(t, got, 1, "was written, but it may permit nothing: is this machine's clock ahead of AWS's?")
	if got.out != "" {
		t.Errorf("it says %q", got.out)
	}
	expect(t, allow("89d"), 0, "is permitted until")
}

func TestAllowFindsGroups(t *testing.T) {
	t.Parallel()
	cfg, prefix := regionConfig(t, "me-south-1"), prefixOf(t)
	web := mustMake(t, cfg, "web", "ingress tcp 8443 10.0.0.0/8")
	api := mustMake(t, cfg, "api", "ingress tcp 25 10.0.0.0/8")
	allow := func(args ...string) ran {
		return runAt(t, time.Now(), &cfg, append([]string{"allow", "--prefix", prefix, "--reason", "INC-1"}, args...)...)
	}
	got := allow("name:web", api, "name:web", "ingress tcp 8443 10.1.0.0/16")
	expect(t, got, 0, "account 123456789012, region me-south-1, prefix "+prefix+"\n"+web+": ingress", "\n  the live rules of the group let this traffic through\n"+api+": ingress", "\n  the group does not have this rule now: add the rule to the group")
	if strings.Count(got.out, web) != 2 { // once as the group, once in the name of the parameter
		t.Errorf("%s is not written once in %s", web, got.out)
	}
	expect(t, allow(group, "ingress tcp 443 10.0.0.0/8"), 1, "nothing was written: there is no security group "+group+" in account 123456789012, region me-south-1")
	expect(t, allow("name:wbe", "ingress tcp 443 10.0.0.0/8"), 1, `nothing was written: no security group of account 123456789012, region me-south-1, is called "wbe"; did you mean "web"?`)
	expect(t, allow("web", "ingress tcp 443 10.0.0.0/8"), 1, `nothing was written: "web" is not the id of a security group`)
	expect(t, allow(group, "ingress tcp 443 10.0.0.0/8", "--allow-missing"), 0, "is permitted until")
	var output allowing
	if err := json.Unmarshal([]byte(allow("name:web", api, "ingress tcp 22 0.0.0.0/0", "--output", "json").out), &output); err != nil || len(output.Groups) != 2 || !output.Groups[0].HighSeverity || *output.Groups[0].Live || output.Identity.Region != "me-south-1" {
		t.Errorf("%v: %+v", err, output)
	}
}

func TestWhoMayNotListGroupsMayAllow(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg := p.configOf()
	p.Inject("DescribeSecurityGroups", 20, awsstub.Fault{Error: &awsstub.Error{Code: "UnauthorizedOperation", Message: "not you", Status: 403}})
	expect(t, runCommand(t, &cfg, "", "allow", group, "ingress udp 53 self", "--reason", "INC-1"), 0, "! whether the groups exist is not known, since these credentials may not list them", "is permitted until")
	expect(t, runCommand(t, &cfg, "", "allow", "name:web", "ingress udp 53 self", "--reason", "INC-1"), 1, "nothing was written", "not you")
}

func TestWhatWasAllowedBeforeAFailureIsReported(t *testing.T) {
	t.Parallel()
	const second = "sg-0b1b2c3d4e5f60718"
	p := newParameterStore(t)
	cfg := p.configOf()
	p.set("/sg-baseline/groups/"+second, "{")
	got := runCommand(t, &cfg, "", "allow", group, second, "ingress udp 53 self", "--reason", "INC-1", "--allow-missing")
	expect(t, got, 1, group+": ingress udp 53 "+group+" is permitted until", "/sg-baseline/groups/"+second+" is broken, repair it first")
	if strings.Contains(got.out, second) {
		t.Errorf("it says %s", got.out)
	}
}
