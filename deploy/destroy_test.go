package deploy_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
)

// what destroy.sh says of each part that is left.
var left = []string{
	"The baselines, the guardrail, the approvals, the pause, the trust and the prefix lists under /sg-baseline",
	"/sg-baseline/unreported", "aws ssm get-parameters-by-path --path /sg-baseline --recursive", "KMS deletes it in 7 days",
	"The CloudTrail trail: the stack did not make it", "Amazon Q Developer", "CloudWatch does after 15 months",
}

func TestDestroy(t *testing.T) {
	t.Parallel()
	w := startMeddled(t)
	for name, row := range map[string]struct {
		stack     string   // its name, "" for none
		owned     bool     // has sgwarden's parameters
		status    string   // instead of CREATE_COMPLETE
		deletion  string   // an error code that DeleteStack answers with
		arguments []string // besides the stack's name
		code      int
		said      []string
		deleted   bool
	}{
		"a stack of sgwarden's is removed, and what stays is said": {
			stack: "mine", owned: true, arguments: []string{"--yes"}, deleted: true,
			said: append([]string{"This removes from account 123456789012, region us-east-1:", "stack mine is gone", "bucket sgwarden-artifacts-123456789012-us-east-1 was empty and is gone"}, left...),
		},
		"nobody to ask": {stack: "unasked", owned: true, code: 1, said: []string{"This removes from account", "this is not a terminal to ask on: say --yes"}},
		"a stack of another project": {
			stack: "theirs", arguments: []string{"--yes"}, code: 1,
			said: []string{"stack theirs is not sgwarden's, as it lacks the parameters BaselinePrefix and CodeBucket: leaving it alone"},
		},
		"no stack":                      {arguments: []string{"--yes"}, said: []string{"there is no stack absent in us-east-1 of account 123456789012: are --stack-name and AWS_REGION right?\n\nThis removes", "there is no bucket sgwarden-artifacts-123456789012-us-east-1", "The CloudTrail trail"}},
		"a stack that is updated":       {stack: "busy", owned: true, status: "UPDATE_IN_PROGRESS", arguments: []string{"--yes"}, code: 1, said: []string{"stack busy is UPDATE_IN_PROGRESS: wait until that is over"}},
		"a change set alone":            {stack: "review", owned: true, status: "REVIEW_IN_PROGRESS", arguments: []string{"--yes"}, deleted: true, said: []string{"stack review is gone"}},
		"a stack that is being deleted": {stack: "going", owned: true, status: "DELETE_IN_PROGRESS", arguments: []string{"--yes"}, deleted: true, said: []string{"somebody is removing stack going already", "stack going is gone"}},
		"a removal that failed and works now": {
			stack: "again", owned: true, status: "DELETE_FAILED", arguments: []string{"--yes"}, deleted: true,
			said: []string{"a former removal of stack again failed:\n", "CanaryGroup\tresource sg-1 has a dependent object\n", "trying again", "stack again is gone"},
		},
		"a removal that fails again": {
			stack: "stuck", owned: true, status: "DELETE_FAILED", deletion: "none", arguments: []string{"--yes"}, code: 1,
			said: []string{"CanaryGroup\tresource sg-1 has a dependent object", "stack stuck could not be removed", "--stack-name stuck --retain-resources CanaryGroup"},
		},
		"a stack that is protected": {
			stack: "safe", owned: true, deletion: "TerminationProtection", arguments: []string{"--yes"}, code: 1,
			said: []string{"cannot remove stack safe, as it is protected", "update-termination-protection --no-enable-termination-protection --stack-name safe"},
		},
		"a stack of a stack set":     {stack: "StackSet-sgwarden-1", owned: true, arguments: []string{"--yes"}, code: 1, said: []string{"belongs to a stack set"}},
		"a bucket that is not there": {stack: "bucketless", owned: true, arguments: []string{"--yes", "--bucket", "elsewhere"}, deleted: true, said: []string{"there is no bucket elsewhere"}},
		"a name that is none":        {arguments: []string{"--yes", "--stack-name", "a_b"}, code: 1, said: []string{"--stack-name 'a_b' is not the name of a stack"}},
		"an empty name":              {arguments: []string{"--yes", "--stack-name="}, code: 1, said: []string{"--stack-name '' is not the name of a stack"}},
		"an unknown option":          {arguments: []string{"--force"}, code: 1, said: []string{"unknown option --force; see --help"}},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: they share the default bucket
			stack := "absent"
			if row.stack != "" {
				stack = row.stack
				w.makeStack(t, stack, row.owned)
			}
			w.meddle(row.status, row.deletion)
			got := w.destroy(t, append([]string{"--stack-name", stack}, row.arguments...)...)
			w.meddle("", "")
			if got.status != row.code {
				t.Errorf("status %d, want %d", got.status, row.code)
			}
			for _, want := range row.said {
				if !strings.Contains(got.out+got.errs, want) {
					t.Errorf("it did not say %q but %s%s", want, got.out, got.errs)
				}
			}
			if row.stack != "" && w.exists(t, stack) == row.deleted {
				t.Errorf("the stack is there: %t, and it should be deleted: %t", !row.deleted, row.deleted)
			}
		})
	}
}

