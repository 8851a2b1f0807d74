package ec2groups_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

func TestTheInterfacesThatUseAGroupAreCounted(t *testing.T) {
	t.Parallel()
	type nic = awsstub.NetworkInterface
	cases := map[string]struct {
		answer awsstub.InterfacesAnswer
		want   secgroup.Interfaces
	}{
		"nothing uses the group": {},
		"private addresses are not public": {
			awsstub.InterfacesAnswer{Interfaces: []nic{{}, {IPv6Addresses: []string{"fd00::1"}}}},
			secgroup.Interfaces{Total: 2},
		},
		"a public IPv4 address is, on whichever private address it stands": {
			awsstub.InterfacesAnswer{Interfaces: []nic{{PublicIP: "198.51.100.7"}, {SecondPublicIPs: []string{"198.51.100.8"}}, {}}},
			secgroup.Interfaces{Total: 3, Public: 2},
		},
		"so is an IPv6 address, and an interface with several counts once": {
			awsstub.InterfacesAnswer{Interfaces: []nic{{PublicIP: "198.51.100.7", IPv6Addresses: []string{"2001:db8::1", "2001:db8::2"}}, {IPv6Addresses: []string{"fd00::1", "2001:db8::3"}}}},
			secgroup.Interfaces{Total: 2, Public: 2},
		},
		"there are more than one page holds": {
			awsstub.InterfacesAnswer{Interfaces: []nic{{}}, NextToken: "more"},
			secgroup.Interfaces{Total: 1, More: true},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, groups := start(t, 0, map[string]awsstub.Handler{
				"DescribeNetworkInterfaces": func(awsstub.Request) (any, error) { return c.answer, nil },
			})
			got, err := groups.Interfaces(context.Background(), group)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if len(s.Requests()) != 1 {
				t.Errorf("%d calls, want one page", len(s.Requests()))
			}
			form := s.Requests()[0].Form
			if form.Get("Filter.1.Name") != "group-id" || form.Get("Filter.1.Value.1") != group || form.Get("MaxResults") != "1000" {
				t.Errorf("asked with %v", form)
			}
		})
	}
}

func TestInterfacesThatCannotBeReadAreAnError(t *testing.T) {
	t.Parallel()
	_, groups := start(t, 0, map[string]awsstub.Handler{
		"DescribeNetworkInterfaces": func(awsstub.Request) (any, error) {
			return nil, &awsstub.Error{Code: "UnauthorizedOperation", Message: "not you"}
		},
	})
	_, err := groups.Interfaces(context.Background(), group)
	if err == nil || !strings.HasPrefix(err.Error(), "describe the network interfaces of "+group+": ") || !strings.Contains(err.Error(), "not you") {
		t.Errorf("got %v", err)
	}
}

func TestTheNamesOfThoseGroupsAreReadThatExistHere(t *testing.T) {
	t.Parallel()
	_, groups := start(t, 0, map[string]awsstub.Handler{
		"DescribeSecurityGroups": func(awsstub.Request) (any, error) {
			return awsstub.GroupsAnswer{Groups: []types.SecurityGroup{{GroupId: aws.String("sg-0a"), GroupName: aws.String("web")}}}, nil
		},
	})
	got, err := groups.GroupNames(context.Background(), []string{"sg-0a", "sg-0peered"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"sg-0a": "web"}, got); diff != "" {
		t.Error(diff)
	}
}
