package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/doctor"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/ec2lists"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// doctorRequest is what the verb doctor is asked to look at.
type doctorRequest struct {
	stack, region, zips string
	regions             []string
}

const doctorHelp = `Does sgwarden work here? doctor looks and changes nothing. A line for each check says ok, WARN, FAIL or ?, and what was
found. A hint below says what to do. ? means that AWS did not answer, and names the permission that is missing.

Checked are: the stack and its mode; a CloudTrail trail that logs management write events; the EventBridge rules and their
targets; the dead-letter queues, and how long alerts wait; the subscriptions; the documents in Parameter Store, and whether
their groups and prefix lists are there; a pause; the last sweep and the last canary; what the roles may do; the functions and their code;
the alarms; and the other regions of the account, which should have a stack and a trail too.

The documents are looked for under the stack's own prefix. --regions limits the other regions: --regions eu-west-1,eu-west-2,
or --regions none.

Permissions: cloudformation:DescribeStacks is needed. The rest are asked for in the lines that say ?:
cloudformation:ListStackResources, cloudtrail:DescribeTrails, GetTrailStatus and GetEventSelectors, events:DescribeRule and
ListTargetsByRule, sqs:GetQueueAttributes, sns:ListSubscriptionsByTopic, ssm:GetParameters and GetParametersByPath,
ec2:DescribeSecurityGroups, DescribeManagedPrefixLists, GetManagedPrefixListEntries and DescribeRegions, cloudwatch:GetMetricData and DescribeAlarms, iam:SimulatePrincipalPolicy,
lambda:GetFunction and ListEventSourceMappings.

Exit status: 0 every check is ok, 2 some check is not, 1 the stack can't be looked at.`

func doctorCommand(a *app) *cobra.Command {
	r := doctorRequest{}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look whether a deployed sgwarden works, and say what to do where it does not",
		Long:  doctorHelp,
		Example: `  baseline doctor
  baseline doctor --stack-name sgwarden --regions none
  baseline doctor --output json | jq -r '.[] | select(.status != "ok") | .check + ": " + .hint'
  baseline doctor --targets targets.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.doctor(c.Context(), r) },
	}
	c.Flags().StringVar(&r.stack, "stack-name", deadletters.DefaultName, "name of the stack; where there is none of that default name, the one that a stack set has made")
	c.Flags().StringVar(&r.region, "region", "", "region of the stack (default: that of the AWS environment)")
	c.Flags().StringSliceVar(&r.regions, "regions", nil, "look at these other regions only, or at none (default: all that are enabled)")
	c.Flags().StringVar(&r.zips, "zips", "build", "directory of the zips to compare the deployed code with")
	return c
}

func (a *app) doctor(ctx context.Context, r doctorRequest) error {
	if !stackName.MatchString(r.stack) {
		return fmt.Errorf("--stack-name %q is not the name of a stack", r.stack)
	}
	cfg, err := a.inRegion(ctx, r.region)
	if err != nil {
		return err
	}
	stack, err := deadletters.ReadStack(ctx, cloudformation.NewFromConfig(cfg), r.stack, cfg.Region)
	if err != nil {
		return err
	}
	a.Prefix = cmp.Or(stack.Outputs["BaselinePrefix"], a.Prefix)
	where, err := a.Identity(ctx)
	if err != nil {
		return err
	}
	checks := doctor.Examine(ctx, a.looks(ctx, cfg, r, stack, where))
	if r.region != "" || a.elsewhere {
		checks = doctor.InRegion(checks, cfg.Region)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return a.printChecks(checks)
}

// looks are all looks, in the order of their lines.
func (a *app) looks(ctx context.Context, cfg aws.Config, r doctorRequest, stack deadletters.Stack, where account.Identity) []doctor.Look {
	region, now := cfg.Region, a.Now()
	store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: a.Prefix}
	ec2Client, watch := ec2.NewFromConfig(cfg), cloudwatch.NewFromConfig(cfg)
	resources, err := doctor.Resources(ctx, cloudformation.NewFromConfig(cfg), stack.Name)
	return []doctor.Look{
		func(context.Context) []doctor.Check { return doctor.Identity(where, stack, region) },
		func(context.Context) []doctor.Check { return doctor.Stack(stack, region) },
		func(context.Context) []doctor.Check { return doctor.Mode(stack) },
		func(ctx context.Context) []doctor.Check {
			return doctor.Trail(ctx, cloudtrail.NewFromConfig(cfg), region)
		},
		doctor.NeedsResources("rules", resources, err, func(ctx context.Context, resources []doctor.Resource) []doctor.Check {
			return doctor.EventRules(ctx, eventbridge.NewFromConfig(cfg), stack, resources, region)
		}),
		func(ctx context.Context) []doctor.Check {
			return doctor.DeadLetters(ctx, deadletters.Desk{Queues: sqs.NewFromConfig(cfg)}, stack)
		},
		func(ctx context.Context) []doctor.Check { return doctor.AlertQueue(ctx, watch, stack, now) },
		func(ctx context.Context) []doctor.Check {
			return doctor.Subscriptions(ctx, sns.NewFromConfig(cfg), stack, region)
		},
		func(ctx context.Context) []doctor.Check {
			return doctor.Documents(ctx, store, ec2groups.Groups{Client: ec2Client}, now)
		},
		func(ctx context.Context) []doctor.Check {
			return doctor.PrefixLists(ctx, store, ec2lists.Lists{Client: ec2Client})
		},
		func(ctx context.Context) []doctor.Check { return doctor.Sweep(ctx, watch, stack, region, now) },
		func(ctx context.Context) []doctor.Check { return doctor.Bookmark(ctx, store) },
		func(ctx context.Context) []doctor.Check { return doctor.Canary(ctx, watch, stack, region, now) },
		doctor.NeedsResources("permissions", resources, err, func(ctx context.Context, resources []doctor.Resource) []doctor.Check {
			return doctor.Permissions(ctx, iam.NewFromConfig(cfg), stack, resources, where, region)
		}),
		func(ctx context.Context) []doctor.Check {
			return doctor.Functions(ctx, lambda.NewFromConfig(cfg), stack, r.zips, region)
		},
		doctor.NeedsResources("alarms", resources, err, func(ctx context.Context, resources []doctor.Resource) []doctor.Check {
			return doctor.Alarms(ctx, watch, stack, resources, region, now)
		}),
		a.otherRegions(cfg, ec2Client, stack, r.regions),
	}
}

// otherRegions looks at other regions of the account.
func (a *app) otherRegions(cfg aws.Config, client doctor.RegionList, stack deadletters.Stack, names []string) doctor.Look {
	if len(names) == 1 && names[0] == "none" {
		return func(context.Context) []doctor.Check { return nil }
	}
	open := func(region string) doctor.Elsewhere {
		there := cfg.Copy()
		there.Region = region
		return doctor.Elsewhere{
			Stacks: cloudformation.NewFromConfig(there), Trails: cloudtrail.NewFromConfig(there),
			Groups: ec2groups.Groups{Client: ec2.NewFromConfig(there)},
		}
	}
	return func(ctx context.Context) []doctor.Check {
		return doctor.OtherRegions(ctx, client, open, cfg.Region, stack, names)
	}
}

// printChecks prints what was found. That not all is fine is a finding.
func (a *app) printChecks(checks []doctor.Check) error {
	var err error
	if a.output == "json" {
		err = a.printJSON(checks)
	} else {
		_, err = io.WriteString(a.out, doctor.Text(checks, a.painter()))
	}
	if err == nil && !doctor.AllPassed(checks) {
		err = errFindings
	}
	return err
}
