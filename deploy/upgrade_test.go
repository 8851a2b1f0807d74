package deploy_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// released is the template of the last version that stacks may have been deployed with. A stack with it is updated to
// the template of now in one step.
const released = "testdata/upgrade/template.yaml"

// replacing are the properties whose change makes CloudFormation replace a resource, by type. A type with none is here
// too, so that a type which nobody has looked up is noticed.
// Source: createOnlyProperties in CloudFormation's resource schemas, which the template reference calls "Update requires:
// Replacement".
var replacing = map[string][]string{
	"AWS::CloudWatch::Alarm":          {"AlarmName"},
	"AWS::CloudWatch::Dashboard":      {"DashboardName"},
	"AWS::EC2::SecurityGroup":         {"GroupDescription", "GroupName", "VpcId"},
	"AWS::Events::Rule":               {"EventBusName", "Name"},
	"AWS::IAM::Policy":                nil,
	"AWS::IAM::Role":                  {"Path", "RoleName"},
	"AWS::KMS::Key":                   nil,
	"AWS::Lambda::EventInvokeConfig":  {"FunctionName", "Qualifier"},
	"AWS::Lambda::EventSourceMapping": {"EventSourceArn", "StartingPosition", "StartingPositionTimestamp", "SelfManagedEventSource"},
	"AWS::Lambda::Function":           {"FunctionName", "PackageType", "TenancyConfig"},
	"AWS::Lambda::Permission":         {"Action", "FunctionName", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"},
	"AWS::Logs::LogGroup":             {"LogGroupName"},
	"AWS::Logs::MetricFilter":         {"FilterName", "LogGroupName"},
	"AWS::SNS::Subscription":          {"Endpoint", "Protocol", "Region", "TopicArn"},
	"AWS::SNS::Topic":                 {"FifoTopic", "TopicName"},
	"AWS::SNS::TopicPolicy":           nil,
	"AWS::SQS::Queue":                 {"FifoQueue", "QueueName"},
	"AWS::SQS::QueuePolicy":           nil,
	"AWS::SSM::Parameter":             {"Name"},
}

// stacks are stacks that people may have: the parameters that they chose, of the released template.
var stacks = map[string]map[string]string{
	"a stack with the defaults": {},
	"a stack with everything":   {"AlertEmail": "ana@example.com", "Chat": "on", "Events": "on", "Canary": "on", "CanaryVpcId": "vpc-0a1b2c3d4e5f60718"},
	"a stack that only reports": {"Mode": "alert", "AlertEmail": "ana@example.com"},
}

// upgradeProblems says what an update from one template to the other would remove or replace in a stack, and what people
// chose or read there that the other template no longer has.
func upgradeProblems(from, to template, chosen map[string]string) (problems []string) {
	before, after := stackOf(from, chosen), stackOf(to, chosen)
	for _, name := range slices.Sorted(maps.Keys(from.section("Resources"))) {
		old, now := before.resource(name), after.resource(name)
		switch kind := get(old, "Type"); {
		case old == nil:
		case now == nil:
			problems = append(problems, fmt.Sprintf("%s (%v) would be removed", name, kind))
		case get(now, "Type") != kind:
			problems = append(problems, fmt.Sprintf("%s would be no %v but %v", name, kind, get(now, "Type")))
		default:
			problems = append(problems, replacements(name, old, now)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(from.section("Outputs"))) {
		if before.output(name) != nil && after.output(name) == nil {
			problems = append(problems, fmt.Sprintf("the output %s would be gone, and scripts may read it", name))
		}
	}
	return append(problems, parameterProblems(from, to)...)
}

func replacements(name string, old, now any) (problems []string) {
	kind, _ := get(old, "Type").(string)
	properties, known := replacing[kind]
	if !known {
		return []string{fmt.Sprintf("%s: which properties of %s replace it? Look the type up and add it to the table", name, kind)}
	}
	for _, property := range properties {
		was, is := fmt.Sprint(get(old, "Properties", property)), fmt.Sprint(get(now, "Properties", property))
		if was != is {
			problems = append(problems, fmt.Sprintf("%s (%s) would be replaced: %s was %s and would be %s", name, kind, property, was, is))
		}
	}
	return problems
}

// parameterProblems says which values that a stack has the other template refuses, and which new parameters want a value
// that nobody gave.
func parameterProblems(from, to template) (problems []string) {
	parameters := to.section("Parameters")
	for _, name := range slices.Sorted(maps.Keys(from.section("Parameters"))) {
		old := from.section("Parameters")[name]
		if parameters[name] == nil {
			problems = append(problems, fmt.Sprintf("the parameter %s would be gone, and with it what people chose", name))
			continue
		}
		values := list(get(old, "AllowedValues"))
		if standard := get(old, "Default"); standard != nil {
			values = append(values, standard)
		}
		for _, value := range values {
			if !takes(parameters[name], fmt.Sprint(value)) {
				problems = append(problems, fmt.Sprintf("the parameter %s would refuse %q, which a stack may have", name, value))
			}
		}
		if fmt.Sprint(get(old, "Default")) != fmt.Sprint(get(parameters[name], "Default")) {
			problems = append(problems, fmt.Sprintf("the parameter %s would have another default: a tool that names no value changes the stack", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if from.section("Parameters")[name] == nil && get(parameters[name], "Default") == nil {
			problems = append(problems, fmt.Sprintf("the parameter %s is new and has no default", name))
		}
	}
	return problems
}

func takes(parameter any, value string) bool {
	allowed := list(get(parameter, "AllowedValues"))
	pattern, restricted := get(parameter, "AllowedPattern").(string)
	return (len(allowed) == 0 || slices.Contains(allowed, any(value))) && (!restricted || regexp.MustCompile(pattern).MatchString(value))
}

func TestAnUpdateReplacesAndRemovesNothing(t *testing.T) {
	t.Parallel()
	from, to := parse(t, read(t, released)), parse(t, read(t, "template.yaml"))
	for name, chosen := range stacks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, problem := range upgradeProblems(from, to, chosen) {
				t.Error(problem)
			}
		})
	}
}

func TestAnUpdateThatWouldReplaceOrRemoveIsNoticed(t *testing.T) {
	t.Parallel()
	source := read(t, released)
	from := parse(t, source)
	for name, row := range map[string]struct{ old, new, want string }{
		"a topic under another id":             {"  MailTopic:\n", "  PeopleTopic:\n", "MailTopic (AWS::SNS::Topic) would be removed"},
		"a topic with a name":                  {"      DisplayName: sgwarden\n", "      DisplayName: sgwarden\n      TopicName: alerts\n", "AlertTopic (AWS::SNS::Topic) would be replaced: TopicName was <nil> and would be alerts"},
		"a function with another name":         {"FunctionName: !Sub ${AWS::StackName}-sweeper", "FunctionName: !Sub sweeper-${AWS::StackName}", "SweeperFunction (AWS::Lambda::Function) would be replaced"},
		"a rule with another name":             {"      Name: !Sub ${AWS::StackName}-baselines\n", "      Name: !Sub ${AWS::StackName}-documents\n", "BaselinesRule (AWS::Events::Rule) would be replaced"},
		"a queue that is another thing":        {"  RemediatorFailures:\n    Type: AWS::SQS::Queue", "  RemediatorFailures:\n    Type: AWS::SNS::Topic", "RemediatorFailures would be no AWS::SQS::Queue but AWS::SNS::Topic"},
		"a subscription to confirm again":      {"      TopicArn: !Ref MailTopic\n      Protocol: email", "      TopicArn: !Ref AlertTopic\n      Protocol: email", "MailEmailSubscription (AWS::SNS::Subscription) would be replaced: TopicArn"},
		"a subscription by one condition more": {"    Condition: HasAlertEmail\n", "    Condition: CanaryOn\n", "MailEmailSubscription (AWS::SNS::Subscription) would be removed"},
		"a topic that became optional":         {"  MailTopic:\n", "  MailTopic:\n    Condition: ChatOn\n", "MailTopic (AWS::SNS::Topic) would be removed"},
		"a condition that says less":           {"  HasAlertEmail: !Not [!Equals [!Ref AlertEmail, \"\"]]", "  HasAlertEmail: !And [!Not [!Equals [!Ref AlertEmail, \"\"]], !Condition ChatOn]", "AlarmEmailSubscription (AWS::SNS::Subscription) would be removed"},
		"a key of another kind":                {"AWS::KMS::Key", "AWS::KMS::ReplicaKey", "AlertKey would be no AWS::KMS::Key"},
		"an output that scripts read":          {"  MailTopicArn:\n    Description", "  PeopleTopicArn:\n    Description", "the output MailTopicArn would be gone"},
		"a parameter that is deleted":          {"  GraceMinutes:\n    Type", "  Grace:\n    Type", "the parameter GraceMinutes would be gone"},
		"a value that is refused":              {"AllowedValues: [enforce, alert]", "AllowedValues: [enforce, report]", `the parameter Mode would refuse "alert"`},
		"another default":                      {"Default: \"10\"", "Default: \"0\"", "the parameter GraceMinutes would have another default"},
		"a new parameter without a default":    {"Parameters:\n  Mode:", "Parameters:\n  Owner: {Type: String}\n  Mode:", "the parameter Owner is new and has no default"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(source, row.old) {
				t.Fatalf("the template has no %q to change", row.old)
			}
			to := parse(t, strings.Replace(source, row.old, row.new, 1))
			var all []string
			for _, chosen := range stacks {
				all = append(all, upgradeProblems(from, to, chosen)...)
			}
			if !strings.Contains(strings.Join(all, "\n"), row.want) {
				t.Errorf("want %q among %q", row.want, all)
			}
		})
	}
}

func TestEachTypeOfTheTemplateIsLookedUp(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, resource := range parse(t, read(t, "template.yaml")).section("Resources") {
		used[fmt.Sprint(get(resource, "Type"))] = true
	}
	var missing []string
	for kind := range used {
		if _, known := replacing[kind]; !known {
			missing = append(missing, kind)
		}
	}
	if diff := cmp.Diff([]string(nil), missing); diff != "" {
		t.Errorf("types without an entry in the table of what replaces them (-want +got):\n%s", diff)
	}
}
