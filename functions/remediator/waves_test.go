package main

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
)

// delay of every answer: calls made side by side arrive well within it.
const delay = 300 * time.Millisecond

func TestTheRevokeComesInTheSecondWaveOfCallsColdAndWarm(t *testing.T) {
	t.Parallel()
	c := newCloud(t, delay, ssh)
	function := c.handler(t)
	for _, invocation := range []string{"cold", "warm"} {
		if _, err := function.Invoke(context.Background(), c.opens(events.MustRead("authorize-ingress-ipv4"))); err != nil {
			t.Fatal(err)
		}
		want := map[string][]int{
			"DescribeSecurityGroupRules": {1}, "GetParameters": {1}, "GetParametersByPath": {1},
			"RevokeSecurityGroupIngress": {2}, "DescribeSecurityGroups": {2}, "DescribeNetworkInterfaces": {2},
			"Publish": {3},
		}
		if diff := cmp.Diff(want, c.stub.Waves()); diff != "" {
			t.Errorf("%s: %s", invocation, diff)
		}
		c.stub.Forget()
		c.live = append(c.live, spell(t, ssh, 10))
	}
}

func TestOnlyWhatTheEventDoesNotNameWaitsForItsRecord(t *testing.T) {
	t.Parallel()
	c := newCloud(t, delay, ssh, "egress all all 0.0.0.0/0")
	c.invoke(t, events.MustRead("authorize-ingress-ipv4"))
	want := map[string][]int{
		"DescribeSecurityGroupRules": {1}, "GetParameters": {1}, "GetParametersByPath": {1},
		"RevokeSecurityGroupIngress": {2}, "PutParameter": {2}, "DescribeSecurityGroups": {2}, "DescribeNetworkInterfaces": {2},
		"RevokeSecurityGroupEgress": {3},
		"Publish":                   {4},
		"DeleteParameters":          {5},
	}
	if diff := cmp.Diff(want, c.stub.Waves()); diff != "" {
		t.Error(diff)
	}
}

// However much approved traffic the opened rule overlaps: nothing relied on it.
func TestTheRevokeOfWhatACallAddedWaitsForNothing(t *testing.T) {
	t.Parallel()
	c := newCloud(t, delay, ssh)
	c.baseline = document(t, "ingress tcp 22 10.0.0.0/8")
	c.live = c.live[1:]
	c.invoke(t, events.MustRead("authorize-ingress-ipv4"))
	want := map[string][]int{
		"DescribeSecurityGroupRules": {1}, "GetParameters": {1}, "GetParametersByPath": {1},
		"RevokeSecurityGroupIngress": {2}, "DescribeSecurityGroups": {2}, "DescribeNetworkInterfaces": {2},
		"Publish": {3},
	}
	if diff := cmp.Diff(want, c.stub.Waves()); diff != "" {
		t.Error(diff)
	}
}

func TestTheRevokeComesInTheThirdWaveWhereAModifiedRuleCarriedApprovedTraffic(t *testing.T) {
	t.Parallel()
	c := newCloud(t, delay, "ingress tcp 443 0.0.0.0/0")
	c.baseline = document(t, "ingress tcp 443 10.0.0.0/8") // which only the violation carries
	c.live = c.live[1:]
	c.invoke(t, events.MustRead("modify-one-rule"))
	want := map[string][]int{
		"DescribeSecurityGroupRules": {1}, "GetParameters": {1}, "GetParametersByPath": {1},
		"AuthorizeSecurityGroupIngress": {2}, "PutParameter": {2}, "DescribeSecurityGroups": {2}, "DescribeNetworkInterfaces": {2},
		"RevokeSecurityGroupIngress": {3},
		"Publish":                    {4},
		"DeleteParameters":           {5},
	}
	if diff := cmp.Diff(want, c.stub.Waves()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"sgr-1001"}, c.ids()); diff != "" {
		t.Error(diff)
	}
}

// oneByOne reads the baseline after something else, as a careless change of the
// remediator would.
type oneByOne struct {
	remediate.GroupFinder
	remediate.BaselineReader
}

func (o oneByOne) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	if _, err := o.Group(ctx, groupID); err != nil {
		return baseline.Documents{}, err
	}
	return o.BaselineReader.Read(ctx, groupID)
}

func TestTheWaveCounterSeesCallsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	c := newCloud(t, delay, ssh)
	function := c.handler(t)
	function.remediator.Baselines = oneByOne{function.remediator.Groups, function.remediator.Baselines}
	if _, err := function.Invoke(context.Background(), c.opens(events.MustRead("authorize-ingress-ipv4"))); err != nil {
		t.Fatal(err)
	}
	want := map[string][]int{
		"DescribeSecurityGroupRules": {1}, "DescribeSecurityGroups": {1, 3}, "DescribeNetworkInterfaces": {3}, "GetParameters": {2}, "GetParametersByPath": {2}, "RevokeSecurityGroupIngress": {3}, "Publish": {4},
	}
	if diff := cmp.Diff(want, c.stub.Waves()); diff != "" {
		t.Error(diff)
	}
}

// Only a violation within the grace of a young baseline costs a round trip more.
func TestTheVersionsOfAYoungBaselineAreReadInAWaveOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age  time.Duration
		want map[string][]int
	}{
		"young": {time.Minute, map[string][]int{"GetParameterHistory": {2}, "RevokeSecurityGroupIngress": {3}, "DescribeSecurityGroups": {3}, "DescribeNetworkInterfaces": {3}, "Publish": {4}}},
		"old":   {11 * time.Minute, map[string][]int{"RevokeSecurityGroupIngress": {2}, "DescribeSecurityGroups": {2}, "DescribeNetworkInterfaces": {2}, "Publish": {3}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t, delay, ssh)
			cloud.changedAt = time.Now().Add(-c.age)
			function := cloud.handler(t)
			function.remediator.Grace = 10 * time.Minute
			if _, err := function.Invoke(context.Background(), cloud.opens(events.MustRead("authorize-ingress-ipv4"))); err != nil {
				t.Fatal(err)
			}
			for _, read := range []string{"DescribeSecurityGroupRules", "GetParameters", "GetParametersByPath"} {
				c.want[read] = []int{1}
			}
			if diff := cmp.Diff(c.want, cloud.stub.Waves()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
