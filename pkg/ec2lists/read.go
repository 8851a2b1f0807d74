// Package ec2lists reads and changes managed prefix lists through EC2.
package ec2lists

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// perPage is the most that the two calls give at once (EC2 API reference,
// DescribeManagedPrefixLists and GetManagedPrefixListEntries, MaxResults).
const perPage = 100

// Lists implements the remediator's view of managed prefix lists.
type Lists struct{ Client *ec2.Client }

// List reads a list with the entries of the version that it names, so that both
// belong together. Of a list that is changing it reads no entries: no documentation
// says of which version they would be. Where there is no such list, the error is
// secgroup.ErrNotFound.
func (l Lists) List(ctx context.Context, id string) (prefixlist.List, error) {
	list, err := l.describe(ctx, id)
	if err != nil || list.IsChanging() {
		return list, err
	}
	list.Entries, err = l.entries(ctx, list)
	return list, err
}

func (l Lists) describe(ctx context.Context, id string) (prefixlist.List, error) {
	answer, err := l.Client.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{PrefixListIds: []string{id}})
	if err != nil {
		return prefixlist.List{}, fmt.Errorf("describe the prefix list %s: %w", id, awserr.WithSentinel(err))
	}
	if len(answer.PrefixLists) != 1 || answer.PrefixLists[0].State == types.PrefixListStateDeleteComplete {
		return prefixlist.List{}, fmt.Errorf("describe the prefix list %s: EC2 knows %d lists of this id: %w", id, len(answer.PrefixLists), secgroup.ErrNotFound)
	}
	return listOf(answer.PrefixLists[0]), nil
}

func listOf(l types.ManagedPrefixList) prefixlist.List {
	tag := ""
	for _, t := range l.Tags {
		if aws.ToString(t.Key) == secgroup.TagKey {
			tag = aws.ToString(t.Value)
		}
	}
	return prefixlist.List{
		Tag: tag,
		ID:  aws.ToString(l.PrefixListId), Name: aws.ToString(l.PrefixListName), Owner: aws.ToString(l.OwnerId),
		Version: aws.ToInt64(l.Version), State: string(l.State), StateMessage: aws.ToString(l.StateMessage),
		MaxEntries: int(aws.ToInt32(l.MaxEntries)), ManagedByIPAM: aws.ToString(l.IpamPrefixListResolverTargetId) != "",
	}
}

// entries reads all entries of a list. A list that AWS manages has no version.
func (l Lists) entries(ctx context.Context, list prefixlist.List) ([]prefixlist.Entry, error) {
	input := &ec2.GetManagedPrefixListEntriesInput{PrefixListId: &list.ID, MaxResults: aws.Int32(perPage)}
	if list.Version > 0 {
		input.TargetVersion = &list.Version
	}
	pages := ec2.NewGetManagedPrefixListEntriesPaginator(l.Client, input)
	var entries []prefixlist.Entry
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the entries of the prefix list %s: %w", list.ID, awserr.WithSentinel(err))
		}
		for _, e := range page.Entries {
			prefix, err := netip.ParsePrefix(aws.ToString(e.Cidr))
			if err != nil {
				return nil, fmt.Errorf("read the entries of the prefix list %s: EC2 names %q, which is no CIDR", list.ID, aws.ToString(e.Cidr))
			}
			entries = append(entries, prefixlist.Entry{Prefix: prefix.Masked(), Description: aws.ToString(e.Description)})
		}
	}
	return entries, nil
}
