package doctor

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// sample is an ARN with something instead of each *, since a simulation takes an ARN as
// it stands. A * alone means all resources.
func sample(arn string) string {
	if arn == "*" {
		return arn
	}
	return strings.ReplaceAll(arn, "*", "sample")
}

// stackFacts fills in what CloudFormation's ${...} stand for in a stack.
type stackFacts struct {
	stack, region string
	names         map[string]string // by logical id, parameter, or pseudo parameter
	arns          map[string]string // by logical id
}

func newStackFacts(stack deadletters.Stack, resources []Resource, where account.Identity, region string) stackFacts {
	partition := "aws"
	if parts := strings.Split(where.ARN, ":"); len(parts) > 1 {
		partition = parts[1]
	}
	p := stackFacts{stack.Name, region, map[string]string{}, map[string]string{}}
	for name, value := range stack.Parameters {
		p.names[name] = value
	}
	for _, r := range resources {
		p.names[r.Logical] = r.Name
		p.arns[r.Logical] = arnOf(r, partition, region, stack.Account)
	}
	p.names["AWS::Partition"], p.names["AWS::Region"], p.names["AWS::AccountId"], p.names["AWS::StackName"] = partition, region, stack.Account, stack.Name
	return p
}

// arnOf is what the attribute Arn of a resource is.
func arnOf(r Resource, partition, region, account string) string {
	switch r.Type {
	case "AWS::IAM::Role":
		return fmt.Sprintf("arn:%s:iam::%s:role/%s", partition, account, r.Name)
	case "AWS::SQS::Queue": // its physical id is the URL
		return fmt.Sprintf("arn:%s:sqs:%s:%s:%s", partition, region, account, r.Name[strings.LastIndex(r.Name, "/")+1:])
	case "AWS::Logs::LogGroup":
		return fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s:*", partition, region, account, r.Name)
	case "AWS::KMS::Key":
		return fmt.Sprintf("arn:%s:kms:%s:%s:key/%s", partition, region, account, r.Name)
	case "AWS::Lambda::Function":
		return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", partition, region, account, r.Name)
	}
	return r.Name
}

var reference = regexp.MustCompile(`\$\{([^}]+)\}`)

// fill puts into a text what its ${...} stand for. A value that is not known becomes a sample.
func (p stackFacts) fill(text string) string {
	return reference.ReplaceAllStringFunc(text, func(found string) string { return cmp.Or(p.value(found[2:len(found)-1]), "*") })
}

// value is what a reference stands for: a name, NAME.Arn, or NAME#N, which is the part N of an
// ARN, counted from 0. It is empty where that is not known.
func (p stackFacts) value(reference string) string {
	if name, part, is := strings.Cut(reference, "#"); is {
		parts := strings.Split(p.names[name], ":")
		if n, err := strconv.Atoi(part); err == nil && n < len(parts) {
			return parts[n]
		}
		return ""
	}
	name, attribute, _ := strings.Cut(reference, ".")
	if attribute == "Arn" {
		return p.arns[name]
	}
	return p.names[name]
}

// fillAll fills the texts of a value of JSON.
func (p stackFacts) fillAll(v any) any {
	switch v := v.(type) {
	case string:
		return p.fill(v)
	case []any:
		all := make([]any, len(v))
		for i, below := range v {
			all[i] = p.fillAll(below)
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for key, below := range v {
			all[key] = p.fillAll(below)
		}
		return all
	}
	return v
}
