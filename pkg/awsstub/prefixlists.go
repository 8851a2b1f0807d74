package awsstub

import "github.com/aws/aws-sdk-go-v2/service/ec2/types"

type (
	// PrefixListsAnswer is for DescribeManagedPrefixLists.
	PrefixListsAnswer struct {
		Lists     []types.ManagedPrefixList `xml:"prefixListSet>item"`
		NextToken string                    `xml:"nextToken,omitempty"`
	}

	// EntriesAnswer is for GetManagedPrefixListEntries.
	EntriesAnswer struct {
		Entries   []types.PrefixListEntry `xml:"entrySet>item"`
		NextToken string                  `xml:"nextToken,omitempty"`
	}

	// ModifyListAnswer is for ModifyManagedPrefixList.
	ModifyListAnswer struct {
		List types.ManagedPrefixList `xml:"prefixList"`
	}
)
