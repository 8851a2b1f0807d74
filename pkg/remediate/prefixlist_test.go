package remediate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const (
	offices         = "pl-0a1b2c3d4e5f60718"
	officesDocument = "/sg-baseline/prefix-lists/" + offices
)

// cloud is a stateful fake of EC2's prefix lists and their documents.
type cloud struct {
	mu       sync.Mutex
	list     prefixlist.List
	deleted  bool
	document string
	pause    string
	history  []baseline.Version
	written  time.Time // when the document was written; zero for long ago
	changes  []string  // calls that change the list, in the order in which they came
	reads    int
	faults   []error         // of the calls that change the list
	readErrs map[int]error   // by the number of the read
	before   map[int]func()  // what happens before a read, by its number
	busy     int             // reads that find a list changing after a change
	ignore   bool            // EC2 accepts changes and carries none out
	messages []alert.Message // that were published
	docErr   error
}

func (c *cloud) List(context.Context, string) (prefixlist.List, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	if do := c.before[c.reads]; do != nil {
		do()
	}
	if c.deleted {
		return prefixlist.List{}, fmt.Errorf("describe: %w", secgroup.ErrNotFound)
	}
	list := c.list
	list.Entries = slices.Clone(c.list.Entries)
	if c.busy > 0 && len(c.changes) > 0 {
		c.busy--
		list.State, list.Entries = "modify-in-progress", nil
	}
	return list, c.readErrs[c.reads]
}

func (c *cloud) Modify(_ context.Context, list prefixlist.List, change prefixlist.Change) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var texts []string
	for _, p := range change.Remove {
		texts = append(texts, "-"+p.String())
	}
	for _, e := range change.Add {
		texts = append(texts, "+"+e.Prefix.String())
	}
	c.changes = append(c.changes, strings.Join(texts, " "))
	if len(c.faults) > 0 {
		err := c.faults[0]
		if c.faults = c.faults[1:]; err != nil {
			return err
		}
	}
	if list.Version != c.list.Version {
		return fmt.Errorf("version %d: %w", list.Version, prefixlist.ErrMoved)
	}
	if c.ignore {
		c.list.State, c.list.StateMessage = "modify-failed", "a route table is full"
		return nil
	}
	c.list.Version++
	c.list.Entries = slices.DeleteFunc(c.list.Entries, func(e prefixlist.Entry) bool { return slices.Contains(change.Remove, e.Prefix) })
	c.list.Entries = append(c.list.Entries, change.Add...)
	return nil
}

func (c *cloud) ReadPrefixList(_ context.Context, id string) (document, pause baseline.Stored, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.document != "" {
		document = baseline.Stored{Parameter: "/sg-baseline/prefix-lists/" + id, Version: 3, Value: []byte(c.document), ModifiedAt: c.written}
	}
	if c.pause != "" {
		pause = baseline.Stored{Parameter: "/sg-baseline/pause", Version: 1, Value: []byte(c.pause), ModifiedAt: now.Add(-time.Minute)}
	}
	return document, pause, c.docErr
}

func (c *cloud) History(context.Context, string) ([]baseline.Version, error) { return c.history, nil }

func (c *cloud) Publish(_ context.Context, m alert.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages = append(c.messages, m)
	return nil
}

func (c *cloud) remediator() *remediate.Remediator {
	return &remediate.Remediator{
		Lists: c, ListDocuments: c, History: c, Alerts: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now: func() time.Time { return now }, Pause: func(context.Context, time.Duration) {},
		Enforce: true, Grace: 10 * time.Minute, Prefix: "/sg-baseline", OwnRoles: []string{"arn:aws:iam::111122223333:role/sgwarden-remediator"},
	}
}

func entriesOf(cidrs ...string) []prefixlist.Entry {
	var all []prefixlist.Entry
	for _, c := range cidrs {
		all = append(all, prefixlist.Entry{Prefix: netip.MustParsePrefix(c)})
	}
	return all
}

func listDocument(settings string, cidrs ...string) string {
	var entries []string
	for _, c := range cidrs {
		entries = append(entries, `{"cidr":"`+c+`"}`)
	}
	return `{"schema":1,"prefixListId":"` + offices + `",` + settings + `"entries":[` + strings.Join(entries, ",") + `]}`
}

// officesWith is a cloud with a document that approves 10.0.0.0/8, and a list.
func officesWith(cidrs ...string) *cloud {
	return &cloud{
		list:     prefixlist.List{ID: offices, Name: "offices", Owner: "111122223333", Version: 3, State: "modify-complete", MaxEntries: 10, Entries: entriesOf(cidrs...)},
		document: listDocument("", "10.0.0.0/8"),
	}
}

