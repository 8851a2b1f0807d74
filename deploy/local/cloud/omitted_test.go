package cloud

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/deploy/cfn"
)

func TestWhatMotoLeavesOutIsReadFromTheTemplate(t *testing.T) {
	t.Parallel()
	const template = `
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: [{IpProtocol: "-1", CidrIp: 127.0.0.1/32}]}}
  Plain: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: plain}}
  Absent: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: [{IpProtocol: tcp, CidrIp: 10.0.0.0/8}]}}
  Mail: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: ana@example.com}}
  ToQueue: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn, RawMessageDelivery: true, FilterPolicy: {kind: [a, {exists: false}]}}}
  Mapping: {Type: Local::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn, BatchSize: 7, MaximumBatchingWindowInSeconds: !Ref Wait, FunctionResponseTypes: [ReportBatchItemFailures], ScalingConfig: {MaximumConcurrency: 3}}}
  ToAbsent: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt AbsentQueue.Arn}}
`
	const topic = "arn:aws:sns:us-east-1:123456789012:topic"
	decoded, err := cfn.Decode([]byte(template))
	if err != nil {
		t.Fatal(err)
	}
	got := newOmissions()
	if err := got.read(decoded, map[string]string{"Topic": topic, "Queue": "http://127.0.0.1/123456789012/queue", "Group": "sg-1", "Plain": "sg-2", "Function": "f", "Wait": "4"}); err != nil {
		t.Fatal(err)
	}
	want := omissions{
		map[subscription]bool{{topic, "arn:aws:sqs:us-east-1:123456789012:queue", true, `{"kind":["a",{"exists":false}]}`}: true},
		map[string][]types.IpPermission{"sg-1": {{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("127.0.0.1/32")}}}}},
		map[source]bool{{"f", "http://127.0.0.1/123456789012/queue", 4 * time.Second, 7, 3, true}: true},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(omissions{}, subscription{}, source{}), cmpopts.IgnoreUnexported(types.IpPermission{}, types.IpRange{})); diff != "" {
		t.Error(diff)
	}
}
