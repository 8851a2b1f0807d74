package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// organizationWorld is a local AWS with an organisation of its own. moto has organisations and stack sets, and does not make
// the resource AWS::CloudFormation::StackSet: the test makes the set itself, as CloudFormation would.
type organizationWorld struct {
	config      aws.Config
	environment []string
	zips        string
}

func startOrganization(t *testing.T) organizationWorld {
	t.Helper()
	server := localtest.Moto(t)
	w := organizationWorld{awsconfig.New(server.URL, awsconfig.Keys), append(os.Environ(), awsconfig.Environment(server.URL, awsconfig.Keys)...), t.TempDir()}
	for _, function := range []string{"remediator", "sweeper", "notifier", "canary"} {
		if err := os.WriteFile(filepath.Join(w.zips, function+".zip"), []byte(function), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w organizationWorld) run(t *testing.T, name string, arguments ...string) (output string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Env = w.environment
	text, err := command.CombinedOutput()
	return strings.TrimSpace(string(text)), err
}

func (w organizationWorld) aws(t *testing.T, arguments ...string) string {
	t.Helper()
	output, err := w.run(t, "aws", append(arguments, "--output", "text")...)
	if err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return output
}

// organize makes an organisation with two accounts, of which one is closed, and the stack set's stacks in both.
func (w organizationWorld) organize(t *testing.T) (id, shop, old string) {
	t.Helper()
	organization, sets := organizations.NewFromConfig(w.config), cloudformation.NewFromConfig(w.config)
	made, err := organization.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{FeatureSet: "ALL"})
	must(t, err)
	_, err = organization.EnableAWSServiceAccess(t.Context(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("member.org.stacksets.cloudformation.amazonaws.com")})
	must(t, err)
	account := func(name string) string {
		made, err := organization.CreateAccount(t.Context(), &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@example.com")})
		must(t, err)
		return *made.CreateAccountStatus.AccountId
	}
	shop, old = account("shop"), account("old-shop")
	_, err = organization.CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: &old})
	must(t, err)
	_, err = sets.CreateStackSet(t.Context(), &cloudformation.CreateStackSetInput{StackSetName: aws.String("sgw"), TemplateBody: aws.String(`{"Resources": {}}`)})
	must(t, err)
	_, err = sets.CreateStackInstances(t.Context(), &cloudformation.CreateStackInstancesInput{StackSetName: aws.String("sgw"), Accounts: []string{shop, old}, Regions: []string{"us-east-1", "eu-west-1"}})
	must(t, err)
	return *made.Organization.Id, shop, old
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOrganizationScriptOnALocalAWS(t *testing.T) {
	t.Parallel()
	w := startOrganization(t)
	id, shop, old := w.organize(t)
	output, err := w.run(t, "./organization.sh", "--yes", "--zips", w.zips, "--ou", "r-a1b2", "--regions", "us-east-1")
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, want := range []string{shop + " shop ", "well in eu-west-1 us-east-1", old + " old-shop ", "the account is not active", "2 stacks are well, 0 failed, 2 were skipped"} {
		if !strings.Contains(output, want) {
			t.Errorf("no %q in\n%s", want, output)
		}
	}
	w.wantBucket(t, "us-east-1", id)
	if output, err := w.run(t, "./organization.sh", "--yes", "--remove"); err != nil || !strings.Contains(output, "What stays:") {
		t.Errorf("remove: %v\n%s", err, output)
	}
	if output, err := w.run(t, "aws", "cloudformation", "describe-stacks", "--stack-name", "sgwarden-organization"); err == nil {
		t.Errorf("it is still there: %s", output)
	}
}

// wantBucket wants a region's bucket to have the zips, and a policy for the organisation alone.
func (w organizationWorld) wantBucket(t *testing.T, region, organization string) {
	t.Helper()
	bucket := "sgwarden-artifacts-123456789012-" + region
	objects := w.aws(t, "s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key", "--region", region)
	for _, function := range []string{"remediator", "sweeper", "notifier", "canary"} {
		if !strings.Contains(objects, "sgwarden/sgwarden-organization/"+function+"-") {
			t.Errorf("%s has no zip of the %s: %s", bucket, function, objects)
		}
	}
	var policy struct {
		Statement []struct {
			Effect, Principal, Action, Resource string
			Condition                           map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(w.aws(t, "s3api", "get-bucket-policy", "--bucket", bucket, "--query", "Policy", "--region", region)), &policy); err != nil {
		t.Fatal(err)
	}
	if len(policy.Statement) != 1 {
		t.Fatalf("%s: policy %+v", bucket, policy)
	}
	s := policy.Statement[0]
	if s.Effect != "Allow" || s.Action != "s3:GetObject" || s.Resource != "arn:aws:s3:::"+bucket+"/sgwarden/*" || s.Condition["StringEquals"]["aws:PrincipalOrgID"] != organization {
		t.Errorf("%s: policy %+v", bucket, s)
	}
}
