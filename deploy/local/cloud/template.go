package cloud

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"

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
	if err := left.read(body.Template, physical); err != nil {
		return err
	}
	return readTemplate(body.Template, physical, policies)
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

// template is what matters here of a CloudFormation template, YAML or JSON.
type template struct {
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			FunctionName         yaml.Node `yaml:"FunctionName"`
			MaximumRetryAttempts *int      `yaml:"MaximumRetryAttempts"`
			DeadLetterConfig     struct {
				TargetArn yaml.Node `yaml:"TargetArn"`
			} `yaml:"DeadLetterConfig"`
			DestinationConfig struct {
				OnFailure struct {
					Destination yaml.Node `yaml:"Destination"`
				} `yaml:"OnFailure"`
			} `yaml:"DestinationConfig"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

func readTemplate(text string, physical map[string]string, policies map[string]bus.OnFailure) error {
	var t template
	if err := yaml.Unmarshal([]byte(text), &t); err != nil {
		return fmt.Errorf("read its template: %w", err)
	}
	for logical, resource := range t.Resources {
		properties := resource.Properties
		function := ""
		switch resource.Type {
		case "AWS::Lambda::Function":
			function = physical[logical]
		case "AWS::Lambda::EventInvokeConfig":
			function = resolve(properties.FunctionName, physical)
		}
		if function == "" {
			continue
		}
		policy, known := policies[function]
		if !known {
			policy.Retries = defaultRetries
		}
		if properties.MaximumRetryAttempts != nil {
			policy.Retries = *properties.MaximumRetryAttempts
		}
		if arn := resolveARN(properties.DestinationConfig.OnFailure.Destination, physical); arn != "" {
			policy.Destination = arn
		}
		if arn := resolveARN(properties.DeadLetterConfig.TargetArn, physical); arn != "" {
			policy.DeadLetters = arn
		}
		policies[function] = policy
	}
	return nil
}

// resolve is the physical id of the resource that a value refers to, or a plain value itself.
func resolve(value yaml.Node, physical map[string]string) string {
	if logical := referred(value); logical != "" {
		return physical[logical]
	}
	return value.Value
}

// resolveARN is the ARN of the queue that a value refers to: a queue's physical id is its URL.
func resolveARN(value yaml.Node, physical map[string]string) string {
	id := resolve(value, physical)
	if id == "" || strings.HasPrefix(id, "arn:") {
		return id
	}
	return "arn:aws:sqs:" + awsconfig.Region + ":" + Account + ":" + id[strings.LastIndex(id, "/")+1:]
}

// referred is the logical id in !Ref X, !GetAtt X.Arn and their long forms, "" for another value.
func referred(value yaml.Node) string {
	switch {
	case value.Tag == "!Ref":
		return value.Value
	case value.Tag == "!GetAtt" && value.Kind == yaml.ScalarNode:
		logical, _, _ := strings.Cut(value.Value, ".")
		return logical
	case value.Tag == "!GetAtt" && len(value.Content) > 0:
		return value.Content[0].Value
	case value.Kind == yaml.MappingNode && len(value.Content) == 2:
		inner := *value.Content[1]
		inner.Tag = "!" + strings.TrimPrefix(value.Content[0].Value, "Fn::")
		return referred(inner)
	}
	return ""
}
