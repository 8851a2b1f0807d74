package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// FunctionClient is Lambda.
type FunctionClient interface {
	GetFunction(context.Context, *lambda.GetFunctionInput, ...func(*lambda.Options)) (*lambda.GetFunctionOutput, error)
	ListEventSourceMappings(context.Context, *lambda.ListEventSourceMappingsInput, ...func(*lambda.Options)) (*lambda.ListEventSourceMappingsOutput, error)
}

// Functions checks that the functions can run, and that each has the code that was deployed
// and that is built in the directory zips.
func Functions(ctx context.Context, client FunctionClient, stack deadletters.Stack, zips, region string) []Check {
	var functions []string
	for output := range stack.Outputs {
		if function, is := strings.CutSuffix(output, "FunctionName"); is {
			functions = append(functions, function) // such as Remediator
		}
	}
	slices.Sort(functions)
	found, codes := make([][]Check, len(functions)), make([]code, len(functions))
	inParallel(len(functions), func(i int) { codes[i], found[i] = function(ctx, client, stack, functions[i], zips, region) })
	problems := append(slices.Concat(found...), queueFeeds(ctx, client, stack, region)...)
	for _, c := range codes {
		problems = append(problems, c.problems(stack, zips)...)
	}
	return orPassed(problems, allCodes(codes, zips))
}

// function checks one function, whose outputs begin with a word such as Remediator. The code is
// the zero value where it is not known.
func function(ctx context.Context, client FunctionClient, stack deadletters.Stack, word, zips, region string) (code, []Check) {
	id, name := stack.Outputs[word+"FunctionName"], "function "+word
	answer, err := client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &id})
	var isDeleted *types.ResourceNotFoundException
	switch {
	case errors.As(err, &isDeleted):
		return code{}, []Check{{name, Fail, fmt.Sprintf("the function %s is gone", id), rebuild(stack)}}
	case err != nil:
		return code{}, []Check{unknown(name, "lambda:GetFunction", err)}
	}
	c, err := codeOf(stack, word, zips, answer.Configuration)
	if err != nil {
		return code{}, []Check{{name, Unknown, oneLine(err), "make build"}}
	}
	switch config := answer.Configuration; {
	case config.State == types.StateFailed, config.LastUpdateStatus == types.LastUpdateStatusFailed:
		return c, []Check{{name, Fail, fmt.Sprintf("Lambda can't run %s: %s%s", id, aws.ToString(config.StateReason), aws.ToString(config.LastUpdateStatusReason)), command(stack, "deploy/deploy.sh")}}
	case answer.Concurrency != nil && aws.ToInt32(answer.Concurrency.ReservedConcurrentExecutions) == 0:
		return c, []Check{{
			name, Fail, fmt.Sprintf("%s may never run: its reserved concurrency is 0", id),
			fmt.Sprintf("aws lambda delete-function-concurrency --function-name %s --region %s", id, region),
		}}
	}
	return c, edited(stack, word, answer.Configuration, region)
}

// queueFeeds checks that Lambda takes alerts from the queue.
func queueFeeds(ctx context.Context, client FunctionClient, stack deadletters.Stack, region string) []Check {
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
	return []Check{{name, Fail, "Lambda does not take alerts from the queue: there is no event source mapping", rebuild(stack)}}
}
