package conformance

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

var accounts atomic.Int64

// Of returns an account that is reached with a configuration. Its groups and lists are made
// with the SDK, and its prefix is one that no other account of this process has.
func Of(cfg aws.Config, quota int) AWS {
	n := accounts.Add(1)
	a := AWS{EC2: ec2.NewFromConfig(cfg), SSM: ssm.NewFromConfig(cfg), Prefix: fmt.Sprintf("/conformance-%d", n), Quota: quota}
	a.NewGroup = func(ctx context.Context, name string) (string, error) {
		made, err := a.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String(fmt.Sprintf("%s-%d", name, n)), Description: aws.String(name)})
		if err != nil {
			return "", err
		}
		return aws.ToString(made.GroupId), nil
	}
	a.NewList = func(ctx context.Context, name, cidr string) (string, error) {
		made, err := a.EC2.CreateManagedPrefixList(ctx, &ec2.CreateManagedPrefixListInput{
			PrefixListName: &name, AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(3), Entries: []types.AddPrefixListEntry{{Cidr: &cidr}},
		})
		if err != nil {
			return "", err
		}
		return aws.ToString(made.PrefixList.PrefixListId), nil
	}
	return a
}
