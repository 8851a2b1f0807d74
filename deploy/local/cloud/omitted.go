package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/sgwarden/sgwarden/deploy/cfn"
	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
)

// omissions is what the templates of the stacks ask for and moto's CloudFormation leaves out, where it matters here:
// the subscriptions of queues, the outbound rules of security groups, in the place of the one that EC2 makes, and event
// source mappings, which settle has set aside.
type omissions struct {
	subscriptions map[subscription]bool
	egress        map[string][]types.IpPermission // by group id
	mappings      map[source]bool
}

func newOmissions() omissions {
	return omissions{map[subscription]bool{}, map[string][]types.IpPermission{}, map[source]bool{}}
}

type subscription struct {
	topicARN, queueARN string
	raw                bool
	filter             string // JSON, "" for none
}

// read adds what a template asks for. A resource that the stack doesn't have, as its condition is false, is nowhere in
// physical.
func (o *omissions) read(template cfn.Template, physical map[string]string) error {
	for kind, read := range map[string]func(resource any, physical map[string]string, id string) error{
		"AWS::SNS::Subscription": o.readSubscription, "AWS::EC2::SecurityGroup": o.readGroup, mappingType: o.readMapping,
	} {
		for logical, resource := range template.Resources(kind) {
			if err := read(resource, physical, physical[logical]); err != nil {
				return fmt.Errorf("read resource %s: %w", logical, err)
			}
		}
	}
	return nil
}

func (o *omissions) readSubscription(resource any, physical map[string]string, _ string) error {
	var p struct {
		TopicARN, Protocol, Endpoint string
		RawMessageDelivery           bool
		FilterPolicy                 json.RawMessage
	}
	if err := decodeProperties(resource, physical, &p); err != nil {
		return err
	}
	s := subscription{p.TopicARN, queueARN(p.Endpoint), p.RawMessageDelivery, string(p.FilterPolicy)}
	if p.Protocol == "sqs" && s.topicARN != "" && s.queueARN != "" {
		o.subscriptions[s] = true
	}
	return nil
}

func (o *omissions) readGroup(resource any, physical map[string]string, groupID string) error {
	var p struct {
		SecurityGroupEgress []struct {
			IPProtocol, CIDRIP string
			FromPort, ToPort   *int32
		}
	}
	if err := decodeProperties(resource, physical, &p); err != nil || groupID == "" {
		return err
	}
	for _, e := range p.SecurityGroupEgress {
		o.egress[groupID] = append(o.egress[groupID], types.IpPermission{
			IpProtocol: &e.IPProtocol, FromPort: e.FromPort, ToPort: e.ToPort, IpRanges: []types.IpRange{{CidrIp: &e.CIDRIP}},
		})
	}
	return nil
}

// makeUp does what moto left out, once, and undoes what is no longer asked for.
func (c *Cloud) makeUp(ctx context.Context, o omissions) error {
	topics := sns.NewFromConfig(awsconfig.New(c.moto.URL, awsconfig.Keys))
	var errs []error
	for s, arn := range c.subscribed {
		if !o.subscriptions[s] {
			_, err := topics.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: &arn})
			errs = append(errs, err)
			delete(c.subscribed, s)
		}
	}
	for s := range o.subscriptions {
		if c.subscribed[s] == "" {
			errs = append(errs, c.subscribe(ctx, topics, s))
		}
	}
	for id, permissions := range o.egress {
		if !c.outbound[id] {
			c.outbound[id] = true
			errs = append(errs, c.replaceEgress(ctx, id, permissions))
		}
	}
	return errors.Join(append(errs, c.follow(ctx, o.mappings))...)
}

func (c *Cloud) subscribe(ctx context.Context, topics *sns.Client, s subscription) error {
	attributes := map[string]string{"RawMessageDelivery": fmt.Sprint(s.raw)}
	if s.filter != "" {
		attributes["FilterPolicy"] = s.filter
	}
	made, err := topics.Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: &s.topicARN, Protocol: aws.String("sqs"), Endpoint: &s.queueARN, Attributes: attributes, ReturnSubscriptionArn: true,
	})
	if err != nil {
		return fmt.Errorf("subscribe %s: %w", s.queueARN[strings.LastIndex(s.queueARN, ":")+1:], err)
	}
	c.subscribed[s] = aws.ToString(made.SubscriptionArn)
	return nil
}

// replaceEgress is CloudFormation's work and no call of anybody's, so it makes no events.
func (c *Cloud) replaceEgress(ctx context.Context, groupID string, permissions []types.IpPermission) error {
	groups := ec2.NewFromConfig(awsconfig.New(c.moto.URL, awsconfig.Keys))
	live, err := groups.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{
		Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{groupID}}},
	})
	if err != nil {
		return fmt.Errorf("read the rules of %s: %w", groupID, err)
	}
	for _, r := range live.SecurityGroupRules {
		if !aws.ToBool(r.IsEgress) {
			continue
		}
		if _, err := groups.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &groupID, SecurityGroupRuleIds: []string{*r.SecurityGroupRuleId}}); err != nil {
			return fmt.Errorf("revoke the default rule of %s: %w", groupID, err)
		}
	}
	if _, err := groups.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &groupID, IpPermissions: permissions}); err != nil {
		return fmt.Errorf("authorize the outbound rules of %s: %w", groupID, err)
	}
	return nil
}
