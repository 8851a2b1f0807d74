package cloud

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/cfn"
	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/bus"
)

const defaultRetries = 2 // Lambda's

// readStacks reads from the templates of the stacks what moto doesn't keep: what becomes of events on which the
// deployed functions fail, by function name, as its Lambda knows neither a function's dead-letter queue nor event-invoke
// configurations; and what its CloudFormation leaves out.
func (c *Cloud) readStacks(ctx context.Context) (map[string]bus.OnFailure, omissions, error) {
	left := newOmissions()
	var stacks struct {
		Stacks []described `xml:"DescribeStacksResult>Stacks>member"`
	}
	if err := c.askCloudFormation(ctx, &stacks, url.Values{"Action": {"DescribeStacks"}}); err != nil {
		return nil, left, err
	}
	policies := map[string]bus.OnFailure{}
	for _, stack := range stacks.Stacks {
		if err := c.readStack(ctx, stack, policies, left); err != nil {
			return nil, left, fmt.Errorf("read stack %s: %w", stack.Name, err)
		}
	}
	return policies, left, nil
}

// described is a stack as CloudFormation describes it.
type described struct {
	Name       string `xml:"StackName"`
	Parameters []struct {
		Name  string `xml:"ParameterKey"`
		Value string `xml:"ParameterValue"`
	} `xml:"Parameters>member"`
}

func (c *Cloud) readStack(ctx context.Context, stack described, policies map[string]bus.OnFailure, left omissions) error {
	var body struct {
		Template string `xml:"GetTemplateResult>TemplateBody"`
	}
	if err := c.askCloudFormation(ctx, &body, url.Values{"Action": {"GetTemplate"}, "StackName": {stack.Name}}); err != nil {
		return err
	}
	var list struct {
		Resources []struct {
			LogicalResourceID  string `xml:"LogicalResourceId"`
			PhysicalResourceID string `xml:"PhysicalResourceId"`
		} `xml:"DescribeStackResourcesResult>StackResources>member"`
	}
	if err := c.askCloudFormation(ctx, &list, url.Values{"Action": {"DescribeStackResources"}, "StackName": {stack.Name}}); err != nil {
		return err
	}
	physical := map[string]string{} // of parameters, their values
	for _, parameter := range stack.Parameters {
		physical[parameter.Name] = parameter.Value
	}
	for _, resource := range list.Resources {
		physical[resource.LogicalResourceID] = resource.PhysicalResourceID
	}
	template, err := cfn.Decode([]byte(body.Template))
	if err != nil {
		return fmt.Errorf("read its template: %w", err)
	}
	if err := left.read(template, physical); err != nil {
		return err
	}
	return readTemplate(template, physical, policies)
}

func (c *Cloud) askCloudFormation(ctx context.Context, answer any, form url.Values) error {
	body, err := askAWS(ctx, http.MethodPost, c.moto.URL, "cloudformation", form)
	if err != nil {
		return fmt.Errorf("ask CloudFormation to %s: %w", form.Get("Action"), err)
	}
	if err := xml.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("ask CloudFormation to %s: %w", form.Get("Action"), err)
	}
	return nil
}

// properties are what matters here of the properties of a function or of its event-invoke configuration.
type properties struct {
	FunctionName         string
	MaximumRetryAttempts *int
	DeadLetterConfig     struct{ TargetARN string }
	DestinationConfig    struct {
		OnFailure struct{ Destination string }
	}
}

func readTemplate(template cfn.Template, physical map[string]string, policies map[string]bus.OnFailure) error {
	for _, kind := range []string{"AWS::Lambda::Function", "AWS::Lambda::EventInvokeConfig"} {
		for logical, resource := range template.Resources(kind) {
			var p properties
			if err := decodeProperties(resource, physical, &p); err != nil {
				return fmt.Errorf("read resource %s: %w", logical, err)
			}
			function := p.FunctionName
			if kind == "AWS::Lambda::Function" {
				function = physical[logical]
			}
			if function == "" {
				continue
			}
			policy, known := policies[function]
			if !known {
				policy.Retries = defaultRetries
			}
			if p.MaximumRetryAttempts != nil {
				policy.Retries = *p.MaximumRetryAttempts
			}
			policy.Destination = cmp.Or(queueARN(p.DestinationConfig.OnFailure.Destination), policy.Destination)
			policy.DeadLetters = cmp.Or(queueARN(p.DeadLetterConfig.TargetARN), policy.DeadLetters)
			policies[function] = policy
		}
	}
	return nil
}

// decodeProperties reads a resource's properties into what has fields for them. A reference to another resource, or to an
// attribute of it, is its physical id, and "" where the stack doesn't have it. A property is left out where it calls a
// function that isn't evaluated here.
func decodeProperties(resource any, physical map[string]string, into any) error {
	scope := cfn.Scope{
		Ref:    func(name string) (any, error) { return physical[name], nil },
		GetAtt: func(logical, _ string) (any, error) { return physical[logical], nil },
	}
	properties, _ := cfn.Get(resource, "Properties").(map[string]any)
	resolved := map[string]any{}
	for name, written := range properties {
		if value, err := scope.Resolve(written); err == nil {
			resolved[name] = value
		}
	}
	text, err := json.Marshal(resolved)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// queueARN is the ARN of a queue by that or by its physical id, which is its URL.
func queueARN(id string) string {
	if id == "" || strings.HasPrefix(id, "arn:") {
		return id
	}
	return "arn:aws:sqs:" + awsconfig.Region + ":" + Account + ":" + id[strings.LastIndex(id, "/")+1:]
}
