package proxy_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

func TestAnAuthorizeBecomesAnEventWithTheRulesItMade(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	made, err := g.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &g.id, IpPermissions: []types.IpPermission{permission(22, "10.0.0.0/8"), permission(443, "192.0.2.0/24")},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := g.onlyEvent(t, "AuthorizeSecurityGroupIngress")
	var ids []string
	var ports []int
	for _, item := range e.Detail.ResponseElements.SecurityGroupRuleSet.Items {
		ids, ports = append(ids, item.SecurityGroupRuleID), append(ports, item.FromPort)
	}
	if diff := cmp.Diff([]int{22, 443}, ports); diff != "" {
		t.Errorf("ports (-want +got):\n%s", diff)
	}
	if answered := *made.SecurityGroupRules[0].SecurityGroupRuleId; !slices.Contains(ids, answered) {
		t.Errorf("rule ids %v lack %s", ids, answered)
	}
	if e.Source != "aws.ec2" || e.DetailType != "AWS API Call via CloudTrail" || e.Account != account || e.Region != "us-east-1" {
		t.Errorf("envelope %+v", e)
	}
	identity := e.Detail.UserIdentity
	if identity.Type != "IAMUser" || identity.UserName != "testing" || identity.AccessKeyID != "testing" || e.Detail.SourceIPAddress != "127.0.0.1" {
		t.Errorf("made by %+v from %s", identity, e.Detail.SourceIPAddress)
	}
}

func TestTheIdentityIsThatOfTheAccessKey(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	const role = "arn:aws:iam::123456789012:role/deploy/Deployer"
	g.proxy.Register("ASIADEPLOYER", proxy.Principal{
		Identity: proxy.Role(account, role, "ana", "2026-11-21T19:00:00Z"), SourceIP: "203.0.113.9",
	})
	client := ec2.NewFromConfig(g.proxy.Client(aws.Credentials{AccessKeyID: "ASIADEPLOYER", SecretAccessKey: "s", SessionToken: "t"}))
	authorize(t, client, g.id, 80)
	e := g.onlyEvent(t, "AuthorizeSecurityGroupIngress")
	identity := e.Detail.UserIdentity
	if identity.Type != "AssumedRole" || identity.ARN != "arn:aws:sts::123456789012:assumed-role/Deployer/ana" ||
		identity.SessionContext.SessionIssuer.ARN != role || e.Detail.SourceIPAddress != "203.0.113.9" {
		t.Errorf("made by %+v from %s", identity, e.Detail.SourceIPAddress)
	}
}

func TestUnrecordedCallsTakeEffectAndMakeNoEvent(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	keys := aws.Credentials{AccessKeyID: "AKIAUNRECORDED", SecretAccessKey: "testing"}
	g.proxy.Register(keys.AccessKeyID, proxy.Principal{Identity: proxy.User(account, "ana"), Unrecorded: true})
	config := g.proxy.Client(keys)
	client, parameters := ec2.NewFromConfig(config), ssm.NewFromConfig(config)
	rule := authorize(t, client, g.id, 22)
	if _, err := parameters.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/unrecorded/" + g.id), Value: aws.String("{}"), Type: ssmtypes.ParameterTypeString,
	}); err != nil {
		t.Fatal(err)
	}
	authorize(t, g.ec2, g.id, 80)
	g.onlyEvent(t, "AuthorizeSecurityGroupIngress") // the recorded one's
	if rule == "" {
		t.Error("the unrecorded call made no rule")
	}
}

func TestAFailedCallBecomesAnEventWithItsError(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	authorize(t, g.ec2, g.id, 80)
	if e := g.onlyEvent(t, "AuthorizeSecurityGroupIngress"); e.Detail.ErrorCode != "" {
		t.Errorf("error code %s of a call that succeeded", e.Detail.ErrorCode)
	}
	_, err := g.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &g.id, IpPermissions: []types.IpPermission{permission(80, "10.0.0.0/8")},
	})
	if err == nil {
		t.Fatal("moto took a duplicate")
	}
	e := g.onlyEvent(t, "AuthorizeSecurityGroupIngress")
	if e.Detail.ErrorCode != "Client.InvalidPermission.Duplicate" || len(e.Detail.ResponseElements.SecurityGroupRuleSet.Items) != 0 {
		t.Errorf("event %+v", e.Detail)
	}
}

func TestAGroupKnownByNameIsLookedAtAllTheSame(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	if _, err := g.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupName: &g.name, IpPermissions: []types.IpPermission{permission(22, "10.0.0.0/8")},
	}); err != nil {
		t.Fatal(err)
	}
	e := g.onlyEvent(t, "AuthorizeSecurityGroupIngress")
	if e.Detail.RequestParameters["groupName"] != g.name || e.Detail.RequestParameters["groupId"] != nil {
		t.Errorf("request parameters %v", e.Detail.RequestParameters)
	}
	items := e.Detail.ResponseElements.SecurityGroupRuleSet.Items
	if len(items) != 1 || items[0].GroupID != g.id {
		t.Errorf("rules %+v", items)
	}
}

