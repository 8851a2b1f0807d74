package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
)

// RegionList is EC2.
type RegionList interface {
	DescribeRegions(context.Context, *ec2.DescribeRegionsInput, ...func(*ec2.Options)) (*ec2.DescribeRegionsOutput, error)
}

// Elsewhere is what is asked in another region.
type Elsewhere struct {
	Stacks deadletters.StackClient
	Trails Trails
	Groups ec2groups.Groups
}

// region is what was found in another region.
type region struct {
	name     string
	unwarded bool // there is no stack
	deaf     bool // there is no trail
	groups   int  // besides the default groups of VPCs; only where there is no stack
	err      error
}

// OtherRegions checks that the other regions of the account have a stack and a trail: names,
// or all that are enabled where there are none.
func OtherRegions(ctx context.Context, client RegionList, open func(region string) Elsewhere, here string, stack deadletters.Stack, names []string) []Check {
	const name = "regions"
	if len(names) == 0 {
		answer, err := client.DescribeRegions(ctx, &ec2.DescribeRegionsInput{}) // only those that are enabled
		if err != nil {
			return []Check{unknown(name, "ec2:DescribeRegions", err)}
		}
		for _, r := range answer.Regions {
			names = append(names, aws.ToString(r.RegionName))
		}
	}
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == here })
	slices.Sort(names)
	found, wanted := make([]region, len(names)), stack.Name
	if stack.OfStackSet() {
		wanted = deadletters.DefaultName // or the one of the stack set, which has another name in each region
	}
	inParallel(len(names), func(i int) { found[i] = lookInto(ctx, open(names[i]), names[i], wanted) })
	return orPassed(regionProblems(found, stack), passed(name, "%s looked at: each has a stack %s and a trail", words.Count(len(names), "other region"), wanted))
}

func lookInto(ctx context.Context, at Elsewhere, name, stack string) region {
	r := region{name: name}
	_, err := deadletters.ReadStack(ctx, at.Stacks, stack, name)
	if errors.Is(err, deadletters.ErrNoStack) {
		r.unwarded = true
		err = r.countGroups(ctx, at.Groups)
	}
	trails := coverageOf(ctx, at.Trails)
	r.deaf = trails.by == "" && trails.err == nil
	r.err = errors.Join(err, trails.err)
	return r
}

// countGroups counts the groups that somebody made.
func (r *region) countGroups(ctx context.Context, groups ec2groups.Groups) error {
	live, err := groups.List(ctx, ec2groups.Selection{})
	for _, g := range live {
		if g.Name != "default" {
			r.groups++
		}
	}
	return err
}

func regionProblems(all []region, stack deadletters.Stack) (problems []Check) {
	var unwarded, empty, deaf, names, dark []string
	var err error // of the first that could not be checked
	for _, r := range all {
		if r.unwarded {
			names = append(names, r.name)
			if r.groups > 0 {
				unwarded = append(unwarded, fmt.Sprintf("%s (%s)", r.name, words.Count(r.groups, "group")))
			} else {
				empty = append(empty, r.name)
			}
		}
		if r.deaf {
			deaf = append(deaf, r.name)
		}
		if r.err != nil {
			dark, err = append(dark, r.name), cmp.Or(err, r.err)
		}
	}
	if len(dark) > 0 {
		problems = append(problems, Check{
			"regions", Unknown, fmt.Sprintf("%s could not be checked; the first because of: %s", strings.Join(dark, ", "), oneLine(err)),
			"leave out with --regions what these credentials may not look into, or use others",
		})
	}
	if len(names) > 0 {
		if len(empty) > 0 {
			unwarded = append(unwarded, fmt.Sprintf("%s without groups (%s)", words.Count(len(empty), "region"), strings.Join(empty, ", ")))
		}
		problems = append(problems, unguarded(stack, unwarded, names))
	}
	if len(deaf) > 0 {
		problems = append(problems, Check{
			"trails", Warn, "no trail logs management write events in " + strings.Join(deaf, ", "),
			"have one trail log in all regions: aws cloudtrail update-trail --name TRAIL --is-multi-region-trail",
		})
	}
	return problems
}

// unguarded names regions without a stack. texts have the names with what is there.
func unguarded(stack deadletters.Stack, texts, names []string) Check {
	const looked = "; default groups are not counted"
	if stack.OfStackSet() {
		return Check{
			"regions", Warn, fmt.Sprintf("no stack %s, and none of a stack set, in %s", deadletters.DefaultName, strings.Join(texts, ", ")) + looked,
			"name all regions of the stack set, in its account: deploy/organization.sh --regions A,B; or look at fewer with --regions",
		}
	}
	return Check{
		"regions", Warn, fmt.Sprintf("no stack %s in %s", stack.Name, strings.Join(texts, ", ")) + looked,
		command(stack, "deploy/deploy.sh --regions "+strings.Join(names, ",")) + "; or look at fewer with --regions",
	}
}