func (c *cloud) cidrs() []string {
	var all []string
	for _, e := range c.list.Entries {
		all = append(all, e.Prefix.String())
	}
	return all
}

// story writes what a run reported as lines.
func story(result remediate.Result) []string {
	a := result.Alert
	if a == nil {
		return []string{"nothing: " + result.Reason}
	}
	lines := []string{fmt.Sprintf("%s %s %s", a.Kind, a.Outcome, a.Severity)}
	for _, f := range a.Findings {
		line := fmt.Sprintf("%s %s %s", f.Verdict, f.Rule, f.Action)
		if f.OpenedByEvent {
			line += " by the event"
		}
		lines = append(lines, line)
	}
	return lines
}

// TestAnEventOfAPrefixListIsHandled: the sample events add 0.0.0.0/0, or put
// 20.0.0.0/24 and 20.0.1.0/24 instead of 10.0.0.0/8.
func TestAnEventOfAPrefixListIsHandled(t *testing.T) {
	t.Parallel()
	one, several := "modify-prefix-list-one-entry", "modify-prefix-list-several-entries"
	reverted := []string{"prefix-list reverted high", "violation entry 0.0.0.0/0 revoked by the event"}
	world := func(change func(*cloud)) *cloud {
		c := officesWith("10.0.0.0/8", "0.0.0.0/0")
		change(c)
		return c
	}
	cases := map[string]struct {
		event   string
		cloud   *cloud
		changes []string
		want    []string
		cidrs   []string
		says    string // the alert's reason, or the error
	}{
		"the world is taken out": {one, world(func(*cloud) {}), []string{"-0.0.0.0/0"}, reverted, []string{"10.0.0.0/8"}, ""},
		"EC2 takes its time":     {one, world(func(c *cloud) { c.busy = 3 }), []string{"-0.0.0.0/0"}, reverted, []string{"10.0.0.0/8"}, ""},
		"somebody else changed the list meanwhile": {
			one, world(func(c *cloud) { c.faults = []error{fmt.Errorf("x: %w", prefixlist.ErrMoved)} }), []string{"-0.0.0.0/0", "-0.0.0.0/0"}, reverted, []string{"10.0.0.0/8"}, "",
		},
		"somebody takes the entry out meanwhile": {
			one, officesWith("10.0.0.0/8"), nil, []string{"prefix-list already-gone high", "violation entry 0.0.0.0/0 already-gone by the event"}, []string{"10.0.0.0/8"}, "",
		},
		"what was approved is put back by nobody": {
			several, officesWith("20.0.0.0/24", "20.0.1.0/24"),
			[]string{"-20.0.0.0/24 -20.0.1.0/24"},
			[]string{"prefix-list reverted high", "violation entry 20.0.0.0/24 revoked by the event", "violation entry 20.0.1.0/24 revoked by the event", "missing entry 10.0.0.0/8 none by the event"},
			nil, "",
		},
		"what was approved is put back with restore": {
			several, func() *cloud {
				c := officesWith("20.0.0.0/24", "20.0.1.0/24")
				c.document = listDocument(`"restore":true,`, "10.0.0.0/8")
				return c
			}(),
			[]string{"-20.0.0.0/24 -20.0.1.0/24 +10.0.0.0/8"},
			[]string{"prefix-list reverted high", "violation entry 20.0.0.0/24 revoked by the event", "violation entry 20.0.1.0/24 revoked by the event", "missing entry 10.0.0.0/8 restored by the event"},
			[]string{"10.0.0.0/8"},
			"",
		},
		"an earlier version that was restored": {
			"restore-prefix-list", world(func(*cloud) {}), []string{"-0.0.0.0/0"}, []string{"prefix-list reverted high", "violation entry 0.0.0.0/0 revoked"}, []string{"10.0.0.0/8"}, "",
		},
		"another entry carried what is approved": {
			"restore-prefix-list", officesWith("8.0.0.0/6"),
			[]string{"-8.0.0.0/6 +10.0.0.0/8"},
			[]string{"prefix-list reverted high", "violation entry 8.0.0.0/6 revoked", "missing entry 10.0.0.0/8 restored"},
			[]string{"10.0.0.0/8"},
			"",
		},
		"what is approved fits only once the violation is out": {
			"restore-prefix-list", func() *cloud {
				c := officesWith("8.0.0.0/6")
				c.faults = []error{fmt.Errorf("x: %w", prefixlist.ErrFull)}
				return c
			}(),
			[]string{"-8.0.0.0/6 +10.0.0.0/8", "-8.0.0.0/6", "+10.0.0.0/8"},
			[]string{"prefix-list reverted high", "violation entry 8.0.0.0/6 revoked", "missing entry 10.0.0.0/8 restored"},
			[]string{"10.0.0.0/8"},
			"",
		},
		"private addresses are of medium severity": {
			"restore-prefix-list", officesWith("10.0.0.0/8", "172.16.0.0/12"),
			[]string{"-172.16.0.0/12"},
			[]string{"prefix-list reverted medium", "violation entry 172.16.0.0/12 revoked"},
			[]string{"10.0.0.0/8"},
			"",
		},
		"a list as approved": {"modify-prefix-list-name", officesWith("10.0.0.0/8"), nil, []string{"nothing: the document permits every entry of the prefix list"}, []string{"10.0.0.0/8"}, ""},
		"no document": {
			one, world(func(c *cloud) { c.document = "" }), nil, []string{"nothing: no document at " + officesDocument + ": the prefix list is left alone"}, []string{"10.0.0.0/8", "0.0.0.0/0"}, "",
		},
		"a broken document": {one, world(func(c *cloud) { c.document = "{}" }), nil, []string{"baseline-error failed critical"}, []string{"10.0.0.0/8", "0.0.0.0/0"}, "schema: must be 1"},
		"a document in mode alert": {
			one, world(func(c *cloud) { c.document = listDocument(`"mode":"alert",`, "10.0.0.0/8") }), nil,
			[]string{"prefix-list would-revert high", "violation entry 0.0.0.0/0 none by the event"},
			[]string{"10.0.0.0/8", "0.0.0.0/0"},
			"",
		},
		"a pause": {
			one, world(func(c *cloud) { c.pause = `{"schema":1,"until":"2026-11-21T23:00:00Z","reason":"CHG-77"}` }), nil,
			[]string{"prefix-list would-revert high", "violation entry 0.0.0.0/0 none by the event"},
			[]string{"10.0.0.0/8", "0.0.0.0/0"},
			"sgwarden is paused until",
		},
		"a list of AWS": {
			one, world(func(c *cloud) { c.list.Owner, c.list.Version = "AWS", 0 }), nil,
			[]string{"prefix-list none high", "violation entry 0.0.0.0/0 none by the event"},
			[]string{"10.0.0.0/8", "0.0.0.0/0"},
			"AWS manages this prefix list",
		},
		"a list of another account": {
			one, world(func(c *cloud) { c.list.Owner = "444455556666" }), nil,
			[]string{"prefix-list none high", "violation entry 0.0.0.0/0 none by the event"},
			[]string{"10.0.0.0/8", "0.0.0.0/0"},
			"belongs to account 444455556666",
		},
		"a list that IPAM writes": {
			one, world(func(c *cloud) { c.list.ManagedByIPAM = true }), nil,
			[]string{"prefix-list none high", "violation entry 0.0.0.0/0 none by the event"},
			[]string{"10.0.0.0/8", "0.0.0.0/0"},
			"IPAM writes the entries",
		},
		"a denied call": {
			one, world(func(c *cloud) { c.faults = []error{fmt.Errorf("no permission: %w", secgroup.ErrRefused)} }),
			[]string{"-0.0.0.0/0"},
			[]string{"prefix-list failed critical", "violation entry 0.0.0.0/0 failed by the event"},
			[]string{"10.0.0.0/8", "0.0.0.0/0"},
			"no permission",
		},
		"a change that EC2 accepts and does not carry out": {
			one, world(func(c *cloud) { c.ignore = true }),
			[]string{"-0.0.0.0/0", "-0.0.0.0/0"},
			[]string{"prefix-list failed critical", "violation entry 0.0.0.0/0 failed by the event"},
			[]string{"10.0.0.0/8", "0.0.0.0/0"},
			"a route table is full",
		},
		"a list that never settles": {
			one, world(func(c *cloud) { c.busy = 1000 }),
			[]string{"-0.0.0.0/0"},
			[]string{"prefix-list failed critical", "violation entry 0.0.0.0/0 failed by the event"},
			[]string{"10.0.0.0/8"},
			"has not finished changing",
		},
		"a list that can't be read after the change": {
			one, world(func(c *cloud) { c.readErrs = map[int]error{2: errors.New("throttled")} }),
			[]string{"-0.0.0.0/0"},
			[]string{"prefix-list failed critical", "violation entry 0.0.0.0/0 failed by the event"},
			[]string{"10.0.0.0/8"},
			"could not see what became of it: throttled",
		},
		"a list that is deleted": {one, world(func(c *cloud) { c.deleted = true }), nil, []string{"prefix-list none low"}, []string{"10.0.0.0/8", "0.0.0.0/0"}, "the prefix list was deleted"},
		"a deleted list":         {"delete-prefix-list", officesWith(), nil, []string{"prefix-list none low"}, nil, "the prefix list was deleted"},
		"a deleted list without a document": {
			"delete-prefix-list", func() *cloud { c := officesWith(); c.document = ""; return c }(), nil, []string{"nothing: the deleted prefix list had no document"}, nil, "",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := c.cloud.remediator().Handle(context.Background(), events.MustRead(c.event))
			if diff := cmp.Diff(c.want, story(result)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.changes, c.cloud.changes); diff != "" {
				t.Errorf("calls: %s", diff)
			}
			if diff := cmp.Diff(c.cidrs, c.cloud.cidrs()); diff != "" {
				t.Errorf("entries: %s", diff)
			}
			said := fmt.Sprint(err)
			if result.Alert != nil {
				said += result.Alert.Reason
				if len(c.cloud.messages) != 1 || result.Alert.PrefixListID != offices || result.Alert.GroupID != "" {
					t.Errorf("%d messages, of %q", len(c.cloud.messages), result.Alert.PrefixListID)
				}
			}
			if !strings.Contains(said, c.says) {
				t.Errorf("said %s", said)
			}
			if failed := strings.Contains(fmt.Sprint(c.want), " failed ") && !strings.Contains(fmt.Sprint(c.want), "missing"); failed != (err != nil) && !strings.Contains(name, "broken") {
				t.Errorf("got the error %v", err)
			}
		})
	}
}

