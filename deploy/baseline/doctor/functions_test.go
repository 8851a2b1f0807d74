package doctor

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// lambdaService plays Lambda, with one function.
type lambdaService struct {
	function *lambda.GetFunctionOutput
	mapping  string // its state; empty where there is none
	err      error
}

func (l lambdaService) GetFunction(context.Context, *lambda.GetFunctionInput, ...func(*lambda.Options)) (*lambda.GetFunctionOutput, error) {
	return l.function, l.err
}

func (l lambdaService) ListEventSourceMappings(context.Context, *lambda.ListEventSourceMappingsInput, ...func(*lambda.Options)) (*lambda.ListEventSourceMappingsOutput, error) {
	out := &lambda.ListEventSourceMappingsOutput{}
	if l.mapping != "" {
		out.EventSourceMappings = []types.EventSourceMappingConfiguration{{State: &l.mapping, UUID: aws.String("u-1")}}
	}
	return out, nil
}

func running(zip string, state types.State, reserved *int32) *lambda.GetFunctionOutput {
	sum := sha256.Sum256([]byte(zip))
	out := &lambda.GetFunctionOutput{Configuration: &types.FunctionConfiguration{
		CodeSha256: aws.String(base64.StdEncoding.EncodeToString(sum[:])), State: state, StateReason: aws.String("the key is gone"),
		LastModified: aws.String("2026-11-28T09:00:00.000+0000"),
	}}
	if reserved != nil {
		out.Concurrency = &types.Concurrency{ReservedConcurrentExecutions: reserved}
	}
	return out
}

func digest(zip string) string {
	sum := sha256.Sum256([]byte(zip))
	return hex.EncodeToString(sum[:])
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	zips, none := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(zips, "notifier.zip"), []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		client lambdaService
		zips   string
		key    string
		want   Check
	}{
		"the code that is built": {lambdaService{running("new", types.StateActive, nil), "Enabled", nil}, zips, "x/notifier-" + digest("new") + ".zip", Check{
			"code", OK, "the functions can run, and their code is that of " + zips + ": notifier " + digest("new")[:12], "",
		}},
		"nothing is built": {lambdaService{running("new", types.StateActive, nil), "Enabled", nil}, none, "a-key", Check{
			"code", OK, "the functions can run: notifier " + digest("new")[:12] + "; not compared with notifier.zip, which " + none + " does not have", "make build",
		}},
		"older code than is built": {lambdaService{running("old", types.StateActive, nil), "Enabled", nil}, zips, "x/notifier-" + digest("old") + ".zip", Check{
			"code Notifier", Warn, "the function runs other code (sha256 " + digest("old")[:12] + ", changed at 2026-11-28T09:00:00.000+0000) than " + zips + "/notifier.zip (sha256 " + digest("new")[:12] + ")", "deploy/deploy.sh",
		}},
		"other code than was deployed": {lambdaService{running("evil", types.StateActive, nil), "Enabled", nil}, zips, "x/notifier-" + digest("new") + ".zip", Check{
			"code Notifier", Fail, "the function runs other code (sha256 " + digest("evil")[:12] + ", changed at 2026-11-28T09:00:00.000+0000) than the stack deployed (sha256 " + digest("new")[:12] + ")",
			"find out who changed the code: aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=UpdateFunctionCode20150331v2",
		}},
		"a function that can't run": {lambdaService{running("new", types.StateFailed, nil), "Enabled", nil}, zips, "", Check{"function Notifier", Fail, "Lambda can't run sgwarden-notifier: the key is gone", "deploy/deploy.sh"}},
		"a function that may not run": {lambdaService{running("new", types.StateActive, aws.Int32(0)), "Enabled", nil}, zips, "", Check{
			"function Notifier", Fail, "sgwarden-notifier may never run: its reserved concurrency is 0", "aws lambda delete-function-concurrency --function-name sgwarden-notifier --region us-east-1",
		}},
		"a function with a reserve": {lambdaService{running("new", types.StateActive, aws.Int32(5)), "Enabled", nil}, zips, "", Check{
			"code", OK, "the functions can run, and their code is that of " + zips + ": notifier " + digest("new")[:12], "",
		}},
		"a function that is deleted": {lambdaService{nil, "Enabled", &types.ResourceNotFoundException{}}, zips, "", Check{"function Notifier", Fail, "the function sgwarden-notifier is gone", rebuild(aStack())}},
		"no permission":              {lambdaService{nil, "Enabled", denied}, zips, "", unknown("function Notifier", "lambda:GetFunction", denied)},
		"a mapping that is off": {lambdaService{running("new", types.StateActive, nil), "Disabled", nil}, zips, "", Check{
			"notifier's queue", Fail, "Lambda does not take alerts from the queue: the mapping is Disabled", "aws lambda update-event-source-mapping --uuid u-1 --enabled --region us-east-1",
		}},
		"no mapping": {lambdaService{running("new", types.StateActive, nil), "", nil}, zips, "", Check{
			"notifier's queue", Fail, "Lambda does not take alerts from the queue: there is no event source mapping", rebuild(aStack()),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stack := aStack()
			delete(stack.Outputs, "SweeperFunctionName")
			delete(stack.Outputs, "RemediatorFunctionName")
			stack.Parameters["NotifierCodeKey"] = c.key
			expect(t, Functions(t.Context(), c.client, stack, c.zips, "us-east-1"), c.want)
		})
	}
}