func TestEachOfManyWritesAtOnceIsToldWithItsOwnRule(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	var all sync.WaitGroup
	for port := int32(1000); port < 1012; port++ {
		all.Go(func() { authorize(t, g.ec2, g.id, port) })
	}
	all.Wait()
	var ports []int
	for _, e := range g.events.take(t) {
		items := e.Detail.ResponseElements.SecurityGroupRuleSet.Items
		if len(items) != 1 {
			t.Fatalf("rules %+v, want the call's own", items)
		}
		ports = append(ports, items[0].FromPort)
	}
	slices.Sort(ports)
	if diff := cmp.Diff([]int{1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011}, ports); diff != "" {
		t.Errorf("ports (-want +got):\n%s", diff)
	}
}

func TestEveryKindOfWriteBecomesAnEventAndNoRead(t *testing.T) {
	t.Parallel()
	bus := &events{}
	p := start(t, proxy.Config{Bus: bus})
	client := ec2.NewFromConfig(p.Client(awsconfig.Keys))
	created, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("every-kind"), Description: aws.String("test"), VpcId: aws.String(newVPC(t, client)),
	})
	if err != nil {
		t.Fatal(err)
	}
	rule := authorize(t, client, *created.GroupId, 22)
	steps := []func() error{
		func() error {
			_, err := client.ModifySecurityGroupRules(t.Context(), &ec2.ModifySecurityGroupRulesInput{
				GroupId: created.GroupId, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
					SecurityGroupRuleId: &rule, SecurityGroupRule: &types.SecurityGroupRuleRequest{
						IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), CidrIpv4: aws.String("0.0.0.0/0"),
					},
				}},
			})
			return err
		},
		func() error {
			_, err := client.UpdateSecurityGroupRuleDescriptionsIngress(t.Context(), &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{
				GroupId: created.GroupId, IpPermissions: []types.IpPermission{permission(22, "0.0.0.0/0")},
			})
			return err
		},
		func() error {
			_, err := client.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{*created.GroupId}})
			return err
		},
		func() error {
			_, err := client.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{
				GroupId: created.GroupId, SecurityGroupRuleIds: []string{rule},
			})
			return err
		},
		func() error {
			_, err := client.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: created.GroupId})
			return err
		},
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	var names []string
	for _, e := range bus.take(t) {
		names = append(names, e.Detail.EventName)
		switch e.Detail.EventName {
		case "CreateSecurityGroup":
			if e.Detail.ResponseElements.GroupID != *created.GroupId {
				t.Errorf("created %s, want %s", e.Detail.ResponseElements.GroupID, *created.GroupId)
			}
		case "RevokeSecurityGroupIngress":
			if items := e.Detail.ResponseElements.RevokedRules.Items; len(items) != 1 || items[0].SecurityGroupRuleID != rule || items[0].CidrIpv4 != "0.0.0.0/0" {
				t.Errorf("revoked %+v", items)
			}
		}
	}
	want := []string{
		"CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "ModifySecurityGroupRules",
		"UpdateSecurityGroupRuleDescriptionsIngress", "RevokeSecurityGroupIngress", "DeleteSecurityGroup",
	}
	slices.Sort(want) // events of different calls may overtake one another
	slices.Sort(names)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// group is an empty group in the default VPC, behind a proxy of its own.
type group struct {
	proxy    *proxy.Proxy
	events   *events
	ec2      *ec2.Client
	id, name string
}

var groups atomic.Int32

func newGroup(t *testing.T) *group {
	t.Helper()
	bus := &events{}
	p := start(t, proxy.Config{Bus: bus})
	g := &group{proxy: p, events: bus, ec2: ec2.NewFromConfig(p.Client(awsconfig.Keys)), name: fmt.Sprintf("%s-%d", t.Name(), groups.Add(1))}
	created, err := g.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &g.name, Description: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	g.id = *created.GroupId
	bus.take(t)
	return g
}

func (g *group) onlyEvent(t *testing.T, name string) message {
	t.Helper()
	got := g.events.take(t)
	if len(got) != 1 || got[0].Detail.EventName != name {
		t.Fatalf("events %+v, want one of %s", got, name)
	}
	return got[0]
}

func newVPC(t *testing.T, client *ec2.Client) string {
	t.Helper()
	vpc, err := client.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	return *vpc.Vpc.VpcId
}

func authorize(t *testing.T, client *ec2.Client, groupID string, port int32) (ruleID string) {
	t.Helper()
	made, err := client.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &groupID, IpPermissions: []types.IpPermission{permission(port, "10.0.0.0/8")},
	})
	if err != nil {
		t.Error(err)
		return ""
	}
	return *made.SecurityGroupRules[0].SecurityGroupRuleId
}

func permission(port int32, cidr string) types.IpPermission {
	return types.IpPermission{
		IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []types.IpRange{{CidrIp: &cidr}},
	}
}
