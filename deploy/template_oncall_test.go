package deploy_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// onCallPolicy is the documented policy of people who may only approve, with values instead of its placeholders.
func onCallPolicy(t *testing.T) string {
	t.Helper()
	return strings.NewReplacer("${partition}", "aws", "${region}", "eu-central-1", "${account}", "111122223333", "${prefix}", "/sg-baseline").
		Replace(read(t, "oncall-policy.json"))
}

func TestTheOnCallPolicyHasFourPlaceholders(t *testing.T) {
	t.Parallel()
	found := regexp.MustCompile(`\$\{[^}]*\}`).FindAllString(read(t, "oncall-policy.json"), -1)
	if diff := cmp.Diff([]string{"${account}", "${partition}", "${prefix}", "${region}"}, slices.Sorted(slices.Values(found))); diff != "" {
		t.Errorf("placeholders (-want +got):\n%s", diff)
	}
}

// moto doesn't look at the resources of a policy, so they are judged here.
func TestWhoIsOnCallMayApproveAndNothingElse(t *testing.T) {
	t.Parallel()
	var policy map[string]any
	if err := json.Unmarshal([]byte(onCallPolicy(t)), &policy); err != nil {
		t.Fatal(err)
	}
	const approval = underPrefix + "/approvals/sg-1/inc-1234"
	for _, row := range []struct {
		action, resource string
		want             bool
	}{
		{"ssm:PutParameter", approval, true},
		{"ssm:DeleteParameter", approval, true},
		{"ssm:GetParameter", approval, true},
		{"ssm:GetParameters", approval, true},
		{"ssm:GetParameterHistory", approval, true},
		{"ssm:GetParametersByPath", underPrefix + "/approvals/sg-1", true},
		{"ssm:PutParameter", underPrefix + "/approvals/sg-1/pending-7", true}, // approves for good what waits

		{"ssm:DeleteParameters", approval, false},
		{"ssm:LabelParameterVersion", approval, false},
		{"ssm:AddTagsToResource", approval, false},
		{"ssm:PutParameter", underPrefix + "/groups/sg-1", false},
		{"ssm:PutParameter", underPrefix + "/guardrail", false},
		{"ssm:PutParameter", underPrefix + "/pause", false},
		{"ssm:PutParameter", underPrefix + "/trust", false},
		{"ssm:PutParameter", underPrefix + "/sweep-request", false},
		{"ssm:PutParameter", underPrefix + "/unreported/approvals/x", false},
		{"ssm:PutParameter", underPrefix + "-other/approvals/sg-1/x", false},
		{"ssm:PutParameter", strings.Replace(approval, "111122223333", "444455556666", 1), false},
		{"ssm:PutParameter", strings.Replace(approval, "eu-central-1", "us-east-1", 1), false},
		{"ssm:DeleteParameter", underPrefix + "/groups/sg-1", false},
		{"ssm:GetParameter", underPrefix + "/groups/sg-1", false},
		{"ssm:GetParametersByPath", underPrefix, false},
		{"ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1", false},
		{"kms:Decrypt", "arn:aws:kms:eu-central-1:111122223333:key/k", false},
		{"sns:Publish", "arn:aws:sns:eu-central-1:111122223333:alerts", false},
	} {
		if got := permits(list(policy["Statement"]), row.action, row.resource); got != row.want {
			t.Errorf("may %s on %s: %t, want %t", row.action, row.resource, got, row.want)
		}
	}
}

// onCallCommands are the AWS CLI's, for an approval that exists. The twin of each refusal is an administrator's call.
var onCallCommands = []struct {
	name, command string
	may           bool
}{
	{"approves", "ssm put-parameter --name /sg-baseline/approvals/sg-1/new --type String --value {}", true},
	{"extends an approval", "ssm put-parameter --name /sg-baseline/approvals/sg-1/inc --value {} --overwrite", true},
	{"reads an approval", "ssm get-parameter --name /sg-baseline/approvals/sg-1/inc", true},
	{"reads approvals", "ssm get-parameters --names /sg-baseline/approvals/sg-1/inc", true},
	{"lists the approvals of a group", "ssm get-parameters-by-path --path /sg-baseline/approvals/sg-1", true},
	{"sees who approved", "ssm get-parameter-history --name /sg-baseline/approvals/sg-1/inc", true},
	{"lists all parameters", "ssm describe-parameters", false},
	{"labels an approval", "ssm label-parameter-version --name /sg-baseline/approvals/sg-1/inc --labels x", false},
	{"lists groups", "ec2 describe-security-groups", false},
	{"makes a group", "ec2 create-security-group --group-name NAME --description x", false},
	{"lists roles", "iam list-roles", false},
	{"lists topics", "sns list-topics", false},
	{"takes an approval back", "ssm delete-parameter --name /sg-baseline/approvals/sg-1/new", true},
	{"removes approvals at once", "ssm delete-parameters --names /sg-baseline/approvals/sg-1/inc", false},
}

func TestWhoIsOnCallWorksWithTheAWSCLI(t *testing.T) {
	t.Parallel()
	server := localtest.Moto(t)
	admin := cli{server.URL, awsconfig.Keys}
	admin.must(t, "ssm put-parameter --name /sg-baseline/approvals/sg-1/inc --type String --value {}")
	admin.must(t, "iam create-role --role-name on-call --assume-role-policy-document", `{"Version": "2012-10-17", "Statement": []}`)
	// A resource with an ARN permits nothing in moto.
	everywhere := regexp.MustCompile(`"arn:[^"]*"`).ReplaceAllString(onCallPolicy(t), `"*"`)
	admin.must(t, "iam put-role-policy --role-name on-call --policy-name approve --policy-document", everywhere)
	session := strings.Fields(admin.must(t, "sts assume-role --role-arn arn:aws:iam::123456789012:role/on-call --role-session-name ana "+
		"--query Credentials.[AccessKeyId,SecretAccessKey,SessionToken] --output text"))
	onCall := cli{server.URL, aws.Credentials{AccessKeyID: session[0], SecretAccessKey: session[1], SessionToken: session[2]}}

	for _, row := range onCallCommands {
		admin.must(t, strings.ReplaceAll(row.command, "NAME", "admin"))
	}
	admin.must(t, "ssm put-parameter --name /sg-baseline/approvals/sg-1/inc --type String --value {}")
	enforceIAM(t, server.URL)
	for _, row := range onCallCommands {
		out, err := onCall.run(strings.ReplaceAll(row.command, "NAME", "on-call"))
		if may := err == nil; may != row.may || !may && !strings.Contains(out, "is not authorized to perform") {
			t.Errorf("%s: %t, want %t: %s", row.name, may, row.may, out)
		}
	}
}

// enforceIAM makes moto check whether each call is permitted.
func enforceIAM(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/moto-api/reset-auth", strings.NewReader("0"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "text/plain")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("moto: %s", response.Status)
	}
}

// cli is the AWS CLI with somebody's keys.
type cli struct {
	url  string
	keys aws.Credentials
}

func (c cli) run(command string, more ...string) (output string, err error) {
	cmd := exec.Command("aws", append(strings.Fields(command), more...)...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(append(cmd.Env, awsconfig.Environment(c.url, c.keys)...), "AWS_MAX_ATTEMPTS=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c cli) must(t *testing.T, command string, more ...string) string {
	t.Helper()
	out, err := c.run(command, more...)
	if err != nil {
		t.Fatalf("aws %s: %v: %s", command, err, out)
	}
	return out
}
