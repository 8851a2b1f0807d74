package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// deletions is a region with a live group and one that is deleted, both with a baseline.
func deletions(t *testing.T, region string) (do func(in string, args ...string) ran, store ssmstore.Store, web string, text func(string) string) {
	t.Helper()
	cfg := regionConfig(t, region)
	store = ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
	web = mustMake(t, cfg, "web", "ingress tcp 443 10.0.0.0/8", "ingress tcp 22 0.0.0.0/0", "ingress tcp 25 10.0.0.0/8")
	putParameter(t, cfg, store.Parameter(web), `{"schema":1,"groupId":"`+web+`","groupName":"web","ingress":[{"protocol":"tcp","ports":"443","sources":["10.0.0.0/8"]}]}`)
	putParameter(t, cfg, store.Parameter(group), `{"schema":1,"groupId":"`+group+`","groupName":"old","mode":"alert","ingress":[],"egress":[]}`)
	putParameter(t, cfg, store.Approval(web, "oncall"), `{"schema":1,"rules":["ingress tcp 25 10.0.0.0/8"],"expires":"2026-11-21T20:00:00Z","reason":"INC-1"}`)
	do = func(in string, args ...string) ran {
		return runCommand(t, &cfg, in, append([]string{"delete", "--prefix", store.Prefix}, args...)...)
	}
	text = func(s string) string {
		return strings.NewReplacer(web, "sg-web", group, "sg-old", store.Prefix, "/PREFIX", region, "REGION").Replace(s)
	}
	return do, store, web, text
}

