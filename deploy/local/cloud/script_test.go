package cloud_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// moreThanARequestTakes is what CloudFormation takes in a request, and the local AWS with it, and a byte.
const moreThanARequestTakes = 51_201

func TestTheScriptDeploysATemplateThatIsTooLargeForARequest(t *testing.T) {
	t.Parallel()
	root := copyOfDeploy(t, "#"+strings.Repeat("x", moreThanARequestTakes)+"\n")
	c := localtest.Cloud(t, cloud.Options{Root: root, Deploy: cloud.Script("--grace=25", "--email", "ana@example.com")})
	wantGrace(t, c, "25")
	template := filepath.Join(root, "deploy", "template.yaml")
	if err := c.Run(t.Context(), nil, "aws", "cloudformation", "create-stack", "--stack-name", "other", "--template-body", "file://"+template); err == nil {
		t.Error("a request took the template")
	}
	const bucket = "sgwarden-artifacts-" + cloud.Account + "-us-east-1"
	if keys := objects(t, c, bucket); strings.Count(keys, "sgwarden/sgwarden/template-") != 1 || strings.Count(keys, ".yaml") != 1 {
		t.Errorf("objects in the bucket: %s, want one template", keys)
	}

	if err := cloud.Script("--log-level", "debug")(t.Context(), c); err != nil { // keeps the grace period
		t.Fatal(err)
	}
	wantGrace(t, c, "25")
	if err := cloud.Script("--grace", "0")(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	wantGrace(t, c, "0")
	if keys := objects(t, c, bucket); strings.Count(keys, ".yaml") != 1 {
		t.Errorf("objects in the bucket: %s, want the one template that has not changed", keys)
	}
	wantNothingChanged(t, c, root)
	wantOtherRegion(t, c, root)
	var said bytes.Buffer
	if err := c.Run(t.Context(), &said, "bash", filepath.Join(root, "deploy", "deploy.sh"), "--grace", "1441"); err == nil || said.String() != "deploy.sh: --grace 1441: want minutes, 0 to 1440\n" {
		t.Errorf("a grace period of more than a day: %v: %s", err, &said)
	}

	if err := c.Run(t.Context(), nil, "bash", filepath.Join(root, "deploy", "destroy.sh"), "--yes"); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context(), nil, "aws", "s3api", "head-bucket", "--bucket", bucket); err == nil {
		t.Errorf("bucket %s is still there, with %s", bucket, objects(t, c, bucket))
	}
}

// wantNothingChanged deploys what is there already.
func wantNothingChanged(t *testing.T, c *cloud.Cloud, root string) {
	t.Helper()
	said := deployTo(t, c, root, "--grace", "0")
	if !strings.Contains(said, "nothing changed: stack sgwarden in us-east-1 is as asked, in mode enforce") || strings.Contains(said, "Next:") {
		t.Errorf("without changes it says %s", said)
	}
}

// wantOtherRegion deploys to a second region, and nothing to the first one.
func wantOtherRegion(t *testing.T, c *cloud.Cloud, root string) {
	t.Helper()
	said := deployTo(t, c, root, "--regions", "us-east-1,eu-west-1")
	const want = "us-east-1        nothing changed, in mode enforce\neu-west-1        deployed, in mode enforce\n"
	if !strings.Contains(said, want) {
		t.Errorf("with two regions it says %s, want %s", said, want)
	}
	if err := c.Run(t.Context(), nil, "aws", "lambda", "get-function", "--region", "eu-west-1", "--function-name", "sgwarden-remediator"); err != nil {
		t.Error(err)
	}
}

// deployTo returns what deploy.sh prints.
func deployTo(t *testing.T, c *cloud.Cloud, root string, arguments ...string) string {
	t.Helper()
	var said bytes.Buffer
	always := []string{filepath.Join(root, "deploy", "deploy.sh"), "--yes", "--skip-checks", "--zips", filepath.Join(root, "build", "local")}
	if err := c.Run(t.Context(), &said, "bash", append(always, arguments...)...); err != nil {
		t.Fatal(err)
	}
	return said.String()
}

// copyOfDeploy returns a repository with what deploy.sh needs, and more text in its template.
func copyOfDeploy(t *testing.T, text string) (root string) {
	t.Helper()
	root = t.TempDir()
	deploy, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	errs := []error{
		os.Mkdir(filepath.Join(root, "deploy"), 0o755),
		os.Symlink(filepath.Join(deploy, "..", "build"), filepath.Join(root, "build")),
	}
	scripts, err := filepath.Glob(filepath.Join(deploy, "*.sh"))
	errs = append(errs, err)
	for _, path := range append(scripts, filepath.Join(deploy, "template.yaml")) {
		content, err := os.ReadFile(path)
		if filepath.Base(path) == "template.yaml" {
			content = append(content, text...)
		}
		errs = append(errs, err, os.WriteFile(filepath.Join(root, "deploy", filepath.Base(path)), content, fs.FileMode(0o755)))
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return root
}

// wantGrace wants the grace period in the environment of the functions that judge, and among the stack's parameters.
func wantGrace(t *testing.T, c *cloud.Cloud, minutes string) {
	t.Helper()
	for _, function := range []string{"remediator", "sweeper"} {
		var out bytes.Buffer
		if err := c.Run(t.Context(), &out, "aws", "lambda", "get-function-configuration", "--function-name", "sgwarden-"+function,
			"--query", "Environment.Variables.GRACE_MINUTES", "--output", "text"); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(out.String()); got != minutes {
			t.Errorf("the %s has GRACE_MINUTES %q, want %s", function, got, minutes)
		}
	}
	found, err := cloudformation.NewFromConfig(c.Config()).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("sgwarden")})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found.Stacks[0].Parameters {
		if aws.ToString(p.ParameterKey) == "GraceMinutes" && aws.ToString(p.ParameterValue) != minutes {
			t.Errorf("the stack has GraceMinutes %s, want %s", aws.ToString(p.ParameterValue), minutes)
		}
	}
}

func objects(t *testing.T, c *cloud.Cloud, bucket string) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.Run(t.Context(), &out, "aws", "s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key", "--output", "text"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
