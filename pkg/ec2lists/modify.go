package ec2lists

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
)

// Modify changes the entries of a list, if the list still has the version that was
// read. EC2 carries the change out after it has answered: read the list to see how
// that went. The error is prefixlist.ErrMoved where the list has another version or is
// changing, and prefixlist.ErrFull where the entries to add do not fit. In both cases
// nothing was changed.
func (l Lists) Modify(ctx context.Context, list prefixlist.List, change prefixlist.Change) error {
	input := &ec2.ModifyManagedPrefixListInput{PrefixListId: &list.ID, CurrentVersion: &list.Version}
	for _, e := range change.Add {
		entry := types.AddPrefixListEntry{Cidr: aws.String(e.Prefix.String())}
		if e.Description != "" {
			entry.Description = aws.String(e.Description)
		}
		input.AddEntries = append(input.AddEntries, entry)
	}
	for _, p := range change.Remove {
		input.RemoveEntries = append(input.RemoveEntries, types.RemovePrefixListEntry{Cidr: aws.String(p.String())})
	}
	if _, err := l.Client.ModifyManagedPrefixList(ctx, input); err != nil {
		return fmt.Errorf("change the entries of the prefix list %s: %w", list.ID, awserr.OfPrefixList(err))
	}
	return nil
}
