package cloudtrail

import (
	"encoding/xml"
	"fmt"
)

// listAnswer is the answer to a call that changes a managed prefix list, in the wrapped dialect. No raw event with an
// answer is known: it is constructed from the EC2 API reference (ManagedPrefixList) and from how the dialect writes
// scalars.
func listAnswer(c Call, _ *node) (any, error) {
	var answer struct {
		List struct {
			ID         string `xml:"prefixListId"`
			Family     string `xml:"addressFamily"`
			MaxEntries string `xml:"maxEntries"`
			Owner      string `xml:"ownerId"`
			ARN        string `xml:"prefixListArn"`
			Name       string `xml:"prefixListName"`
			State      string `xml:"state"`
			Version    string `xml:"version"`
		} `xml:"prefixList"`
	}
	if len(c.Response) > 0 {
		if err := xml.Unmarshal(c.Response, &answer); err != nil {
			return nil, fmt.Errorf("read the answer to %s: %w", c.Action, err)
		}
	}
	list := object{}
	for name, value := range map[string]string{
		"prefixListId": answer.List.ID, "addressFamily": answer.List.Family, "maxEntries": answer.List.MaxEntries, "ownerId": answer.List.Owner,
		"prefixListArn": answer.List.ARN, "prefixListName": answer.List.Name, "state": answer.List.State, "version": answer.List.Version,
	} {
		if value != "" {
			list[name] = guess(value)
		}
	}
	return object{c.Action + "Response": object{"xmlns": xmlns, "requestId": c.RequestID, "prefixList": list}}, nil
}