func TestDestroyLeavesTheDocumentsAndTakesTheNotes(t *testing.T) {
	t.Parallel()
	w := startMeddled(t)
	w.makeStack(t, "sgwarden", true)
	client := ssm.NewFromConfig(awsconfig.New(w.moto.URL, awsconfig.Keys))
	kept := []string{"/sg-baseline/approvals/sg-1/inc", "/sg-baseline/groups/sg-1", "/sg-baseline/guardrail", "/sg-baseline/unreported/a/1"}
	for _, name := range append([]string{"/sg-baseline/sweep", "/sg-baseline/sweep-request", "/sg-baseline/told/0", "/sg-baseline/told/f"}, kept...) {
		if _, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: aws.String("x"), Type: ssmtypes.ParameterTypeString}); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.destroy(t, "--yes"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	found, err := client.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("/sg-baseline"), Recursive: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range found.Parameters {
		names = append(names, *p.Name)
	}
	slices.Sort(names)
	if diff := cmp.Diff(kept, names); diff != "" {
		t.Errorf("parameters after destroy.sh (-want +got):\n%s", diff)
	}
}

func TestDestroyWarnsThatOthersForwardTheirAlerts(t *testing.T) {
	t.Parallel()
	w := startMeddled(t)
	w.makeStack(t, "central", true, types.Parameter{ParameterKey: aws.String("OrganizationId"), ParameterValue: aws.String("o-a1b2c3d4e5")})
	const want = "Stacks of organization o-a1b2c3d4e5 may forward their alerts to this stack."
	if got := w.destroy(t, "--stack-name", "central", "--yes"); !strings.Contains(got.out, want) {
		t.Errorf("it did not say %q but %s%s", want, got.out, got.errs)
	}
}

// makeStack makes a stack with a topic, and sgwarden's parameters where it is sgwarden's, and code of it in the bucket.
func (w *meddled) makeStack(t *testing.T, name string, owned bool, more ...types.Parameter) {
	t.Helper()
	declared := map[string]string{"CodeBucket": defaultBucket}
	if owned {
		declared["BaselinePrefix"] = "/sg-baseline"
	}
	for _, p := range more {
		declared[*p.ParameterKey] = *p.ParameterValue
	}
	var parameters strings.Builder
	for key, value := range declared {
		fmt.Fprintf(&parameters, "  %s: {Type: String, Default: %q}\n", key, value)
	}
	body := "Parameters:\n" + parameters.String() + "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"
	client := cloudformation.NewFromConfig(awsconfig.New(w.moto.URL, awsconfig.Keys))
	if _, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body}); err != nil {
		t.Fatal(err)
	}
	object := "/" + defaultBucket + "/sgwarden/" + name + "/x.zip"
	w.s3(t, http.MethodPut, "/"+defaultBucket)
	w.s3(t, http.MethodPut, object)
	t.Cleanup(func() { // of stacks that stay
		w.s3(t, http.MethodDelete, object)
		w.s3(t, http.MethodDelete, "/"+defaultBucket)
	})
}

// s3 makes or deletes a bucket, /BUCKET, or an object, /BUCKET/KEY. To delete what does not exist is no error.
func (w *meddled) s3(t *testing.T, method, path string) {
	t.Helper()
	request, err := http.NewRequest(method, w.moto.URL+path, strings.NewReader("")) // without the test's context, which has ended in a Cleanup
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode >= 500 {
		t.Fatalf("%s %s: %s, %v", method, path, answer.Status, err)
	}
}

const defaultBucket = "sgwarden-artifacts-123456789012-us-east-1"

func (w *meddled) exists(t *testing.T, stack string) bool {
	t.Helper()
	client := cloudformation.NewFromConfig(awsconfig.New(w.moto.URL, awsconfig.Keys))
	found, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil && !strings.Contains(err.Error(), "does not exist") {
		t.Fatal(err)
	}
	return err == nil && len(found.Stacks) > 0
}

func (w *meddled) destroy(t *testing.T, arguments ...string) scriptRun {
	t.Helper()
	return w.command(t, append([]string{"bash", "destroy.sh"}, arguments...)...)
}

// command runs a program as a client of this AWS, without an input to answer from.
func (w *meddled) command(t *testing.T, arguments ...string) scriptRun {
	t.Helper()
	command := exec.CommandContext(t.Context(), arguments[0], arguments[1:]...)
	command.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_") }),
		awsconfig.Environment(w.url, awsconfig.Keys)...)
	var out, errs strings.Builder
	command.Stdout, command.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return scriptRun{out.String(), errs.String(), command.ProcessState.ExitCode()}
}
