package moto_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/moto"
)

// stacks deploys templates to a moto of its own.
type stacks struct {
	config aws.Config
	client *cloudformation.Client
	url    string
}

func startStacks(t *testing.T) *stacks {
	t.Helper()
	server, err := moto.Start(t.Context(), moto.Config{Services: []string{"cloudformation"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	config := awsconfig.New(server.URL, awsconfig.Keys)
	return &stacks{config, cloudformation.NewFromConfig(config), server.URL}
}

func parameters(values map[string]string) (list []cfntypes.Parameter) {
	for name, value := range values {
		list = append(list, cfntypes.Parameter{ParameterKey: &name, ParameterValue: &value})
	}
	return list
}

// deploy makes or updates the stack, by a change set or at once.
func (s *stacks) deploy(t *testing.T, how, template string, values map[string]string) (err error) {
	t.Helper()
	name, body := aws.String("stack"), aws.String(template)
	switch how {
	case "create":
		_, err = s.client.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: body, Parameters: parameters(values)})
	case "update":
		_, err = s.client.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: name, TemplateBody: body, Parameters: parameters(values)})
	default:
		if _, err = s.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: name, TemplateBody: body, Parameters: parameters(values), ChangeSetName: aws.String("set"), ChangeSetType: cfntypes.ChangeSetType(how),
		}); err == nil {
			_, err = s.client.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{StackName: name, ChangeSetName: aws.String("set")})
		}
	}
	return err
}

// resources returns the logical ids of the stack's resources, sorted, and then those of its outputs. moto leaves the outputs
// as they were where a change set is executed.
func (s *stacks) resources(t *testing.T) (names []string) {
	t.Helper()
	listed, err := s.client.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String("stack")})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range listed.StackResources {
		names = append(names, *r.LogicalResourceId)
	}
	slices.Sort(names)
	described, err := s.client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("stack")})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range described.Stacks[0].Outputs {
		names = append(names, *o.OutputKey)
	}
	return names
}

// lambda returns what a GET of moto's Lambda answers.
func (s *stacks) lambda(t *testing.T, path string) (body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testing/20261121/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(read)
}

const conditionalTemplate = `
Parameters:
  Flavour: {Type: String, Default: plain}
  Size: {Type: String}
Conditions:
  Sweet: !Equals [!Ref Flavour, sweet]
  Big: {"Fn::Equals": [{Ref: Size}, "2"]}
  Both: !And [{Condition: Sweet}, !Condition Big]
  Neither: !Not [!Or [{Condition: Sweet}, {Condition: Big}]]
Resources:
  Always:
    Type: AWS::SSM::Parameter
    Properties:
      Name: always
      Type: String
      Description: !If [Sweet, sugar, !Ref AWS::NoValue]
      Value: !Join ["-", [!If [Both, "1", {"Fn::If": [Big, "2", "3"]}], !If [Big, !Ref AWS::NoValue, x], !Ref Size]]
  WithSugar: {Type: AWS::SNS::Topic, Condition: Sweet}
  WithBoth: {Type: AWS::SNS::Topic, Condition: Both}
  WithNeither: {Type: AWS::SNS::Topic, Condition: Neither}
Outputs:
  Sugar: {Condition: Sweet, Value: !Ref WithSugar}
`

func TestAStackHasWhatItsConditionsPermitAfterACreationAndAfterAnUpdate(t *testing.T) {
	t.Parallel()
	cases := []struct {
		parameters map[string]string
		want       []string
		always     string
	}{
		{map[string]string{"Size": "1"}, []string{"Always", "WithNeither"}, "3-x-1 "},
		{map[string]string{"Size": "2"}, []string{"Always"}, "2-2 "},
		{map[string]string{"Size": "2", "Flavour": "sweet"}, []string{"Always", "WithBoth", "WithSugar", "Sugar"}, "1-2 sugar"},
	}
	for name, how := range map[string][2]string{"at once": {"create", "update"}, "by change sets": {"CREATE", "UPDATE"}} {
		for first := range cases {
			t.Run(fmt.Sprint(name, ", case ", first, " first"), func(t *testing.T) {
				t.Parallel()
				s := startStacks(t)
				for i := range cases {
					c := cases[(first+i)%len(cases)]
					if err := s.deploy(t, how[min(i, 1)], conditionalTemplate, c.parameters); err != nil {
						t.Fatal(err)
					}
					want := slices.DeleteFunc(slices.Clone(c.want), func(name string) bool { return name == "Sugar" && how[1] == "UPDATE" })
					if diff := cmp.Diff(want, s.resources(t)); diff != "" {
						t.Errorf("%v: what there is (-want +got):\n%s", c.parameters, diff)
					}
					got, err := ssm.NewFromConfig(s.config).GetParameterHistory(t.Context(), &ssm.GetParameterHistoryInput{Name: aws.String("always")})
					if err != nil {
						t.Fatal(err)
					}
					now := got.Parameters[len(got.Parameters)-1]
					if diff := cmp.Diff(c.always, *now.Value+" "+aws.ToString(now.Description)); diff != "" {
						t.Errorf("%v: properties (-want +got):\n%s", c.parameters, diff)
					}
				}
			})
		}
	}
}

