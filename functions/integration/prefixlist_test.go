package integration

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2lists"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

var listNumbers atomic.Int32

// list is a managed prefix list.
type list struct{ id string }

func createList(t *testing.T, cidrs ...string) list {
	t.Helper()
	var entries []types.AddPrefixListEntry
	for _, c := range cidrs {
		entries = append(entries, types.AddPrefixListEntry{Cidr: &c})
	}
	made, err := client.CreateManagedPrefixList(t.Context(), &ec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String(fmt.Sprintf("offices-%d", listNumbers.Add(1))), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(10), Entries: entries,
	})
	if err != nil {
		t.Fatal(err)
	}
	return list{*made.PrefixList.PrefixListId}
}

func (l list) add(t *testing.T, cidr string) {
	t.Helper()
	if _, err := client.ModifyManagedPrefixList(t.Context(), &ec2.ModifyManagedPrefixListInput{
		PrefixListId: &l.id, AddEntries: []types.AddPrefixListEntry{{Cidr: &cidr}},
	}); err != nil {
		t.Fatal(err)
	}
}

func (l list) parameter() string { return prefix + "/prefix-lists/" + l.id }

// approve writes the document of the list.
func (l list) approve(t *testing.T, settings string, cidrs ...string) {
	t.Helper()
	var entries []string
	for _, c := range cidrs {
		entries = append(entries, `{"cidr":"`+c+`"}`)
	}
	text := fmt.Sprintf(`{"schema":1,"prefixListId":%q,%s"entries":[%s]}`, l.id, settings, strings.Join(entries, ","))
	putText(t, parameters, l.parameter(), text, ssmtypes.ParameterTypeString)
	t.Cleanup(func() { remove(t, l.parameter()) })
	idle(t)
}

// has waits until the list has exactly these entries.
func (l list) has(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		read, err := ec2lists.Lists{Client: unheard}.List(t.Context(), l.id)
		if err != nil {
			t.Fatal(err)
		}
		got = nil
		for _, e := range read.Entries {
			got = append(got, e.Prefix.String())
		}
		if slices.Sort(got); slices.Equal(got, slices.Sorted(slices.Values(want))) {
			return
		}
	}
	t.Fatalf("the list has %v, want %v", got, want)
}

// reported returns the alerts about the list, the latest last.
func (l list) reported(t *testing.T) []alert.Alert {
	t.Helper()
	idle(t)
	var all []alert.Alert
	for _, message := range local.Alerts() {
		if a := decode(t, message.JSON); a.PrefixListID == l.id {
			all = append(all, a)
		}
	}
	return all
}

// TestAnEntryThatNobodyApprovedIsTakenOut: mallory adds the world to a list.
func TestAnEntryThatNobodyApprovedIsTakenOut(t *testing.T) {
	t.Parallel()
	l := createList(t, "10.0.0.0/8")
	l.approve(t, "", "10.0.0.0/8")
	l.add(t, "0.0.0.0/0")
	l.has(t, "10.0.0.0/8")
	reported := l.reported(t)
	i := slices.IndexFunc(reported, func(a alert.Alert) bool { return a.Kind == alert.PrefixListKind })
	if i < 0 {
		t.Fatalf("got %+v", reported)
	}
	a := reported[i]
	if a.Outcome != alert.Reverted || a.Severity != alert.High || a.Actor == nil || !strings.HasSuffix(a.Actor.ARN, ":user/mallory") || a.ExposureSeconds == nil {
		t.Errorf("got %+v", a)
	}
	want(t, "findings", []string{"violation: revoked: entry 0.0.0.0/0"}, actions(a))
}

// TestAnEntryWithinWhatIsApprovedStays has no alert but that of the document.
func TestAnEntryWithinWhatIsApprovedStays(t *testing.T) {
	t.Parallel()
	l := createList(t, "10.0.0.0/9")
	l.approve(t, "", "10.0.0.0/8")
	l.add(t, "10.128.0.0/9")
	for _, a := range l.reported(t) {
		if a.Kind == alert.PrefixListKind {
			t.Errorf("got %+v", a)
		}
	}
	l.has(t, "10.0.0.0/9", "10.128.0.0/9")
}

// TestAListInModeAlertIsOnlyReported: mallory's entry stays.
func TestAListInModeAlertIsOnlyReported(t *testing.T) {
	t.Parallel()
	l := createList(t, "10.0.0.0/8")
	l.approve(t, `"mode":"alert",`, "10.0.0.0/8")
	l.add(t, "0.0.0.0/0")
	if !slices.ContainsFunc(l.reported(t), func(a alert.Alert) bool { return a.Outcome == alert.WouldRevert }) {
		t.Errorf("got %+v", l.reported(t))
	}
	l.has(t, "10.0.0.0/8", "0.0.0.0/0")
}

// TestALargeDocumentOfAListIsReadInParts: its entries fill several parameters.
func TestALargeDocumentOfAListIsReadInParts(t *testing.T) {
	t.Parallel()
	store := ssmstore.Store{Client: unheardParameters, Prefix: prefix}
	p := &baseline.PrefixList{PrefixListID: "pl-0123456789abcdef0", Mode: baseline.Alert}
	for i := range 900 {
		description := fmt.Sprintf("office %x", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
		p.Entries = append(p.Entries, baseline.NewPrefixListEntry(netip.MustParsePrefix(fmt.Sprintf("20.%d.%d.0/24", i/250, i%250)), description))
	}
	version, err := store.PutPrefixList(t.Context(), p, baseline.Stored{}, "large")
	t.Cleanup(func() { remove(t, store.PrefixList(p.PrefixListID)) })
	if err != nil || version != 1 {
		t.Fatalf("version %d, %v", version, err)
	}
	document, _, err := store.ReadPrefixList(t.Context(), p.PrefixListID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := document.PrefixList(p.PrefixListID)
	if err != nil || len(got.Entries) != len(p.Entries) {
		t.Errorf("got %v, %v", got, err)
	}
	versions, err := store.History(t.Context(), store.PrefixList(p.PrefixListID))
	if err != nil || len(versions) != 1 || versions[0].ReadError != nil || !json.Valid(versions[0].Value) || versions[0].Description != "large" {
		t.Errorf("got %d versions, %v", len(versions), err)
	}
	raw, err := unheardParameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String(store.PrefixList(p.PrefixListID))})
	if err != nil || !strings.Contains(*raw.Parameter.Value, `"parts"`) {
		t.Errorf("it is not in parts: %v, %v", raw, err)
	}
}