// TestSgwardensOwnChangesNameNobody: sgwarden's call comes back as an event.
func TestSgwardensOwnChangesNameNobody(t *testing.T) {
	t.Parallel()
	message := strings.NewReplacer(`"arn": "arn:aws:iam::111122223333:user/ana"`, `"arn": "arn:aws:sts::111122223333:assumed-role/sgwarden-remediator/x"`,
		`"type": "IAMUser"`, `"type": "AssumedRole"`).Replace(string(events.MustRead("modify-prefix-list-one-entry")))
	c := officesWith("10.0.0.0/8", "0.0.0.0/0")
	result, err := c.remediator().Handle(context.Background(), []byte(message))
	if err != nil || result.Alert == nil || result.Alert.Actor != nil {
		t.Errorf("got %+v, %v", result.Alert, err)
	}
	result, err = officesWith("10.0.0.0/8", "0.0.0.0/0").remediator().Handle(context.Background(), events.MustRead("modify-prefix-list-one-entry"))
	if err != nil || result.Alert.Actor == nil || result.Alert.ExposureSeconds == nil {
		t.Errorf("ana's change: got %+v, %v", result.Alert, err)
	}
}

// TestManyEntriesAreTakenOutAHundredAtATime: the approved one is put back with the last.
func TestManyEntriesAreTakenOutAHundredAtATime(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 250 {
		many = append(many, fmt.Sprintf("20.0.%d.0/24", i))
	}
	c := officesWith(many...)
	c.document = listDocument(`"restore":true,`, "10.0.0.0/8")
	result, err := c.remediator().ReconcileList(context.Background(), trail.Trigger{Account: "111122223333", PrefixListID: offices, MayRemove: true, EventName: "Sweep"})
	if err != nil || result.Alert.Outcome != alert.Reverted || len(result.Alert.Findings) != 251 {
		t.Errorf("got %v, %v", story(result)[:1], err)
	}
	var sizes []int
	for _, change := range c.changes {
		sizes = append(sizes, len(strings.Fields(change)))
	}
	if diff := cmp.Diff([]int{100, 100, 51}, sizes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"10.0.0.0/8"}, c.cidrs()); diff != "" {
		t.Error(diff)
	}
}

