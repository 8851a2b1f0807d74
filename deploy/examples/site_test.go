package examples_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// site is an example as it was built in a VPC.
type site struct {
	folder string // deploy/examples/NAME
	vpcID  string
	ids    map[string]string   // of its groups, by name
	rules  map[string][]string // that the groups should have, by name, in rule text
	due    []string            // the alerts that have to come, each as alertText writes it
}

func newVPC(t *testing.T) string {
	t.Helper()
	vpc, err := admin.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	return *vpc.Vpc.VpcId
}

func defaultVPC(t *testing.T) string {
	t.Helper()
	found, err := admin.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{
		Filters: []types.Filter{{Name: aws.String("is-default"), Values: []string{"true"}}},
	})
	if err != nil || len(found.Vpcs) != 1 {
		t.Fatalf("error %v, %d default VPCs", err, len(found.Vpcs))
	}
	return *found.Vpcs[0].VpcId
}

func newGroup(t *testing.T, vpcID, name string) {
	t.Helper()
	if _, err := admin.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: aws.String("test"), VpcId: &vpcID}); err != nil {
		t.Fatal(err)
	}
}

// groupsOf are the ids of a VPC's groups by name, without the one called default.
func groupsOf(t *testing.T, vpcID string) map[string]string {
	t.Helper()
	found, err := admin.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{
		Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{vpcID}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, g := range found.SecurityGroups {
		if *g.GroupName != "default" {
			ids[*g.GroupName] = *g.GroupId
		}
	}
	return ids
}

// waitUntilStable waits until sgwarden has dealt with everything so far.
func waitUntilStable(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := local.WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
}

// approved adds the baselines of a folder, in which there are ids, to what the groups should have and subscribers hear.
func (s *site) approved(t *testing.T, folder string) {
	t.Helper()
	for _, name := range filesIn(t, folder) {
		document, err := yamlfile.Decode([]byte(read(t, name)), "")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s.ids[document.GroupName] != document.GroupID {
			t.Fatalf("%s is for %s, but %s is %s", name, document.GroupID, document.GroupName, s.ids[document.GroupName])
		}
		s.rules[document.GroupName] = []string{}
		for _, r := range document.PermanentRules() {
			s.rules[document.GroupName] = append(s.rules[document.GroupName], r.String())
		}
		s.due = append(s.due, s.alertText(alert.Alert{Kind: alert.BaselineChanged, Outcome: alert.None, GroupID: document.GroupID}))
	}
}

// rule is a rule text in which groups are named, with their ids and as alerts write it.
func (s *site) rule(t *testing.T, text string) string {
	t.Helper()
	if direction, name, isName := strings.Cut(text, "name:"); isName {
		text = direction + s.ids[name]
	}
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r.String()
}

// live compares the groups' rules with what they should be.
func (s *site) live(t *testing.T) {
	t.Helper()
	got, want := map[string][]string{}, map[string][]string{}
	for name, id := range s.ids {
		rules, err := reference.Live(t.Context(), admin, id)
		if err != nil {
			t.Fatal(err)
		}
		got[name], want[name] = rules, slices.Sorted(slices.Values(s.rules[name]))
		if len(want[name]) == 0 {
			want[name] = []string{}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("live rules (-want +got):\n%s", s.withNames(diff))
	}
}

// withNames writes the groups' names for their ids.
func (s *site) withNames(text string) string {
	for name, id := range s.ids {
		text = strings.ReplaceAll(text, id, name)
	}
	return text
}

// alerts compares everything that was said of the groups with what should have been.
func (s *site) alerts(t *testing.T) {
	t.Helper()
	var got []string
	for _, message := range local.Alerts() {
		if s.concerns(message) {
			got = append(got, s.alertText(decode(t, message)))
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(slices.Values(s.due)), got); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
}

func (s *site) concerns(message cloud.Alert) bool {
	return slices.Contains(slices.Collect(maps.Values(s.ids)), message.Attributes["groupId"])
}

func decode(t *testing.T, message cloud.Alert) (a alert.Alert) {
	t.Helper()
	if err := json.Unmarshal([]byte(message.JSON), &a); err != nil {
		t.Fatalf("alert %q: %v", message.Subject, err)
	}
	return a
}

// alertText is what matters of an alert, in a line.
func (s *site) alertText(a alert.Alert) string {
	text := fmt.Sprintf("%s of %s: %s", a.Kind, a.GroupID, a.Outcome)
	for _, f := range a.Findings {
		text += fmt.Sprintf("; %s: %s: %s", f.Verdict, f.Action, f.Rule)
	}
	if a.Kind == alert.Drift {
		text += " by " + a.Actor.ARN[strings.LastIndex(a.Actor.ARN, "/")+1:] + " with " + a.Event.Name
	}
	return s.withNames(text)
}

func filesIn(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("error %v, %d files in %s", err, len(names), folder)
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
