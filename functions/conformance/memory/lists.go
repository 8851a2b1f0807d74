package memory

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// list is a managed prefix list.
type list struct {
	types.ManagedPrefixList
	entries []types.PrefixListEntry
}

func (a *AWS) createList(r awsstub.Request) (any, error) {
	l := &list{ManagedPrefixList: types.ManagedPrefixList{
		PrefixListId: pointer(a.newID("pl")), PrefixListName: present(r.Form.Get("PrefixListName")), OwnerId: pointer(account),
		MaxEntries: pointer(int32(number(r.Form.Get("MaxEntries"), 1))), Version: pointer(int64(1)), State: types.PrefixListStateCreateComplete,
	}}
	l.entries = entriesOf(r, "Entry")
	a.lists[*l.PrefixListId] = l
	return awsstub.ModifyListAnswer{List: l.ManagedPrefixList}, nil
}

func entriesOf(r awsstub.Request, prefix string) []types.PrefixListEntry {
	var entries []types.PrefixListEntry
	for i := 1; r.Form.Has(fmt.Sprintf("%s.%d.Cidr", prefix, i)); i++ {
		at := fmt.Sprintf("%s.%d.", prefix, i)
		entries = append(entries, types.PrefixListEntry{Cidr: present(r.Form.Get(at + "Cidr")), Description: present(r.Form.Get(at + "Description"))})
	}
	return entries
}

func (a *AWS) findList(id string) (*list, error) {
	if l := a.lists[id]; l != nil {
		return l, nil
	}
	return nil, refusal("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", id)
}

func (a *AWS) describeLists(r awsstub.Request) (any, error) {
	var answer awsstub.PrefixListsAnswer
	for _, id := range r.List("PrefixListId") {
		l, err := a.findList(id)
		if err != nil {
			return nil, err
		}
		answer.Lists = append(answer.Lists, l.ManagedPrefixList)
	}
	return answer, nil
}

func (a *AWS) listEntries(r awsstub.Request) (any, error) {
	l, err := a.findList(r.Form.Get("PrefixListId"))
	if err != nil {
		return nil, err
	}
	var answer awsstub.EntriesAnswer
	answer.Entries, answer.NextToken = pageOf(l.entries, r.Form.Get("NextToken"), number(r.Form.Get("MaxResults"), 100))
	return answer, nil
}

// modifyList changes the entries of the version that the call names.
func (a *AWS) modifyList(r awsstub.Request) (any, error) {
	l, err := a.findList(r.Form.Get("PrefixListId"))
	if err != nil {
		return nil, err
	}
	if int64(number(r.Form.Get("CurrentVersion"), 0)) != *l.Version {
		return nil, refusal("PrefixListVersionMismatch", "The prefix list has the version %d", *l.Version)
	}
	removed := entriesOf(r, "RemoveEntry")
	entries := slices.DeleteFunc(slices.Clone(l.entries), func(e types.PrefixListEntry) bool {
		return slices.ContainsFunc(removed, func(x types.PrefixListEntry) bool { return *x.Cidr == *e.Cidr })
	})
	entries = append(entries, entriesOf(r, "AddEntry")...)
	if len(entries) > int(*l.MaxEntries) {
		return nil, refusal("PrefixListMaxEntriesExceeded", "The prefix list takes %d entries", *l.MaxEntries)
	}
	l.entries, l.Version = entries, pointer(*l.Version+1)
	return awsstub.ModifyListAnswer{List: l.ManagedPrefixList}, nil
}
