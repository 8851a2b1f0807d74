package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/imported"
	"github.com/sgwarden/sgwarden/deploy/baseline/terraform"
)

// importing is what the verb import is asked to do.
type importing struct {
	*app
	dir string
}

const importLong = `
A file has both lists, so that both directions are guarded; one without a rule is empty, and permits none.

A baseline that misses a rule would have that rule revoked. So no file is written for a group of which any rule can't be
told; what could not be resolved is listed with the reason, and the exit status is 2.

A file that DIR already has for a group is updated in place and keeps its mode, match, restore and exceptions. For what a
baseline in Parameter Store has of these, pull into DIR first.`

func importCommand(a *app) *cobra.Command {
	i := importing{app: a}
	c := &cobra.Command{
		Use:   "import",
		Short: "Write baseline files from infrastructure code",
		Long:  "Writes baseline files, YAML, one a group, from the security groups of Terraform or CloudFormation.\n" + importLong,
		Example: `  terraform show -json plan.out > plan.json && baseline import terraform plan.json --out baselines
  baseline import cloudformation my-stack --out baselines`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return misused("say what to import: terraform FILE or cloudformation STACK")
		},
	}
	c.PersistentFlags().StringVar(&i.dir, "out", "", "the directory of the files, made if it isn't there")
	c.AddCommand(i.terraformCommand(), i.cloudformationCommand())
	return c
}

func (i *importing) terraformCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "terraform FILE --out DIR",
		Short: "Write baseline files from a Terraform state or plan",
		Long: `Writes baseline files from what ` + "`terraform show -json`" + ` writes of a state or a plan; - reads the standard input. Of a
plan the planned values count, so that what it makes can be approved before it is applied. It needs no AWS.

Read are aws_security_group, aws_default_security_group, aws_security_group_rule, aws_vpc_security_group_ingress_rule and
aws_vpc_security_group_egress_rule. A group that doesn't exist yet has no id: apply, then import the state.
` + importLong,
		Example: `  terraform show -json > state.json && baseline import terraform state.json --out baselines
  terraform show -json plan.out | baseline import terraform - --out baselines`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := i.readAll(args[0])
			if err != nil {
				return err
			}
			result, err := terraform.Read(data)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return i.write(args[0], result)
		},
	}
}

func (i *importing) readAll(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(i.in)
	}
	return os.ReadFile(name)
}

func (i *importing) cloudformationCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "cloudformation STACK --out DIR",
		Short: "Write baseline files from a CloudFormation stack",
		Long: `Writes baseline files from a stack's template, the values of its parameters and the physical ids of its resources. STACK is
its name or ARN.

Read are AWS::EC2::SecurityGroup, AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress, with Ref, Fn::GetAtt
and Fn::Sub; other functions are not evaluated. A group without egress rules in the template has those that EC2 gives it,
as far as the group has them. A group with live rules that come from elsewhere, such as another stack, is listed and not
written: add such rules to its file by hand, or capture a group that has no file.
` + importLong,
		Example: `  baseline import cloudformation my-stack --out baselines`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			result, err := i.stack(c.Context(), args[0])
			if err != nil {
				return err
			}
			return i.write("stack "+args[0], result)
		},
	}
}

// stack reads a stack, and from EC2 what its template can't say.
func (i *importing) stack(ctx context.Context, name string) (imported.Result, error) {
	client, err := i.stacks(ctx)
	if err != nil {
		return imported.Result{}, err
	}
	result, err := readStack(ctx, client, name)
	if err != nil {
		return result, err
	}
	groups, err := i.Groups(ctx)
	if err != nil {
		return result, err
	}
	return i.live(ctx, groups, result)
}
