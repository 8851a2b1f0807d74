// Package conformance holds everything that stands in for AWS to what the product relies
// on. Each promise is one named test. It uses the adapters where these show the
// promise, and through the SDK's clients where an adapter would hide a breach.
//
// Three stand-ins run the suite: a stub in memory, moto, and the simulator's AWS. A
// stand-in that can't keep a promise declares so, and the suite asserts the declaration: a
// promise that is declared as broken and kept is an error too. So the stand-ins can't
// become different and nobody notices.
//
// Nothing here proves what AWS does. Each promise names AWS's documentation.
package conformance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/ec2lists"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// AWS is one account and region.
type AWS struct {
	EC2 *ec2.Client
	SSM *ssm.Client
	// Prefix is a path of Parameter Store under which there is nothing.
	Prefix string
	// Quota is how many rules a group may have in each direction.
	Quota int
	// NewGroup makes a group of the default VPC without ingress rules, and returns its id.
	NewGroup func(ctx context.Context, name string) (string, error)
	// NewList makes a managed prefix list of one entry with room for three, and returns its
	// id. Nil where there are no prefix lists.
	NewList func(ctx context.Context, name, cidr string) (string, error)
}

// Subject is a stand-in for AWS.
type Subject struct {
	// New returns an account for one promise. Others may use the same stand-in beside it,
	// with groups of their own and another prefix.
	New func(t *testing.T) AWS
	// Breaks says of each promise that the stand-in does not keep why that is so.
	Breaks map[string]string
}

// promise is something that the product relies on.
type promise struct {
	name string
	// keeps returns why the promise is broken, nil where it is kept.
	keeps func(ctx context.Context, a AWS) error
}

// Area is what a promise is about.
type Area string

// The areas.
const (
	Groups     Area = "security groups and the rules that are added to them"
	Revokes    Area = "rules that are revoked or modified"
	Parameters Area = "parameters of Parameter Store"
	Documents  Area = "what the product keeps in Parameter Store"
	Lists      Area = "managed prefix lists"
)

var areas = []Area{Groups, Revokes, Parameters, Documents, Lists}

// Promises returns the names of the promises of some areas, or of all, in order.
func Promises(of ...Area) []string {
	var names []string
	for _, p := range promises(of...) {
		names = append(names, p.name)
	}
	return names
}

func promises(of ...Area) []promise {
	if len(of) == 0 {
		of = areas
	}
	byArea := map[Area][]promise{Groups: groupPromises, Revokes: revokePromises, Parameters: parameterPromises, Documents: storePromises, Lists: listPromises}
	var all []promise
	for _, area := range of {
		all = append(all, byArea[area]...)
	}
	return all
}

// Run holds a stand-in to each promise, as a test of its own.
func Run(t *testing.T, s Subject) {
	t.Helper()
	for name := range s.Breaks {
		if !slices.Contains(Promises(), name) {
			t.Errorf("there is no promise %q to declare as broken", name)
		}
	}
	for _, p := range promises() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			why, declared := s.Breaks[p.name]
			err := p.keeps(t.Context(), s.New(t))
			switch {
			case err != nil && !declared:
				t.Error(err)
			case err == nil && declared:
				t.Errorf("the promise is kept, so take it off the list of broken ones (it said: %s)", why)
			case declared:
				t.Logf("declared as broken: %s (%v)", why, err)
			}
		})
	}
}

// Broken returns the promises that a stand-in breaks, and why. It is for tests of the
// suite itself.
func Broken(ctx context.Context, newAWS func() AWS) map[string]error {
	broken := map[string]error{}
	for _, p := range promises() {
		if err := p.keeps(ctx, newAWS()); err != nil {
			broken[p.name] = err
		}
	}
	return broken
}

func (a AWS) groups() ec2groups.Groups { return ec2groups.Groups{Client: a.EC2} }
func (a AWS) lists() ec2lists.Lists    { return ec2lists.Lists{Client: a.EC2} }
func (a AWS) store() ssmstore.Store    { return ssmstore.Store{Client: a.SSM, Prefix: a.Prefix} }

// The rules of the suite. The simulator knows them all.
const (
	ssh      = "ingress tcp 22 0.0.0.0/0"
	https    = "ingress tcp 443 10.0.0.0/8"
	httpsV6  = "ingress tcp 443 ::/0"
	ping     = "ingress icmp 8 10.0.0.0/8"
	ranged   = "ingress tcp 400-500 10.1.0.0/16"
	anything = "ingress all all 10.1.0.0/16"
	outward  = "egress tcp 443 0.0.0.0/0"
)

var sixRules = []string{ssh, https, httpsV6, ping, ranged, anything}

// approved returns the rules of rule texts. A text that is none is a mistake of the suite.
func approved(texts ...string) []secgroup.ApprovedRule {
	rules := make([]secgroup.ApprovedRule, len(texts))
	for i, text := range texts {
		r, err := rule.Parse(text)
		if err != nil {
			panic(err)
		}
		rules[i].Rule = r
	}
	return rules
}

// groupWith makes a group that has some rules more than a new one, one call for each.
func (a AWS) groupWith(ctx context.Context, name string, texts ...string) (id string, err error) {
	if id, err = a.NewGroup(ctx, name); err != nil {
		return "", fmt.Errorf("make a group: %w", err)
	}
	for _, r := range approved(texts...) {
		if err := a.groups().Authorize(ctx, id, []secgroup.ApprovedRule{r})[0]; err != nil {
			return "", fmt.Errorf("authorize %s: %w", r.Rule, err)
		}
	}
	return id, nil
}

// live returns the live rules of a group, by rule text.
func (a AWS) live(ctx context.Context, id string) (map[string]secgroup.LiveRule, error) {
	rules, err := a.groups().Rules(ctx, id)
	if err != nil {
		return nil, err
	}
	live := map[string]secgroup.LiveRule{}
	for _, l := range rules {
		live[l.Rule.String()] = l
	}
	return live, nil
}

// hasIngress returns an error unless a group has exactly these ingress rules.
func (a AWS) hasIngress(ctx context.Context, id string, want ...string) error {
	live, err := a.live(ctx, id)
	if err != nil {
		return err
	}
	maps.DeleteFunc(live, func(_ string, l secgroup.LiveRule) bool { return l.Rule.Direction != rule.Ingress })
	got := slices.Sorted(maps.Keys(live))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Errorf("the group has the ingress rules %q, want %q", got, want)
	}
	return nil
}
