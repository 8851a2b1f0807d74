package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// TestExplainAnEventThatNamesItsGroupByName, as EC2 allows in the default VPC.
func TestExplainAnEventThatNamesItsGroupByName(t *testing.T) {
	t.Parallel()
	const event = "../../events/authorize-ingress-by-name-without-rule-set.json" // the group is "web"
	cases := map[string]struct {
		file   string // judged by it, and not by Parameter Store
		groups []types.SecurityGroup
		asked  int // how often EC2 is
		status int
		want   string
	}{
		"EC2 knows it":                    {"", []types.SecurityGroup{{GroupId: aws.String(group)}}, 1, 2, "group: " + group},
		"EC2 doesn't":                     {"", nil, 1, 1, `the event names its group only as "web", in the default VPC: describe group web: 0 groups: it does not exist any more`},
		"the file is for that name":       {explainedFile + "groupName: web\n", nil, 0, 2, "group: " + group},
		"the file doesn't say a name":     {explainedFile, nil, 0, 2, "group: " + group},
		"the file is for another name":    {explainedFile + "groupName: db\n", []types.SecurityGroup{{GroupId: aws.String("sg-0c")}}, 1, 1, "is for " + group + ", not for sg-0c"},
		"the file is for its name of old": {explainedFile + "groupName: old\n", []types.SecurityGroup{{GroupId: aws.String(group)}}, 1, 2, "group: " + group},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := awsstub.New(0, map[string]awsstub.Handler{
				"DescribeSecurityGroups": func(awsstub.Request) (any, error) { return awsstub.GroupsAnswer{Groups: c.groups}, nil },
				"GetParametersByPath":    func(awsstub.Request) (any, error) { return awsstub.HistoryAnswer{}, nil },
				"GetParameters": func(awsstub.Request) (any, error) {
					return awsstub.ParametersAnswer{Parameters: []awsstub.Parameter{
						{Name: "/sg-baseline/groups/" + group, Type: "String", Value: fourVersions[0], Version: 1},
					}}, nil
				},
			})
			t.Cleanup(stub.Close)
			args := []string{"explain", event}
			if c.file != "" {
				path := filepath.Join(t.TempDir(), "a.yaml")
				if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, "--baseline", path)
			}
			cfg := stub.Config()
			got := runCommand(t, &cfg, "", args...)
			if got.status != c.status || !strings.Contains(got.out+got.errs, c.want) {
				t.Errorf("got %+v, want %q", got, c.want)
			}
			if asked := len(stub.Requests("DescribeSecurityGroups")); asked != c.asked {
				t.Errorf("EC2 was asked %d times", asked)
			}
		})
	}
}