func isThere(t *testing.T, store ssmstore.Store, id string) bool {
	t.Helper()
	stored, err := store.ReadBaseline(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return stored.Exists()
}

func TestDeletingABaselineSaysWhatProtectionEnds(t *testing.T) {
	t.Parallel()
	do, store, web, text := deletions(t, "ap-southeast-3")
	expect(t, do("", "name:web"), 1, "nothing was deleted: 1 baseline would be deleted, and there is no terminal to ask on: add --yes")
	expect(t, do("n\n", "name:web"), 1, "Delete 1 baseline?", "nothing was deleted, as you said")
	expect(t, do("y\n", "name:web", "--output", "json"), 1, "nothing was deleted: --output json doesn't ask, so add --yes")
	if !isThere(t, store, web) {
		t.Fatal("it was deleted")
	}
	got := do("y\n", "name:web", group)
	expect(t, got, 0)
	goldenText(t, "delete", text(got.out))
	if isThere(t, store, web) || isThere(t, store, group) {
		t.Error("it is there still")
	}
	if documents, err := store.Read(t.Context(), web); err != nil || len(documents.Approvals) != 1 {
		t.Errorf("%v: the approvals are %v", err, documents.Approvals)
	}
	expect(t, do("", group, "--yes"), 1, "nothing was deleted: there is no baseline at "+store.Parameter(group)+" in account 123456789012, region ap-southeast-3")
}

func TestDeletingABaselineWithItsApprovalsBesideAGuardrail(t *testing.T) {
	t.Parallel()
	do, store, web, text := deletions(t, "eu-south-1")
	_, err := store.Client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: ptr(store.Guardrail()), Type: "String", Value: ptr(`{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "web.yaml")
	got := do("", web, "--yes", "--approvals", "--keep", file)
	expect(t, got, 0)
	goldenText(t, "delete-guardrail", strings.ReplaceAll(text(got.out), file, "FILE"))
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := yamlfile.Decode(kept, web); err != nil || len(doc.PermanentRules()) != 1 {
		t.Errorf("%v: kept %s", err, kept)
	}
	if documents, err := store.Read(t.Context(), web); err != nil || len(documents.Approvals) != 0 || documents.Group.Exists() {
		t.Errorf("%v: there still is %+v", err, documents)
	}
	expect(t, do("", group, "--yes", "--keep", file), 1, "nothing was deleted: "+file+" exists already: choose another --keep")
	expect(t, do("", group, "--yes", "--keep", "/dev/null/x"), 1, "nothing was deleted: ")
	if !isThere(t, store, group) {
		t.Fatal("it was deleted without being kept")
	}
	dir := t.TempDir()
	got = do("", group, "--yes", "--keep", dir, "--output", "json")
	expect(t, got, 0)
	var plan deletionPlan
	if err := json.Unmarshal([]byte(got.out), &plan); err != nil || len(plan.Groups) != 1 {
		t.Fatalf("%v in %s", err, got.out)
	}
	if g := plan.Groups[0]; !g.Deleted || g.Exists || g.KeptIn != filepath.Join(dir, "old."+group+".yaml") || !strings.Contains(string(g.Document), `"alert"`) || plan.Identity.Region != "eu-south-1" {
		t.Errorf("got %+v", plan)
	}
}

func ptr(s string) *string { return &s }

func TestNothingIsDeletedThatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile string
		status    int
	}{
		"it was changed":    {`{"schema":1,"groupId":"` + group + `","egress":[]}`, 1},
		"nobody changed it": {"", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParameterStore(t)
			cfg := p.configOf()
			parameter := "/sg-baseline/groups/" + group
			p.set(parameter, `{"schema":1,"groupId":"`+group+`","ingress":[]}`)
			answers := person{&meanwhile{text: "y\n", do: func() {
				if c.meanwhile != "" {
					p.mu.Lock()
					defer p.mu.Unlock()
					p.set(parameter, c.meanwhile)
				}
			}}}
			got := runWith(t, &cfg, answers, "delete", group)
			if c.status == 0 {
				expect(t, got, 0, "deleted "+parameter)
			} else {
				expect(t, got, 1, "was version 1 and is version 2 now: it has changed meanwhile", "not deleted: "+parameter)
			}
			if there := p.value(parameter) != ""; there != (c.status == 1) {
				t.Errorf("it is there: %v", there)
			}
		})
	}
}

// meanwhile is a person's answer, before which something happens.
type meanwhile struct {
	text string
	do   func()
}

func (m *meanwhile) Read(p []byte) (int, error) {
	m.do()
	n := copy(p, m.text)
	m.text = m.text[n:]
	return n, nil
}

func TestDeletingWhatIsBrokenOrCannotBeRead(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg := p.configOf()
	p.set("/sg-baseline/groups/"+group, "{broken")
	expect(t, runCommand(t, &cfg, "", "delete", group, "--yes"), 0, "! the baseline is broken, and enforces nothing", "\n{broken\n", "deleted /sg-baseline/groups/"+group)

	for _, action := range []string{"GetParameters", "DeleteParameters", "DescribeSecurityGroups"} {
		p := newParameterStore(t)
		cfg := p.configOf()
		p.set("/sg-baseline/groups/"+group, `{"schema":1,"groupId":"`+group+`","ingress":[]}`)
		p.Inject(action, 40, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "no " + action, Status: 400}})
		expect(t, runCommand(t, &cfg, "", "delete", group, "--yes"), 1, "no "+action)
		if p.value("/sg-baseline/groups/"+group) == "" {
			t.Errorf("%s: it was deleted", action)
		}
	}
}

func TestThePartsOfALargeBaselineAreDeletedToo(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
	doc := &baseline.Document{Schema: 1, GroupID: group, Ingress: []baseline.Entry{}}
	for i := range 900 {
		r, err := parseRule(fmt.Sprintf("ingress tcp %d 10.%d.%d.0/24", 1+i*67%60000, i*31%251, i*97%241), group)
		if err == nil {
			err = doc.Allow(r, fmt.Sprintf("ticket %x", i*7919*7919))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Put(t.Context(), doc, baseline.Stored{}); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		answer, err := store.Client.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: &store.Prefix, Recursive: aws.Bool(true), MaxResults: aws.Int32(10)})
		if err != nil {
			t.Fatal(err)
		}
		return len(answer.Parameters)
	}
	if n := count(); n < 3 {
		t.Fatalf("it is in %d parameters", n)
	}
	got := runCommand(t, &cfg, "", "delete", group, "--yes", "--prefix", store.Prefix)
	expect(t, got, 0, "it permits 900 rules for good", "deleted")
	if n := count(); n != 0 || strings.Count(got.out, "protocol: tcp") < 800 {
		t.Errorf("%d parameters are left, and it said %.300s", n, got.out)
	}
}

func TestAfterAFailureHalfWayThePrintedTextSaysWhatIsDeleted(t *testing.T) {
	t.Parallel()
	const second = "sg-0b1b2c3d4e5f60718"
	p := newParameterStore(t)
	cfg := p.configOf()
	for _, id := range []string{group, second} {
		p.set("/sg-baseline/groups/"+id, `{"schema":1,"groupId":"`+id+`","ingress":[]}`)
	}
	p.Inject("DeleteParameters", 1, awsstub.Fault{})
	p.Inject("DeleteParameters", 20, awsstub.Fault{Error: &awsstub.Error{Code: "ExpiredTokenException", Message: "the token has expired", Status: 400}})
	got := runCommand(t, &cfg, "", "delete", group, second, "--yes")
	expect(t, got, 1, "deleted /sg-baseline/groups/"+group+"\nnot deleted: /sg-baseline/groups/"+second+"\n", second+": delete parameters", "the token has expired")
	if p.value("/sg-baseline/groups/"+group) != "" || p.value("/sg-baseline/groups/"+second) == "" {
		t.Error("it says something else than what it did")
	}
	expect(t, runCommand(t, &cfg, "", "delete", group, "--yes"), 1, "there is no baseline at /sg-baseline/groups/"+group)
}
