package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// group is a security group of the default VPC, with no rules but its own.
type group struct{ id, name string }

var groups atomic.Int32

func create(t *testing.T) group {
	t.Helper()
	g := group{name: fmt.Sprintf("test-%d", groups.Add(1))}
	made, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &g.name, Description: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	g.id = *made.GroupId
	return g
}

// guarded is a group with rules and a baseline that permits them.
func guarded(t *testing.T, adapt func(*baseline.Document), rules ...string) group {
	t.Helper()
	g := unguarded(t, rules...)
	document := g.document(t, rules...)
	if adapt != nil {
		adapt(document)
	}
	put(t, parameters, document)
	idle(t)
	return g
}

// unguarded is a group with rules, and without a baseline.
func unguarded(t *testing.T, rules ...string) group {
	t.Helper()
	g := create(t)
	if err := reference.Revoke(t.Context(), client, g.id, "egress all all 0.0.0.0/0"); err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		g.open(t, client, r)
	}
	idle(t)
	return g
}

func (g group) parameter() string { return prefix + "/groups/" + g.id }

func (g group) document(t *testing.T, rules ...string) *baseline.Document {
	t.Helper()
	document := baseline.Compose(g.id, g.name, nil)
	for _, text := range rules {
		if err := document.Allow(parse(t, text), "approved"); err != nil {
			t.Fatal(err)
		}
	}
	return document
}

func parse(t *testing.T, text string) rule.Rule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func put(t *testing.T, client *ssm.Client, document *baseline.Document) (version int64) {
	t.Helper()
	version, err := reference.Put(t.Context(), client, prefix, document)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func putText(t *testing.T, client *ssm.Client, name, text string, kind ssmtypes.ParameterType) {
	t.Helper()
	if _, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: &text, Type: kind, Overwrite: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
}

// remove deletes a parameter, also when the test is over.
func remove(t *testing.T, name string) {
	t.Helper()
	if _, err := parameters.DeleteParameter(context.WithoutCancel(t.Context()), &ssm.DeleteParameterInput{Name: &name}); err != nil {
		t.Fatal(err)
	}
}

func (g group) open(t *testing.T, as *ec2.Client, text string) {
	t.Helper()
	if err := reference.Authorize(t.Context(), as, g.id, text); err != nil {
		t.Fatal(err)
	}
}

func (g group) modify(t *testing.T, from, to string) {
	t.Helper()
	if err := reference.Modify(t.Context(), client, g.id, from, to); err != nil {
		t.Fatal(err)
	}
}

func (g group) live(t *testing.T) []string {
	t.Helper()
	live, err := reference.Live(t.Context(), client, g.id)
	if err != nil {
		t.Fatal(err)
	}
	return live
}

// has waits until the group has exactly these rules.
func (g group) has(t *testing.T, rules ...string) {
	t.Helper()
	slices.Sort(rules)
	deadline := time.Now().Add(patience)
	for {
		live := g.live(t)
		if slices.Equal(live, rules) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("rules (-want +got):\n%s", cmp.Diff(rules, live))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// alerts are those about the group so far.
func (g group) alerts(t *testing.T) []alert.Alert {
	t.Helper()
	var all []alert.Alert
	for _, message := range local.Alerts() {
		if a := decode(t, message.JSON); a.GroupID == g.id {
			all = append(all, a)
		}
	}
	return all
}

func decode(t *testing.T, text string) alert.Alert {
	t.Helper()
	var a alert.Alert
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// reported waits until everything so far is dealt with, and returns the group's one alert of a kind.
func (g group) reported(t *testing.T, kind alert.Kind) alert.Alert {
	t.Helper()
	idle(t)
	found := g.alerts(t)
	found = slices.DeleteFunc(found, func(a alert.Alert) bool { return a.Kind != kind })
	if len(found) != 1 {
		t.Fatalf("%d alerts of kind %s, want 1: %+v", len(found), kind, g.alerts(t))
	}
	return found[0]
}

// quiet waits until everything so far is dealt with, and fails if there are alerts but of changed baselines.
func (g group) quiet(t *testing.T) {
	t.Helper()
	idle(t)
	for _, a := range g.alerts(t) {
		if a.Kind != alert.BaselineChanged {
			t.Errorf("alert %+v", a)
		}
	}
}

// actions are an alert's findings, in a word each and in their order.
func actions(a alert.Alert) []string {
	var all []string
	for _, f := range a.Findings {
		all = append(all, fmt.Sprintf("%s: %s: %s", f.Verdict, f.Action, f.Rule))
	}
	return all
}

func want(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// bash runs a line in the repository's root, as a client of the local AWS.
func bash(t *testing.T, line string) string {
	t.Helper()
	return execute(t, "bash", "-euo", "pipefail", "-c", line)
}

func execute(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // go run may have to compile
	defer cancel()
	var out strings.Builder
	if err := local.Run(ctx, &out, program, arguments...); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func permission(port int32, cidr string) []types.IpPermission {
	return []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []types.IpRange{{CidrIp: &cidr}},
	}}
}
