package trail

import (
	"fmt"
	"net/netip"
)

// parseListChange reads a change of a managed prefix list's entries. The one raw event
// that is known is in CloudTrail's second dialect, as that of parseModify: wrapped, in
// capitals but for cidr, and with one object instead of a list of one. So both
// dialects and both spellings are read. The live entries decide where none is found.
func parseListChange(call value, t *Trigger) {
	t.Kind = PrefixListChanged
	request := listRequest(call, t)
	t.Entries.Added = t.prefixes(request, "AddEntry", "addEntry", "AddEntries", "addEntries")
	t.Entries.Removed = t.prefixes(request, "RemoveEntry", "removeEntry", "RemoveEntries", "removeEntries")
	t.MayRemove = len(t.Entries.Removed)+len(t.Unparsed) > 0
}

// parseListRestore: the call names a version, and so no entries.
func parseListRestore(call value, t *Trigger) {
	t.Kind, t.MayRemove = PrefixListChanged, true
	listRequest(call, t)
}

func parseListDelete(call value, t *Trigger) {
	t.Kind = PrefixListDeleted
	listRequest(call, t)
}

// listRequest returns the request of a call about a prefix list, and notes the list.
func listRequest(call value, t *Trigger) value {
	request := call.get("requestParameters")
	if wrapped := request.get(t.EventName + "Request"); wrapped.kind != kindNothing {
		request = wrapped
	}
	answer := call.get("responseElements")
	if wrapped := answer.get(t.EventName + "Response"); wrapped.kind != kindNothing {
		answer = wrapped
	}
	t.PrefixListID = firstText(request.get("PrefixListId"), request.get("prefixListId"),
		answer.get("prefixList", "prefixListId"), answer.get("PrefixList", "PrefixListId"))
	return request
}

// prefixes reads the entries of the first list that is there under one of the keys.
func (t *Trigger) prefixes(request value, keys ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, key := range keys {
		for _, item := range request.get(key).list() {
			text := firstText(item.get("Cidr"), item.get("cidr"))
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				t.Unparsed = append(t.Unparsed, fmt.Errorf("%s names %q, which is no CIDR", key, text))
				continue
			}
			all = append(all, prefix.Masked())
		}
		if len(all) > 0 {
			break
		}
	}
	return all
}