func TestATemplateWhoseConditionsCannotBeDecidedIsRefused(t *testing.T) {
	t.Parallel()
	s := startStacks(t)
	for name, template := range map[string]string{
		"an unknown condition":        "Conditions: {A: !Equals [a, a]}\nResources: {R: {Type: AWS::SNS::Topic, Condition: B}}",
		"a parameter without a value": "Parameters: {P: {Type: String}}\nConditions: {A: !Equals [!Ref P, a]}\nResources: {R: {Type: AWS::SNS::Topic, Condition: A}}",
	} {
		if err := s.deploy(t, "create", template, nil); err == nil {
			t.Errorf("%s: the stack was made", name)
		}
	}
	const mapped = "Mappings: {M: {a: {b: a}}}\nConditions: {A: !Equals [!FindInMap [M, a, b], a]}\nResources: {R: {Type: AWS::SNS::Topic, Condition: A}}"
	if err := s.deploy(t, "CREATE", mapped, nil); err != nil {
		t.Error(err)
	}
}

const richTemplate = `
Parameters:
  Wait: {Type: Number}
Conditions:
  Longer: !Not [!Equals [!Ref Wait, 4]]
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: queue}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: group, SecurityGroupEgress: [{IpProtocol: "-1", CidrIp: 127.0.0.1/32}]}}
  Plain: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: plain}}
  Mail: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: ana@example.com}}
  ToQueue: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn, RawMessageDelivery: !If [Longer, false, true], FilterPolicy: {kind: [a, {exists: false}]}}}
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Function: {Type: AWS::Lambda::Function, Properties: {FunctionName: f, Role: !GetAtt Role.Arn, Runtime: provided.al2023, Handler: b, Code: {ZipFile: dW51c2Vk}, DeadLetterConfig: {TargetArn: !GetAtt Queue.Arn}}}
  Invoke: {Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: !Ref Function, Qualifier: $LATEST, MaximumRetryAttempts: !If [Longer, 0, 1], DestinationConfig: {OnFailure: {Destination: !GetAtt Queue.Arn}}}}
  Mapping: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn, BatchSize: 7, MaximumBatchingWindowInSeconds: !Ref Wait, FunctionResponseTypes: [ReportBatchItemFailures], ScalingConfig: {MaximumConcurrency: 3}}}
`

// deployed is what moto says of a stack of richTemplate.
type deployed struct {
	Subscriptions map[string]string // attributes of those of the topic, by their names
	Outbound      []string          // CIDRs of the groups' outbound rules, sorted
	DeadLetters   string
	Retries       int
	Destination   string
	Mappings      []eventSource
}

type eventSource struct {
	EventSourceARN, FunctionARN, State        string
	BatchSize, MaximumBatchingWindowInSeconds int
	FunctionResponseTypes                     []string
	ScalingConfig                             struct{ MaximumConcurrency int }
}