// TestAPrefixListOnlyReportedWithoutItsTag has a twin with the tag.
func TestAPrefixListOnlyReportedWithoutItsTag(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]alert.Outcome{"": alert.WouldRevert, "yes": alert.Reverted} {
		c := officesWith("10.0.0.0/8", "0.0.0.0/0")
		c.list.Tag = tag
		r := c.remediator()
		r.OnlyTagged = "yes"
		if result, err := r.Handle(context.Background(), events.MustRead("modify-prefix-list-one-entry")); err != nil || result.Alert.Outcome != want {
			t.Errorf("with the tag %q: got %v, %v", tag, story(result), err)
		}
	}
}

// TestAChangedDocumentIsReportedAndItsListJudged: version 3 replaces version 2.
func TestAChangedDocumentIsReportedAndItsListJudged(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 21, 17, 5, 0, time.UTC)
	version := func(n int64, document string, written time.Time) baseline.Version {
		return baseline.Version{Stored: baseline.Stored{Parameter: officesDocument, Version: n, Value: []byte(document), ModifiedAt: written}, ModifiedBy: "arn:aws:iam::111122223333:user/ana"}
	}
	wider := listDocument("", "10.0.0.0/8", "20.0.0.0/24")
	cases := map[string]struct {
		grace time.Duration
		last  string
		want  [][]string // of each message
	}{
		"an entry less, within the grace": {10 * time.Minute, listDocument("", "10.0.0.0/8"), [][]string{
			{"baseline-changed none medium", "violation entry 20.0.0.0/24 none", "less entry 20.0.0.0/24"},
		}},
		"an entry less, without a grace": {0, listDocument("", "10.0.0.0/8"), [][]string{
			{"prefix-list reverted high", "violation entry 20.0.0.0/24 revoked"}, {"baseline-changed none low", "less entry 20.0.0.0/24"},
		}},
		"an entry more": {0, listDocument("", "10.0.0.0/8", "20.0.0.0/23"), [][]string{
			{"baseline-changed none low", "more entry 20.0.0.0/23"},
		}},
		"only alerts from now on": {0, listDocument(`"mode":"alert",`, "10.0.0.0/8", "20.0.0.0/24"), [][]string{{"baseline-changed none high"}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := officesWith("10.0.0.0/8", "20.0.0.0/24")
			cl.document, cl.written = c.last, at
			cl.history = []baseline.Version{version(2, wider, at.Add(-time.Hour)), version(3, c.last, at)}
			r := cl.remediator()
			r.Grace, r.Now = c.grace, func() time.Time { return at.Add(2 * time.Second) }
			if _, err := r.Handle(context.Background(), events.MustRead("parameter-update-prefix-list")); err != nil {
				t.Fatal(err)
			}
			var got [][]string
			for _, m := range cl.messages {
				a := decoded(t, m)
				lines := story(remediate.Result{Alert: &a})
				for _, text := range a.PermitsMore {
					lines = append(lines, "more "+text)
				}
				for _, text := range a.PermitsLess {
					lines = append(lines, "less "+text)
				}
				got = append(got, lines)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestADeletedDocumentIsReportedAsAWeakenedGuard: nothing guards the list any more.
func TestADeletedDocumentIsReportedAsAWeakenedGuard(t *testing.T) {
	t.Parallel()
	message := strings.Replace(string(events.MustRead("parameter-update-prefix-list")), `"Update"`, `"Delete"`, 1)
	c := officesWith("0.0.0.0/0")
	c.document = ""
	result, err := c.remediator().Handle(context.Background(), []byte(message))
	if err != nil || result.Alert == nil || result.Alert.Severity != alert.High || !result.Alert.Weakens || len(c.changes) > 0 {
		t.Errorf("got %+v, %v", result.Alert, err)
	}
}

// TestAParameterThatIsNoListsDocumentIsReported: its name has no prefix list's id.
func TestAParameterThatIsNoListsDocumentIsReported(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]string{
		"Update": "baseline-error failed critical",
		"Delete": "nothing: parameter /sg-baseline/prefix-lists/offices was no document of a prefix list",
	} {
		message := strings.NewReplacer(offices, "offices", `"Update"`, `"`+operation+`"`).Replace(string(events.MustRead("parameter-update-prefix-list")))
		result, err := officesWith().remediator().Handle(context.Background(), []byte(message))
		if err != nil || story(result)[0] != want {
			t.Errorf("%s: got %v, %v", operation, story(result), err)
		}
	}
}

func decoded(t *testing.T, m alert.Message) alert.Alert {
	t.Helper()
	var parts map[string]string
	if err := json.Unmarshal([]byte(m.Body), &parts); err != nil {
		t.Fatal(err)
	}
	a, err := alert.Decode([]byte(parts["default"]))
	if err != nil {
		t.Fatal(err)
	}
	return a
}
