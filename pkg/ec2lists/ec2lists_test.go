package ec2lists_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/ec2lists"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

const offices = "pl-0a1b2c3d4e5f60718"

func start(t *testing.T, handlers map[string]awsstub.Handler) (*awsstub.Stub, ec2lists.Lists) {
	t.Helper()
	s := awsstub.New(0, handlers)
	t.Cleanup(s.Close)
	return s, ec2lists.Lists{Client: ec2.NewFromConfig(s.Config())}
}

// described is a list as EC2 describes it.
func described(state types.PrefixListState) types.ManagedPrefixList {
	return types.ManagedPrefixList{
		PrefixListId: aws.String(offices), PrefixListName: aws.String("offices"), OwnerId: aws.String("111122223333"),
		Version: aws.Int64(3), State: state, MaxEntries: aws.Int32(10),
	}
}

func entry(cidr, description string) types.PrefixListEntry {
	return types.PrefixListEntry{Cidr: &cidr, Description: &description}
}

func TestAListIsReadWithAllPagesOfItsVersion(t *testing.T) {
	t.Parallel()
	pages := map[string]awsstub.EntriesAnswer{
		"":  {Entries: []types.PrefixListEntry{entry("10.0.0.0/8", "head office")}, NextToken: "b"},
		"b": {NextToken: "c"}, // EC2 may answer an empty page that is not the last
		"c": {Entries: []types.PrefixListEntry{entry("20.0.0.0/24", "")}},
	}
	s, lists := start(t, map[string]awsstub.Handler{
		"DescribeManagedPrefixLists": func(awsstub.Request) (any, error) {
			return awsstub.PrefixListsAnswer{Lists: []types.ManagedPrefixList{described(types.PrefixListStateModifyComplete)}}, nil
		},
		"GetManagedPrefixListEntries": func(r awsstub.Request) (any, error) { return pages[r.Form.Get("NextToken")], nil },
	})
	got, err := lists.List(context.Background(), offices)
	want := prefixlist.List{
		ID: offices, Name: "offices", Owner: "111122223333", Version: 3, State: "modify-complete", MaxEntries: 10,
		Entries: []prefixlist.Entry{{Prefix: netip.MustParsePrefix("10.0.0.0/8"), Description: "head office"}, {Prefix: netip.MustParsePrefix("20.0.0.0/24")}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, r := range s.Requests("GetManagedPrefixListEntries") {
		if r.Form.Get("TargetVersion") != "3" {
			t.Errorf("asked for version %q", r.Form.Get("TargetVersion"))
		}
	}
}

func TestAListThatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		lists    []types.ManagedPrefixList
		refusal  *awsstub.Error
		entry    string
		is       error
		changing bool
		entries  int // calls
	}{
		"no such list, as an empty answer": {is: secgroup.ErrNotFound},
		"no such list, as an error":        {refusal: &awsstub.Error{Code: "InvalidPrefixListID.NotFound", Status: 400}, is: secgroup.ErrNotFound},
		"a list that was deleted":          {lists: []types.ManagedPrefixList{described(types.PrefixListStateDeleteComplete)}, is: secgroup.ErrNotFound},
		"a denied call":                    {refusal: &awsstub.Error{Code: "UnauthorizedOperation", Status: 403}, is: secgroup.ErrRefused},
		"a list that is changing":          {lists: []types.ManagedPrefixList{described(types.PrefixListStateModifyInProgress)}, changing: true},
		"a list that is restored":          {lists: []types.ManagedPrefixList{described(types.PrefixListStateRestoreInProgress)}, changing: true},
		"a list whose change failed":       {lists: []types.ManagedPrefixList{described(types.PrefixListStateModifyFailed)}, entry: "10.0.0.0/8", entries: 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, lists := start(t, map[string]awsstub.Handler{
				"DescribeManagedPrefixLists": func(awsstub.Request) (any, error) {
					if c.refusal != nil {
						return nil, c.refusal
					}
					return awsstub.PrefixListsAnswer{Lists: c.lists}, nil
				},
				"GetManagedPrefixListEntries": func(awsstub.Request) (any, error) {
					return awsstub.EntriesAnswer{Entries: []types.PrefixListEntry{entry(c.entry, "")}}, nil
				},
			})
			got, err := lists.List(context.Background(), offices)
			if !errors.Is(err, c.is) || c.is == nil && err != nil {
				t.Errorf("got %v", err)
			}
			if n := len(s.Requests("GetManagedPrefixListEntries")); n != c.entries || got.IsChanging() != c.changing || len(got.Entries) != c.entries {
				t.Errorf("%d calls for entries, and the list is %+v", n, got)
			}
		})
	}
}

func TestAListIsChangedAtTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	s, lists := start(t, map[string]awsstub.Handler{
		"ModifyManagedPrefixList": func(awsstub.Request) (any, error) {
			return awsstub.ModifyListAnswer{List: described(types.PrefixListStateModifyInProgress)}, nil
		},
	})
	err := lists.Modify(context.Background(), prefixlist.List{ID: offices, Version: 3}, prefixlist.Change{
		Add:    []prefixlist.Entry{{Prefix: netip.MustParsePrefix("10.0.0.0/8"), Description: "head office"}, {Prefix: netip.MustParsePrefix("20.0.0.0/24")}},
		Remove: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")},
	})
	if err != nil {
		t.Fatal(err)
	}
	form := s.Requests()[0].Form
	got := map[string]string{}
	for key := range form {
		if key != "Action" && key != "Version" {
			got[key] = form.Get(key)
		}
	}
	want := map[string]string{
		"PrefixListId": offices, "CurrentVersion": "3", "AddEntry.1.Cidr": "10.0.0.0/8", "AddEntry.1.Description": "head office",
		"AddEntry.2.Cidr": "20.0.0.0/24", "RemoveEntry.1.Cidr": "0.0.0.0/0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAChangeThatEC2RejectsSaysWhatThatMeans(t *testing.T) {
	t.Parallel()
	for code, is := range map[string]error{
		"PrefixListVersionMismatch":     prefixlist.ErrMoved,
		"IncorrectState":                prefixlist.ErrMoved,
		"PrefixListMaxEntriesExceeded":  prefixlist.ErrFull,
		"UnauthorizedOperation":         secgroup.ErrRefused,
		"InvalidPrefixListModification": secgroup.ErrRefused,
		"InvalidPrefixListID.NotFound":  secgroup.ErrNotFound,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			_, lists := start(t, map[string]awsstub.Handler{
				"ModifyManagedPrefixList": func(awsstub.Request) (any, error) { return nil, &awsstub.Error{Code: code, Status: 400} },
			})
			err := lists.Modify(context.Background(), prefixlist.List{ID: offices, Version: 3}, prefixlist.Change{Remove: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}})
			if !errors.Is(err, is) {
				t.Errorf("got %v", err)
			}
		})
	}
}
