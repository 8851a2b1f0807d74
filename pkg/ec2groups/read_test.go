package ec2groups_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

const group = "sg-0a1b2c3d4e5f60718"

func start(t *testing.T, delay time.Duration, handlers map[string]awsstub.Handler) (*awsstub.Stub, ec2groups.Groups) {
	t.Helper()
	s := awsstub.New(delay, handlers)
	t.Cleanup(s.Close)
	return s, ec2groups.Groups{Client: ec2.NewFromConfig(s.Config())}
}

// read is a LiveRule for comparison.
type read struct{ ID, Rule, Description, Owner, GroupOwner, NotCanonical, Text string }

func readOf(l secgroup.LiveRule) read {
	r := read{ID: l.ID, Rule: l.Rule.String(), Description: l.Description, Owner: l.Owner, GroupOwner: l.GroupOwner, Text: l.Text}
	if l.NotCanonical != nil {
		r.NotCanonical, r.Rule = l.NotCanonical.Error(), l.Rule.Direction.String()
	}
	return r
}

func TestEveryShapeOfALiveRuleIsRead(t *testing.T) {
	t.Parallel()
	str, num := aws.String, aws.Int32
	referenced := func(id, owner *string) *types.ReferencedSecurityGroup {
		return &types.ReferencedSecurityGroup{GroupId: id, UserId: owner}
	}
	cases := map[string]struct {
		live types.SecurityGroupRule
		want read
	}{
		"IPv4": {
			types.SecurityGroupRule{IpProtocol: str("tcp"), FromPort: num(22), ToPort: num(22), CidrIpv4: str("203.0.113.0/24"), Description: str("office")},
			read{Rule: "ingress tcp 22 203.0.113.0/24", Description: "office"},
		},
		"of a group that another account shares": {
			types.SecurityGroupRule{GroupOwnerId: str("444455556666"), IpProtocol: str("tcp"), FromPort: num(22), ToPort: num(22), CidrIpv4: str("203.0.113.0/24")},
			read{Rule: "ingress tcp 22 203.0.113.0/24", GroupOwner: "444455556666"},
		},
		"IPv6, however it is spelled": {
			types.SecurityGroupRule{IpProtocol: str("udp"), FromPort: num(53), ToPort: num(54), CidrIpv6: str("2001:DB8:0:0::/32")},
			read{Rule: "ingress udp 53-54 2001:db8::/32"},
		},
		"egress": {
			types.SecurityGroupRule{IsEgress: aws.Bool(true), IpProtocol: str("tcp"), FromPort: num(443), ToPort: num(443), CidrIpv4: str("0.0.0.0/0")},
			read{Rule: "egress tcp 443 0.0.0.0/0"},
		},
		"host bits, which moto keeps": {
			types.SecurityGroupRule{IpProtocol: str("tcp"), FromPort: num(80), ToPort: num(80), CidrIpv4: str("10.0.0.5/24")},
			read{Rule: "ingress tcp 80 10.0.0.0/24"},
		},
		"a prefix list": {
			types.SecurityGroupRule{IpProtocol: str("tcp"), FromPort: num(8000), ToPort: num(8080), PrefixListId: str("pl-0ccc")},
			read{Rule: "ingress tcp 8000-8080 pl-0ccc"},
		},
		"a referenced group": {
			types.SecurityGroupRule{IpProtocol: str("tcp"), FromPort: num(80), ToPort: num(80), ReferencedGroupInfo: referenced(str("sg-0bbb"), str("444455556666"))},
			read{Rule: "ingress tcp 80 sg-0bbb", Owner: "444455556666"},
		},
		"a referenced group that was deleted, so without its owner": {
			types.SecurityGroupRule{IpProtocol: str("tcp"), FromPort: num(80), ToPort: num(80), ReferencedGroupInfo: referenced(str("sg-0bbb"), nil)},
			read{Rule: "ingress tcp 80 sg-0bbb"},
		},
		"all protocols, ports -1": {
			types.SecurityGroupRule{IsEgress: aws.Bool(true), IpProtocol: str("-1"), FromPort: num(-1), ToPort: num(-1), CidrIpv4: str("0.0.0.0/0")},
			read{Rule: "egress all all 0.0.0.0/0"},
		},
		"all protocols, ports that EC2 ignores": {
			types.SecurityGroupRule{IpProtocol: str("-1"), FromPort: num(8080), ToPort: num(8080), CidrIpv4: str("0.0.0.0/0")},
			read{Rule: "ingress all all 0.0.0.0/0"},
		},
		"a protocol number, no ports": {
			types.SecurityGroupRule{IpProtocol: str("50"), CidrIpv4: str("10.0.0.0/8")},
			read{Rule: "ingress 50 all 10.0.0.0/8"},
		},
		"every ICMP type": {
			types.SecurityGroupRule{IpProtocol: str("icmp"), FromPort: num(-1), ToPort: num(-1), CidrIpv4: str("10.0.0.0/8")},
			read{Rule: "ingress icmp all 10.0.0.0/8"},
		},
		"an ICMP type, any code": {
			types.SecurityGroupRule{IpProtocol: str("icmp"), FromPort: num(8), ToPort: num(-1), CidrIpv4: str("10.0.0.0/8")},
			read{Rule: "ingress icmp 8 10.0.0.0/8"},
		},
		"an ICMP type and code": {
			types.SecurityGroupRule{IpProtocol: str("icmp"), FromPort: num(3), ToPort: num(4), CidrIpv4: str("10.0.0.0/8")},
			read{Rule: "ingress icmp 3/4 10.0.0.0/8"},
		},
		"ICMPv6 type 0 code 0, which is not all of it": {
			types.SecurityGroupRule{IpProtocol: str("icmpv6"), FromPort: num(0), ToPort: num(0), CidrIpv6: str("::/0")},
			read{Rule: "ingress icmpv6 0/0 ::/0"},
		},
		"ICMPv6 without ports": {
			types.SecurityGroupRule{IpProtocol: str("icmpv6"), CidrIpv6: str("::/0")},
			read{Rule: "ingress icmpv6 all ::/0"},
		},
		"tcp without ports has no canonical form": {
			types.SecurityGroupRule{IpProtocol: str("tcp"), CidrIpv4: str("10.0.0.0/8"), Description: str("odd")},
			read{Rule: "ingress", NotCanonical: "a tcp rule without a port range", Text: "ingress tcp ?-? 10.0.0.0/8", Description: "odd"},
		},
		"nor has a rule without a peer": {
			types.SecurityGroupRule{IsEgress: aws.Bool(true), IpProtocol: str("tcp"), FromPort: num(22), ToPort: num(23)},
			read{Rule: "egress", NotCanonical: "a rule with 0 peers instead of one", Text: "egress tcp 22-23 "},
		},
		"nor one with two": {
			types.SecurityGroupRule{
				IpProtocol: str("tcp"), FromPort: num(22), ToPort: num(22), PrefixListId: str("pl-0ccc"), ReferencedGroupInfo: referenced(str("sg-0bbb"), str("444455556666")),
			},
			read{Rule: "ingress", NotCanonical: "a rule with 2 peers instead of one", Text: "ingress tcp 22-22 sg-0bbbpl-0ccc", Owner: "444455556666"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.live.SecurityGroupRuleId, c.want.ID = aws.String("sgr-0a"), "sgr-0a"
			_, groups := start(t, 0, map[string]awsstub.Handler{
				"DescribeSecurityGroupRules": func(awsstub.Request) (any, error) {
					return awsstub.RulesAnswer{Rules: []types.SecurityGroupRule{c.live}}, nil
				},
			})
			rules, err := groups.Rules(context.Background(), group)
			if err != nil || len(rules) != 1 {
				t.Fatalf("got %v, %v", rules, err)
			}
			if diff := cmp.Diff(c.want, readOf(rules[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAllPagesAreRead(t *testing.T) {
	t.Parallel()
	page := func(next string, ids ...string) awsstub.RulesAnswer {
		answer := awsstub.RulesAnswer{NextToken: next}
		for _, id := range ids {
			answer.Rules = append(answer.Rules, types.SecurityGroupRule{SecurityGroupRuleId: &id, IpProtocol: aws.String("-1"), CidrIpv4: aws.String("10.0.0.0/8")})
		}
		return answer
	}
	// EC2 may answer an empty page that is not the last.
	pages := map[string]awsstub.RulesAnswer{"": page("b", "sgr-1", "sgr-2"), "b": page("c"), "c": page("d", "sgr-3"), "d": page("", "sgr-4")}
	s, groups := start(t, 0, map[string]awsstub.Handler{
		"DescribeSecurityGroupRules": func(r awsstub.Request) (any, error) { return pages[r.Form.Get("NextToken")], nil },
	})
	rules, err := groups.Rules(context.Background(), group)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range rules {
		ids = append(ids, r.ID)
	}
	if diff := cmp.Diff([]string{"sgr-1", "sgr-2", "sgr-3", "sgr-4"}, ids); diff != "" {
		t.Error(diff)
	}
	requests := s.Requests()
	if len(requests) != len(pages) {
		t.Errorf("%d calls", len(requests))
	}
	for _, r := range requests {
		got := []string{r.Form.Get("Filter.1.Name"), r.Form.Get("Filter.1.Value.1"), r.Form.Get("MaxResults")}
		if diff := cmp.Diff([]string{"group-id", group, "1000"}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAPageThatFailsFailsTheWholeRead(t *testing.T) {
	t.Parallel()
	s, groups := start(t, 0, map[string]awsstub.Handler{
		"DescribeSecurityGroupRules": func(r awsstub.Request) (any, error) {
			if r.Form.Get("NextToken") != "" {
				return nil, &awsstub.Error{Code: "UnauthorizedOperation", Message: "not you", Status: 403}
			}
			return awsstub.RulesAnswer{Rules: []types.SecurityGroupRule{{SecurityGroupRuleId: aws.String("sgr-1")}}, NextToken: "b"}, nil
		},
	})
	rules, err := groups.Rules(context.Background(), group)
	if err == nil || !strings.HasPrefix(err.Error(), "describe the rules of "+group+": ") || !strings.Contains(err.Error(), "not you") || rules != nil {
		t.Errorf("got %v, %v after %d calls", rules, err, len(s.Requests()))
	}
}

func TestAGroupIsFoundByIDAndByName(t *testing.T) {
	t.Parallel()
	notFound := func(code string) awsstub.Handler {
		return func(awsstub.Request) (any, error) { return nil, &awsstub.Error{Code: code, Message: "no such group"} }
	}
	found := func(groups ...types.SecurityGroup) awsstub.Handler {
		return func(awsstub.Request) (any, error) { return awsstub.GroupsAnswer{Groups: groups}, nil }
	}
	web := types.SecurityGroup{GroupId: aws.String(group), GroupName: aws.String("web"), VpcId: aws.String("vpc-0a")}
	cases := map[string]struct {
		handler  awsstub.Handler
		want     secgroup.Group
		notFound bool
		says     string
	}{
		"it is there":                   {handler: found(web), want: secgroup.Group{ID: group, Name: "web", VpcID: "vpc-0a"}},
		"EC2 says that it isn't":        {handler: notFound("InvalidGroup.NotFound"), notFound: true, says: "describe group "},
		"EC2 answers none":              {handler: found(), notFound: true, says: "0 groups"},
		"EC2 doesn't let one look":      {handler: notFound("UnauthorizedOperation"), says: "UnauthorizedOperation"},
		"EC2 doesn't take the spelling": {handler: notFound("InvalidGroupId.Malformed"), says: "InvalidGroupId.Malformed"},
	}
	for name, c := range cases {
		for parameter, find := range map[string]func(ec2groups.Groups) (secgroup.Group, error){
			"GroupId":   func(g ec2groups.Groups) (secgroup.Group, error) { return g.Group(context.Background(), group) },
			"GroupName": func(g ec2groups.Groups) (secgroup.Group, error) { return g.GroupByName(context.Background(), "web") },
		} {
			t.Run(name+", "+parameter, func(t *testing.T) {
				t.Parallel()
				s, groups := start(t, 0, map[string]awsstub.Handler{"DescribeSecurityGroups": c.handler})
				got, err := find(groups)
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
				if errors.Is(err, secgroup.ErrNotFound) != c.notFound || (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("got error %v", err)
				}
				want := map[string]string{"GroupId": group, "GroupName": "web"}[parameter]
				if form := s.Requests()[0].Form; len(form) != 1 || form.Get(parameter+".1") != want {
					t.Errorf("asked with %v", form)
				}
			})
		}
	}
}

func TestTheDefaultGroupIsFoundByItsVPC(t *testing.T) {
	t.Parallel()
	const vpc = "vpc-0c2d3e4f5a6b71829"
	for name, c := range map[string]struct {
		groups   []types.SecurityGroup
		notFound bool
	}{
		"it is there":              {[]types.SecurityGroup{{GroupId: aws.String(group), GroupName: aws.String("default"), VpcId: aws.String(vpc)}}, false},
		"the VPC is deleted again": {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, groups := start(t, 0, map[string]awsstub.Handler{"DescribeSecurityGroups": func(awsstub.Request) (any, error) {
				return awsstub.GroupsAnswer{Groups: c.groups}, nil
			}})
			got, err := groups.DefaultGroup(t.Context(), vpc)
			if errors.Is(err, secgroup.ErrNotFound) != c.notFound || !c.notFound && (err != nil || got.ID != group) || c.notFound && !strings.Contains(err.Error(), "describe group default of "+vpc) {
				t.Errorf("got %+v, %v", got, err)
			}
			want := map[string][]string{"Filter.1.Name": {"vpc-id"}, "Filter.1.Value.1": {vpc}, "Filter.2.Name": {"group-name"}, "Filter.2.Value.1": {"default"}}
			if diff := cmp.Diff(want, map[string][]string(s.Requests()[0].Form)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAGroupHasTheValueOfItsOwnTag(t *testing.T) {
	t.Parallel()
	type tag struct {
		Key   string `xml:"key"`
		Value string `xml:"value"`
	}
	type answer struct {
		ID   string `xml:"securityGroupInfo>item>groupId"`
		Tags []tag  `xml:"securityGroupInfo>item>tagSet>item"`
	}
	for name, c := range map[string]struct {
		tags []tag
		want string
	}{
		"no tags":            {nil, ""},
		"tags of others":     {[]tag{{"Name", "web"}, {"Sgwarden", "x"}, {"sgwarden:team", "y"}}, ""},
		"its tag among them": {[]tag{{"Name", "web"}, {"sgwarden", "prod"}, {"team", "x"}}, "prod"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, groups := start(t, 0, map[string]awsstub.Handler{
				"DescribeSecurityGroups": func(awsstub.Request) (any, error) { return answer{group, c.tags}, nil },
			})
			found, err := groups.Group(context.Background(), group)
			listed, listErr := groups.List(context.Background(), ec2groups.Selection{})
			if err != nil || listErr != nil || len(listed) != 1 || found.ID != group || found.Tag != c.want || listed[0] != found {
				t.Errorf("got %+v and %+v, %v, %v, want the tag %q", found, listed, err, listErr, c.want)
			}
		})
	}
}

func TestAllRulesOfTheRegionTakeACallForEachThousand(t *testing.T) {
	t.Parallel()
	const all = 2_500
	s, groups := start(t, 0, map[string]awsstub.Handler{
		"DescribeSecurityGroupRules": func(r awsstub.Request) (any, error) {
			size, _ := strconv.Atoi(r.Form.Get("MaxResults"))
			from, _ := strconv.Atoi(r.Form.Get("NextToken"))
			var answer awsstub.RulesAnswer
			for i := from; i < min(from+size, all); i++ {
				answer.Rules = append(answer.Rules, types.SecurityGroupRule{
					GroupId: aws.String(fmt.Sprintf("sg-%d", i%7)), SecurityGroupRuleId: aws.String(fmt.Sprintf("sgr-%d", i)), IsEgress: aws.Bool(false),
					IpProtocol: aws.String("tcp"), FromPort: aws.Int32(int32(i)), ToPort: aws.Int32(int32(i)), CidrIpv4: aws.String("10.0.0.0/8"),
				})
			}
			if from+size < all {
				answer.NextToken = strconv.Itoa(from + size)
			}
			return answer, nil
		},
	})
	n := 0
	for r, err := range groups.AllRules(context.Background()) {
		if err != nil || r.GroupID != fmt.Sprintf("sg-%d", n%7) || r.ID != fmt.Sprintf("sgr-%d", n) || int(r.Rule.Ports.From) != n {
			t.Fatalf("rule %d: got %+v, %v", n, r, err)
		}
		n++
	}
	pages := map[string]bool{} // over loopback, the SDK now and then reads a large answer twice
	for _, r := range s.Requests() {
		pages[r.Form.Get("NextToken")] = true
	}
	if n != all || len(pages) != 3 {
		t.Errorf("got %d rules in %d calls", n, len(pages))
	}
	s.Inject("DescribeSecurityGroupRules", 99, awsstub.Fault{Error: &awsstub.Error{Code: "UnauthorizedOperation", Message: "not you"}})
	for _, err := range groups.AllRules(context.Background()) {
		if err == nil || !strings.Contains(err.Error(), "describe all rules: ") {
			t.Errorf("got %v", err)
		}
	}
}
