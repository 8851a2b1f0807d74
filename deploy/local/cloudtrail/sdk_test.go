package cloudtrail_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

// wire keeps the form of the one request that a client sends, and answers that all is well.
type wire struct{ form url.Values }

func (w *wire) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	if w.form, err = url.ParseQuery(string(body)); err != nil {
		return nil, err
	}
	answer := "<R><requestId>r</requestId><return>true</return><groupId>" + groupID + "</groupId></R>"
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}},
		Body: io.NopCloser(strings.NewReader(answer)),
	}, nil
}

// call is a call with all that isn't the request.
func call(action string, form url.Values) cloudtrail.Call {
	return cloudtrail.Call{
		Action: action, Form: form, Time: time.Date(2026, 11, 21, 19, 51, 30, 987654321, time.FixedZone("", 3600)),
		Account: "111122223333", Region: "us-east-1", RequestID: "request", EventID: "event", EnvelopeID: "envelope",
		GroupID: groupID, Identity: cloudtrail.Identity{Type: "IAMUser"},
	}
}

func TestTheFormOfTheRealClientBecomesTheParametersOfCloudTrail(t *testing.T) {
	t.Parallel()
	ports := func(protocol string, from, to int32) types.IpPermission {
		return types.IpPermission{IpProtocol: &protocol, FromPort: &from, ToPort: &to}
	}
	mixed := ports("tcp", 80, 81)
	mixed.IpRanges = []types.IpRange{{CidrIp: aws.String("10.0.0.0/8"), Description: aws.String("a & <b>")}, {CidrIp: aws.String("192.0.2.0/24")}}
	mixed.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}
	mixed.PrefixListIds = []types.PrefixListId{{PrefixListId: aws.String("pl-1"), Description: aws.String("s3")}}
	mixed.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: aws.String("sg-1"), UserId: aws.String("2")}}
	tags := []types.TagSpecification{{ResourceType: "security-group", Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("true")}}}}
	const wantMixed = `{"ipProtocol": "tcp", "fromPort": 80, "toPort": 81, "groups": {"items": [{"groupId": "sg-1", "userId": "2"}]},
		"ipRanges": {"items": [{"cidrIp": "10.0.0.0/8", "description": "a & <b>"}, {"cidrIp": "192.0.2.0/24"}]},
		"ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]}, "prefixListIds": {"items": [{"prefixListId": "pl-1", "description": "s3"}]}}`
	const wantTags = `{"items": [{"resourceType": "security-group", "tags": [{"key": "k", "value": "true"}]}]}`

	group := aws.String(groupID)
	for _, test := range []struct {
		action string
		send   func(context.Context, *ec2.Client) error
		want   string
	}{
		{"AuthorizeSecurityGroupIngress", func(ctx context.Context, c *ec2.Client) error {
			_, err := c.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group, DryRun: aws.Bool(false), IpPermissions: []types.IpPermission{mixed}, TagSpecifications: tags})
			return err
		}, `{"groupId": "` + groupID + `", "ipPermissions": {"items": [` + wantMixed + `]}, "tagSpecificationSet": ` + wantTags + `}`},
		{"AuthorizeSecurityGroupEgress", func(ctx context.Context, c *ec2.Client) error {
			_, err := c.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: group, IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(23), CidrIp: aws.String("0.0.0.0/0")})
			return err
		}, `{"groupId": "` + groupID + `", "ipPermissions": {}, "ipProtocol": "tcp", "fromPort": 22, "toPort": 23, "cidrIp": "0.0.0.0/0"}`},
		{"RevokeSecurityGroupIngress", func(ctx context.Context, c *ec2.Client) error {
			_, err := c.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group, SecurityGroupRuleIds: []string{"sgr-2", "sgr-1"}})
			return err
		}, `{"groupId": "` + groupID + `", "ipPermissions": {}, "securityGroupRuleIds": {"items": [{"securityGroupRuleId": "sgr-2"}, {"securityGroupRuleId": "sgr-1"}]}}`},
		{"CreateSecurityGroup", func(ctx context.Context, c *ec2.Client) error {
			_, err := c.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String("web"), Description: aws.String("web tier"), VpcId: aws.String("vpc-1"), TagSpecifications: tags})
			return err
		}, `{"groupName": "web", "groupDescription": "web tier", "vpcId": "vpc-1", "tagSpecificationSet": ` + wantTags + `}`},
		{"DeleteSecurityGroup", func(ctx context.Context, c *ec2.Client) error {
			_, err := c.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: group})
			return err
		}, `{"groupId": "` + groupID + `"}`},
		{"ModifySecurityGroupRules", func(ctx context.Context, c *ec2.Client) error {
			_, err := c.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: group, DryRun: aws.Bool(false), SecurityGroupRules: []types.SecurityGroupRuleUpdate{
				{SecurityGroupRuleId: aws.String("sgr-1"), SecurityGroupRule: &types.SecurityGroupRuleRequest{IpProtocol: aws.String("-1"), CidrIpv4: aws.String("10.0.0.0/8"), Description: aws.String("True")}},
			}})
			return err
		}, `{"ModifySecurityGroupRulesRequest": {"GroupId": "` + groupID + `", "SecurityGroupRule": {"tag": 1, "SecurityGroupRuleId": "sgr-1",
			"SecurityGroupRule": {"IpProtocol": -1, "CidrIpv4": "10.0.0.0/8", "Description": true}}}}`},
		{"UpdateSecurityGroupRuleDescriptionsIngress", func(ctx context.Context, c *ec2.Client) error {
			_, err := c.UpdateSecurityGroupRuleDescriptionsIngress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: group, IpPermissions: []types.IpPermission{mixed}})
			return err
		}, `{"UpdateSecurityGroupRuleDescriptionsIngressRequest": {"GroupId": "` + groupID + `", "IpPermissions": {"tag": 1, "IpProtocol": "tcp", "FromPort": 80, "ToPort": 81,
			"IpRanges": [{"tag": 1, "CidrIp": "10.0.0.0/8", "Description": "a & <b>"}, {"tag": 2, "CidrIp": "192.0.2.0/24"}],
			"Ipv6Ranges": {"tag": 1, "CidrIpv6": "::/0"}, "PrefixListIds": {"tag": 1, "PrefixListId": "pl-1", "Description": "s3"}, "Groups": {"tag": 1, "GroupId": "sg-1", "UserId": 2}}}}`},
		{"UpdateSecurityGroupRuleDescriptionsEgress", func(ctx context.Context, c *ec2.Client) error {
			_, err := c.UpdateSecurityGroupRuleDescriptionsEgress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsEgressInput{GroupId: group, SecurityGroupRuleDescriptions: []types.SecurityGroupRuleDescription{
				{SecurityGroupRuleId: aws.String("sgr-1"), Description: aws.String("")}, {SecurityGroupRuleId: aws.String("sgr-2"), Description: aws.String("007")},
			}})
			return err
		}, `{"UpdateSecurityGroupRuleDescriptionsEgressRequest": {"GroupId": "` + groupID + `", "SecurityGroupRuleDescription": [
			{"tag": 1, "SecurityGroupRuleId": "sgr-1", "Description": ""}, {"tag": 2, "SecurityGroupRuleId": "sgr-2", "Description": "007"}]}}`},
	} {
		t.Run(test.action, func(t *testing.T) {
			t.Parallel()
			sent := &wire{}
			client := ec2.New(ec2.Options{Region: "us-east-1", HTTPClient: sent, Credentials: aws.AnonymousCredentials{}})
			if err := test.send(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			detail := detailOf(t, call(test.action, sent.form))
			if diff := cmp.Diff(decode(t, []byte(test.want)), detail["requestParameters"]); diff != "" {
				t.Errorf("requestParameters (-want +made) of %v:\n%s", sent.form, diff)
			}
		})
	}
}

func detailOf(t *testing.T, c cloudtrail.Call) map[string]any {
	t.Helper()
	message, ok, err := cloudtrail.Event(c)
	if err != nil || !ok {
		t.Fatalf("Event: ok %t, error %v", ok, err)
	}
	var event struct{ Detail map[string]any }
	if err := json.Unmarshal(message, &event); err != nil {
		t.Fatal(err)
	}
	return event.Detail
}
