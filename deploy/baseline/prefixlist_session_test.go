package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/rogpeppe/go-internal/testscript"
)

// makeList makes a managed prefix list. An entry is a CIDR, with a description behind #.
func makeList(ctx context.Context, cfg aws.Config, name string, entries ...string) (id string, err error) {
	input := &ec2.CreateManagedPrefixListInput{PrefixListName: &name, AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(20)}
	for _, text := range entries {
		input.Entries = append(input.Entries, addedEntry(text))
	}
	made, err := ec2.NewFromConfig(cfg).CreateManagedPrefixList(ctx, input)
	if err != nil {
		return "", fmt.Errorf("make the prefix list %s: %w", name, err)
	}
	return aws.ToString(made.PrefixList.PrefixListId), nil
}

func addedEntry(text string) types.AddPrefixListEntry {
	cidr, description, _ := strings.Cut(text, "#")
	e := types.AddPrefixListEntry{Cidr: aws.String(strings.TrimSpace(cidr))}
	if description = strings.TrimSpace(description); description != "" {
		e.Description = &description
	}
	return e
}

// changeList adds entries that begin with +, and takes out those that begin with -.
func changeList(ctx context.Context, cfg aws.Config, id string, changes ...string) error {
	client := ec2.NewFromConfig(cfg)
	now, err := client.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{PrefixListIds: []string{id}})
	if err != nil {
		return err
	}
	input := &ec2.ModifyManagedPrefixListInput{PrefixListId: &id, CurrentVersion: now.PrefixLists[0].Version}
	for _, text := range changes {
		if cidr, removed := strings.CutPrefix(text, "-"); removed {
			input.RemoveEntries = append(input.RemoveEntries, types.RemovePrefixListEntry{Cidr: &cidr})
		} else {
			input.AddEntries = append(input.AddEntries, addedEntry(strings.TrimPrefix(text, "+")))
		}
	}
	_, err = client.ModifyManagedPrefixList(ctx, input)
	return err
}

func sessionList(ts *testscript.TestScript, _ bool, args []string) {
	id, err := makeList(context.Background(), sessionConfig(ts), args[0], args[1:]...)
	ts.Check(err)
	ts.Setenv(variable(args[0]), id)
}

func sessionEntries(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(changeList(context.Background(), sessionConfig(ts), ts.Getenv(variable(args[0])), args[1:]...))
}

func sessionNoList(ts *testscript.TestScript, _ bool, args []string) {
	_, err := ec2.NewFromConfig(sessionConfig(ts)).DeleteManagedPrefixList(context.Background(), &ec2.DeleteManagedPrefixListInput{PrefixListId: aws.String(ts.Getenv(variable(args[0])))})
	ts.Check(err)
}
