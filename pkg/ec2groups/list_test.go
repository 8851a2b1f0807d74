package ec2groups_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

func groupWithName(id, name string) types.SecurityGroup {
	return types.SecurityGroup{GroupId: &id, GroupName: &name, VpcId: aws.String("vpc-0a")}
}

func TestGroupsAreListedAPageAtATimeInTheirOrder(t *testing.T) {
	t.Parallel()
	pages := map[string]awsstub.GroupsAnswer{
		"":  {Groups: []types.SecurityGroup{groupWithName("sg-3", "web"), groupWithName("sg-2", "web")}, NextToken: "b"},
		"b": {NextToken: "c"}, // EC2 may answer an empty page that is not the last
		"c": {Groups: []types.SecurityGroup{groupWithName("sg-1", "api")}},
	}
	_, groups := start(t, 0, map[string]awsstub.Handler{
		"DescribeSecurityGroups": func(r awsstub.Request) (any, error) { return pages[r.Form.Get("NextToken")], nil },
	})
	got, err := groups.List(context.Background(), ec2groups.Selection{})
	want := []secgroup.Group{{ID: "sg-1", Name: "api", VpcID: "vpc-0a"}, {ID: "sg-2", Name: "web", VpcID: "vpc-0a"}, {ID: "sg-3", Name: "web", VpcID: "vpc-0a"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v: %s", err, diff)
	}
}

func TestASelectionBecomesAFilter(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 201 {
		many = append(many, fmt.Sprintf("sg-%d", i))
	}
	cases := map[string]struct {
		selection ec2groups.Selection
		want      []string // name, number of values and first value of the filter of each call
	}{
		"all groups":        {ec2groups.Selection{}, []string{" 0 "}},
		"no groups":         {ec2groups.Selection{IDs: []string{}}, nil},
		"a VPC":             {ec2groups.Selection{VpcID: "vpc-0a"}, []string{"vpc-id 1 vpc-0a"}},
		"a tag":             {ec2groups.Selection{TagKey: "env", TagValue: "prod"}, []string{"tag:env 1 prod"}},
		"a tag, no value":   {ec2groups.Selection{TagKey: "env"}, []string{"tag:env 1 "}},
		"two groups":        {ec2groups.Selection{IDs: many[:2]}, []string{"group-id 2 sg-0"}},
		"more than at once": {ec2groups.Selection{IDs: many}, []string{"group-id 200 sg-0", "group-id 1 sg-200"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, groups := start(t, 0, map[string]awsstub.Handler{
				"DescribeSecurityGroups": func(awsstub.Request) (any, error) { return awsstub.GroupsAnswer{}, nil },
			})
			if _, err := groups.List(context.Background(), c.selection); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range s.Requests() {
				got = append(got, fmt.Sprintf("%s %d %s", r.Form.Get("Filter.1.Name"), len(r.List("Filter.1.Value")), r.Form.Get("Filter.1.Value.1")))
				if r.Form.Get("MaxResults") != "1000" {
					t.Errorf("asked for pages of %q", r.Form.Get("MaxResults"))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAListOfGroupsThatBreaksOffIsAnError(t *testing.T) {
	t.Parallel()
	_, groups := start(t, 0, map[string]awsstub.Handler{
		"DescribeSecurityGroups": func(r awsstub.Request) (any, error) {
			if r.Form.Get("NextToken") != "" {
				return nil, &awsstub.Error{Code: "UnauthorizedOperation", Message: "not you", Status: 403}
			}
			return awsstub.GroupsAnswer{Groups: []types.SecurityGroup{groupWithName("sg-1", "api")}, NextToken: "b"}, nil
		},
	})
	got, err := groups.List(context.Background(), ec2groups.Selection{})
	if err == nil || !strings.Contains(err.Error(), "describe the security groups: ") || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
}