func (s *stacks) deployed(t *testing.T) (d deployed) {
	t.Helper()
	topics := sns.NewFromConfig(s.config)
	subscriptions, err := topics.ListSubscriptions(t.Context(), &sns.ListSubscriptionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range subscriptions.Subscriptions {
		got, err := topics.GetSubscriptionAttributes(t.Context(), &sns.GetSubscriptionAttributesInput{SubscriptionArn: one.SubscriptionArn})
		if err != nil || d.Subscriptions != nil {
			t.Fatalf("subscriptions %+v, %v, want one", subscriptions.Subscriptions, err)
		}
		d.Subscriptions = map[string]string{}
		for _, name := range []string{"Protocol", "Endpoint", "RawMessageDelivery", "FilterPolicy"} {
			d.Subscriptions[name] = strings.ReplaceAll(strings.ToLower(got.Attributes[name]), " ", "")
		}
	}
	rules, err := ec2.NewFromConfig(s.config).DescribeSecurityGroupRules(t.Context(), &ec2.DescribeSecurityGroupRulesInput{})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := ec2.NewFromConfig(s.config).DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules.SecurityGroupRules {
		i := slices.IndexFunc(groups.SecurityGroups, func(g ec2types.SecurityGroup) bool { return *g.GroupId == *r.GroupId })
		if *r.IsEgress && *groups.SecurityGroups[i].Description != "default VPC security group" {
			d.Outbound = append(d.Outbound, fmt.Sprint(*groups.SecurityGroups[i].Description, " ", *r.IpProtocol, " ", *r.CidrIpv4))
		}
	}
	slices.Sort(d.Outbound)
	var functions struct {
		Functions []struct{ DeadLetterConfig struct{ TargetARN string } }
	}
	var invoke struct {
		FunctionEventInvokeConfigs []struct {
			MaximumRetryAttempts int
			DestinationConfig    struct{ OnFailure struct{ Destination string } }
		}
	}
	var mappings struct{ EventSourceMappings []eventSource }
	for path, answer := range map[string]any{
		"/2015-03-31/functions/": &functions, "/2019-09-25/functions/f/event-invoke-config/list": &invoke, "/2015-03-31/event-source-mappings/": &mappings,
	} {
		if text := s.lambda(t, path); json.Unmarshal([]byte(text), answer) != nil {
			t.Fatalf("%s answers %s", path, text)
		}
	}
	if len(functions.Functions) != 1 || len(invoke.FunctionEventInvokeConfigs) != 1 {
		t.Fatalf("functions %+v and event-invoke configurations %+v, want one of each", functions, invoke)
	}
	d.DeadLetters, d.Retries = functions.Functions[0].DeadLetterConfig.TargetARN, invoke.FunctionEventInvokeConfigs[0].MaximumRetryAttempts
	d.Destination, d.Mappings = invoke.FunctionEventInvokeConfigs[0].DestinationConfig.OnFailure.Destination, mappings.EventSourceMappings
	return d
}

func TestAStackHasSubscriptionsOutboundRulesAndWhatItsFunctionsAreInvokedFor(t *testing.T) {
	t.Parallel()
	s := startStacks(t)
	if err := s.deploy(t, "create", richTemplate, map[string]string{"Wait": "4"}); err != nil {
		t.Fatal(err)
	}
	const queue = "arn:aws:sqs:us-east-1:123456789012:queue"
	mapped := eventSource{queue, "arn:aws:lambda:us-east-1:123456789012:function:f", "Enabled", 7, 4, []string{"ReportBatchItemFailures"}, struct{ MaximumConcurrency int }{3}}
	want := deployed{
		map[string]string{"Protocol": "sqs", "Endpoint": queue, "RawMessageDelivery": "true", "FilterPolicy": `{"kind":["a",{"exists":false}]}`},
		[]string{"group -1 127.0.0.1/32", "plain -1 0.0.0.0/0"},
		queue, 1, queue,
		[]eventSource{mapped},
	}
	if diff := cmp.Diff(want, s.deployed(t)); diff != "" {
		t.Errorf("as created (-want +got):\n%s", diff)
	}
	if err := s.deploy(t, "UPDATE", richTemplate, map[string]string{"Wait": "5"}); err != nil {
		t.Fatal(err)
	}
	want.Subscriptions["RawMessageDelivery"], want.Retries, want.Mappings[0].MaximumBatchingWindowInSeconds = "false", 0, 5
	if diff := cmp.Diff(want, s.deployed(t)); diff != "" {
		t.Errorf("as updated (-want +got):\n%s", diff)
	}
	// moto itself would start the function in Docker for this message.
	queues := sqs.NewFromConfig(s.config)
	if _, err := queues.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(s.url + "/123456789012/queue"), MessageBody: aws.String("m")}); err != nil {
		t.Fatal(err)
	}
	if got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(s.url + "/123456789012/queue")}); err != nil || len(got.Messages) != 1 {
		t.Errorf("received %+v, %v, want the message", got, err)
	}
	var without []string
	for line := range strings.Lines(richTemplate) {
		if name := strings.TrimSpace(line); !strings.HasPrefix(name, "ToQueue:") && !strings.HasPrefix(name, "Mapping:") {
			without = append(without, line)
		}
	}
	if err := s.deploy(t, "update", strings.Join(without, ""), map[string]string{"Wait": "5"}); err != nil {
		t.Fatal(err)
	}
	want.Subscriptions, want.Mappings = nil, []eventSource{}
	if diff := cmp.Diff(want, s.deployed(t)); diff != "" {
		t.Errorf("without the subscription and the mapping (-want +got):\n%s", diff)
	}
}
