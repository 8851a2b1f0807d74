package cloudtrail

import (
	"encoding/xml"
	"fmt"
	"slices"
)

var listMembers = []string{"prefixListId", "addressFamily", "maxEntries", "ownerId", "prefixListArn", "prefixListName", "state", "version"}

// listAnswer is the answer to a call that changes a managed prefix list, in the wrapped dialect. No raw event with an
// answer is known: it is constructed from the EC2 API reference (ManagedPrefixList) and from how the dialect writes
// scalars.
func listAnswer(c Call, _ *node) (any, error) {
	var answer struct {
		List struct {
			Members []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"prefixList"`
	}
	if len(c.Response) > 0 {
		if err := xml.Unmarshal(c.Response, &answer); err != nil {
			return nil, fmt.Errorf("read the answer to %s: %w", c.Action, err)
		}
	}
	list := object{}
	for _, member := range answer.List.Members {
		if slices.Contains(listMembers, member.XMLName.Local) && member.Text != "" {
			list[member.XMLName.Local] = guess(member.Text)
		}
	}
	return object{c.Action + "Response": object{"xmlns": xmlns, "requestId": c.RequestID, "prefixList": list}}, nil
}
