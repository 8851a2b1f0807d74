package cloud_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
)

func TestTheScriptSwitchesTheCanaryOnAndOff(t *testing.T) {
	t.Parallel()
	c := localtest.Cloud(t, cloud.Options{Deploy: cloud.Script("--canary", "on")})
	before, on := sentinel(t, c)
	if !on {
		t.Fatal("there is no canary")
	}
	if err := cloud.Script("--log-level", "debug")(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	after, _ := sentinel(t, c)
	if before != after {
		t.Errorf("its group is %q after the next deployment, and was %q", after, before)
	}
	live, err := reference.Live(t.Context(), ec2.NewFromConfig(c.Config()), after)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"egress all all 127.0.0.1/32"}, live); diff != "" {
		t.Errorf("rules of the sentinel group (-want +got):\n%s", diff)
	}
	if err := cloud.Script("--canary", "off")(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, on := sentinel(t, c); on {
		t.Error("the canary is still on")
	}
	if _, err := c.Invoke(t.Context(), "sgwarden-canary", nil); err == nil {
		t.Error("its function still runs")
	}
	for _, wrong := range [][]string{{"--canary", "perhaps"}, {"--canary-vpc", "default"}} {
		if err := cloud.Script(wrong...)(t.Context(), c); err == nil || !strings.Contains(err.Error(), strings.Join(wrong, " ")+": want ") {
			t.Errorf("deploy.sh %v: %v", wrong, err)
		}
	}
}

// sentinel is the group of the stack's canary.
func sentinel(t *testing.T, c *cloud.Cloud) (id string, on bool) {
	t.Helper()
	found, err := cloudformation.NewFromConfig(c.Config()).DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String("sgwarden")})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range found.StackResources {
		if aws.ToString(r.LogicalResourceId) == "CanaryGroup" {
			return aws.ToString(r.PhysicalResourceId), true
		}
	}
	return "", false
}
