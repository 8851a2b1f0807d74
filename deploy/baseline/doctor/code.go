package doctor

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// Functions is Lambda.
type Functions interface {
	GetFunction(context.Context, *lambda.GetFunctionInput, ...func(*lambda.Options)) (*lambda.GetFunctionOutput, error)
	ListEventSourceMappings(context.Context, *lambda.ListEventSourceMappingsInput, ...func(*lambda.Options)) (*lambda.ListEventSourceMappingsOutput, error)
}

// Code checks that the functions can run, and that each has the code that was deployed and
// that is built in the directory zips.
func Code(ctx context.Context, client Functions, stack deadletters.Stack, zips, region string) []Check {
	var functions []string
	for output := range stack.Outputs {
		if function, is := strings.CutSuffix(output, "FunctionName"); is {
			functions = append(functions, function) // such as Remediator
		}
	}
	slices.Sort(functions)
	found := make([][]Check, len(functions))
	inParallel(len(functions), func(i int) { found[i] = function(ctx, client, stack, functions[i], zips, region) })
	return append(slices.Concat(found...), queueFeeds(ctx, client, stack, region)...)
}

// function checks one function, whose outputs begin with a word such as Remediator.
func function(ctx context.Context, client Functions, stack deadletters.Stack, word, zips, region string) []Check {
	id, name := stack.Outputs[word+"FunctionName"], "function "+word
	answer, err := client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &id})
	var gone *types.ResourceNotFoundException
	switch {
	case errors.As(err, &gone):
		return []Check{{name, Fail, fmt.Sprintf("the function %s is gone", id), "deploy/destroy.sh && deploy/deploy.sh"}}
	case err != nil || answer.Configuration == nil:
		return []Check{unknown(name, "lambda:GetFunction", err)}
	case answer.Configuration.State == types.StateFailed, answer.Configuration.LastUpdateStatus == types.LastUpdateStatusFailed:
		return []Check{{name, Fail, fmt.Sprintf("Lambda can't run %s: %s%s", id, aws.ToString(answer.Configuration.StateReason), aws.ToString(answer.Configuration.LastUpdateStatusReason)), command(stack, "deploy/deploy.sh")}}
	case answer.Concurrency != nil && aws.ToInt32(answer.Concurrency.ReservedConcurrentExecutions) == 0:
		return []Check{{
			name, Fail, fmt.Sprintf("%s may never run: its reserved concurrency is 0", id),
			fmt.Sprintf("aws lambda delete-function-concurrency --function-name %s --region %s", id, region),
		}}
	}
	return []Check{version(stack, word, zips, answer.Configuration)}
}

// keyDigest finds the digest that deploy.sh puts into the key of a zip in the code bucket.
var keyDigest = regexp.MustCompile(`-([0-9a-f]{64})\.zip$`)

// version compares the code of a function with the stack's and with the one that is built.
func version(stack deadletters.Stack, word, zips string, c *types.FunctionConfiguration) Check {
	name := "code " + word
	deployed := aws.ToString(c.CodeSha256)
	of := fmt.Sprintf("sha256 %s, changed at %s", shortDigest(deployed), aws.ToString(c.LastModified))
	if match := keyDigest.FindStringSubmatch(stack.Parameters[word+"CodeKey"]); match != nil && match[1] != hexOf(deployed) {
		return Check{name, Fail, fmt.Sprintf("the function runs other code (%s) than the stack deployed (sha256 %.12s)", of, match[1]),
			"find out who changed the code: aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=UpdateFunctionCode20150331v2"}
	}
	path := filepath.Join(zips, strings.ToLower(word)+".zip")
	built, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Check{name, OK, of + fmt.Sprintf("; not compared, as there is no %s", path), "make build"}
	case err != nil:
		return Check{name, Unknown, "could not be compared: " + oneLine(err), "make build"}
	}
	if sum := sha256.Sum256(built); base64.StdEncoding.EncodeToString(sum[:]) != deployed {
		return Check{name, Warn, fmt.Sprintf("the deployed code (%s) is not the one of %s (sha256 %.12s)", of, path, hex.EncodeToString(sum[:])), command(stack, "deploy/deploy.sh")}
	}
	return fine(name, "the deployed code is the one of %s (%s)", path, of)
}

// hexOf is a digest that Lambda gives in base64, in hexadecimal; empty where it is no digest.
func hexOf(digest string) string {
	raw, err := base64.StdEncoding.DecodeString(digest)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(raw)
}

func shortDigest(digest string) string { return fmt.Sprintf("%.12s", hexOf(digest)) }

// queueFeeds checks that Lambda takes alerts from the queue.
func queueFeeds(ctx context.Context, client Functions, stack deadletters.Stack, region string) []Check {
	const name = "notifier's queue"
	id := stack.Outputs["NotifierFunctionName"]
	answer, err := client.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{FunctionName: &id})
	if err != nil {
		return []Check{unknown(name, "lambda:ListEventSourceMappings", err)}
	}
	for _, m := range answer.EventSourceMappings {
		switch state := aws.ToString(m.State); state {
		case "Enabled", "Creating", "Updating", "Enabling":
			return nil
		default:
			return []Check{{
				name, Fail, fmt.Sprintf("Lambda does not take alerts from the queue: the mapping is %s", state),
				fmt.Sprintf("aws lambda update-event-source-mapping --uuid %s --enabled --region %s", aws.ToString(m.UUID), region),
			}}
		}
	}
	return []Check{{name, Fail, "Lambda does not take alerts from the queue: there is no event source mapping", "deploy/destroy.sh && deploy/deploy.sh"}}
}
