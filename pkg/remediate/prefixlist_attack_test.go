package remediate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// sweepOffices has the list judged as a sweep does.
func (c *cloud) sweepOffices() (remediate.Result, error) {
	return c.remediator().ReconcileList(context.Background(), trail.Trigger{Account: "111122223333", PrefixListID: offices, MayRemove: true, EventName: "Sweep"})
}

// TestApprovedAddressesSurviveAnyNumberOfViolations: 8.0.0.0/6 carries the approved
// addresses, and is removed by one of several calls.
func TestApprovedAddressesSurviveAnyNumberOfViolations(t *testing.T) {
	t.Parallel()
	var approved, wanted []string
	for i := range 150 {
		approved = append(approved, fmt.Sprintf("10.%d.0.0/16", i))
	}
	for name, c := range map[string]struct {
		approved []string
		others   int // violations beside 8.0.0.0/6
	}{
		"one violation":                             {[]string{"10.0.0.0/8"}, 0},
		"as many violations as a call takes":        {[]string{"10.0.0.0/8"}, 99},
		"more violations than a call takes":         {[]string{"10.0.0.0/8"}, 149},
		"more approved entries than a call takes":   {approved, 0},
		"more of both than a call takes":            {approved, 149},
		"nothing that is approved, in a full group": {wanted, 149},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := []string{"8.0.0.0/6"}
			for i := range c.others {
				live = append(live, fmt.Sprintf("20.0.%d.0/24", i))
			}
			cl := officesWith(live...)
			cl.list.MaxEntries, cl.document = 1000, listDocument("", c.approved...)
			result, err := cl.sweepOffices()
			if err != nil || result.Alert.Outcome != alert.Reverted {
				t.Errorf("got %v, %v", story(result)[:1], err)
			}
			got := cl.cidrs()
			slices.Sort(got)
			want := slices.Sorted(slices.Values(c.approved))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			for _, change := range cl.changes {
				if n := len(strings.Fields(change)); n > 100 {
					t.Errorf("a call changes %d entries", n)
				}
			}
		})
	}
}

// TestWhatDoesNotFitIsAddedOnceThereIsRoom: no documentation says whether EC2 counts the
// entries that a call takes out before those that the call adds.
func TestWhatDoesNotFitIsAddedOnceThereIsRoom(t *testing.T) {
	t.Parallel()
	full := fmt.Errorf("x: %w", prefixlist.ErrFull)
	for name, c := range map[string]struct {
		faults  []error
		changes []string
		want    []string
		cidrs   []string
	}{
		"there is room afterwards": {
			[]error{full},
			[]string{"-8.0.0.0/6 +10.0.0.0/8", "-8.0.0.0/6", "+10.0.0.0/8"},
			[]string{"prefix-list reverted high", "violation entry 8.0.0.0/6 revoked", "missing entry 10.0.0.0/8 restored"},
			[]string{"10.0.0.0/8"},
		},
		"there is none": {
			[]error{full, nil, full},
			[]string{"-8.0.0.0/6 +10.0.0.0/8", "-8.0.0.0/6", "+10.0.0.0/8"},
			[]string{"prefix-list partial critical", "violation entry 8.0.0.0/6 revoked", "missing entry 10.0.0.0/8 failed"},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := officesWith("8.0.0.0/6")
			cl.faults = c.faults
			result, _ := cl.sweepOffices()
			if diff := cmp.Diff(c.changes, cl.changes); diff != "" {
				t.Errorf("calls: %s", diff)
			}
			if diff := cmp.Diff(c.want, story(result)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.cidrs, cl.cidrs()); diff != "" {
				t.Errorf("entries: %s", diff)
			}
		})
	}
}

// TestAnEntryThatComesBackIsTakenOutAgain: somebody adds the entry anew while sgwarden
// looks at what became of its change.
func TestAnEntryThatComesBackIsTakenOutAgain(t *testing.T) {
	t.Parallel()
	again := func(c *cloud) func() {
		return func() {
			c.list.Entries = append(c.list.Entries, entriesOf("0.0.0.0/0")...)
			c.list.Version++
		}
	}
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		c := officesWith("10.0.0.0/8", "0.0.0.0/0")
		c.before = map[int]func(){2: again(c), 3: again(c)}
		result, err := c.remediator().Handle(context.Background(), events.MustRead("modify-prefix-list-one-entry"))
		want := []string{"prefix-list reverted high", "violation entry 0.0.0.0/0 revoked by the event"}
		if diff := cmp.Diff(want, story(result)); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if diff := cmp.Diff([]string{"10.0.0.0/8"}, c.cidrs()); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("without end", func(t *testing.T) {
		t.Parallel()
		c := officesWith("10.0.0.0/8", "0.0.0.0/0")
		c.before = map[int]func(){}
		for i := range 30 {
			c.before[i+2] = again(c)
		}
		result, err := c.remediator().Handle(context.Background(), events.MustRead("modify-prefix-list-one-entry"))
		want := []string{"prefix-list failed critical", "violation entry 0.0.0.0/0 failed by the event"}
		if diff := cmp.Diff(want, story(result)); diff != "" || err == nil {
			t.Error(diff, err)
		}
		if !strings.Contains(fmt.Sprint(result.Alert.Findings), "somebody puts") {
			t.Errorf("got %+v", result.Alert.Findings)
		}
	})
}

// TestAnOpenEntryIsNeverCalledRevoked: somebody adds the entry anew, and the document
// only alerts from then on.
func TestAnOpenEntryIsNeverCalledRevoked(t *testing.T) {
	t.Parallel()
	c := officesWith("10.0.0.0/8", "0.0.0.0/0")
	again := func() {
		c.list.Entries, c.document = entriesOf("10.0.0.0/8", "0.0.0.0/0"), listDocument(`"mode":"alert",`, "10.0.0.0/8")
		c.list.Version++
	}
	c.before = map[int]func(){2: again, 3: again} // the second read may see the document before
	result, err := c.remediator().Handle(context.Background(), events.MustRead("modify-prefix-list-one-entry"))
	want := []string{"prefix-list would-revert high", "violation entry 0.0.0.0/0 none by the event"}
	if diff := cmp.Diff(want, story(result)); diff != "" || err != nil || len(c.cidrs()) != 2 {
		t.Error(diff, err, c.cidrs())
	}
}

// TestAListThatIsDeletedMeanwhileIsNotCalledOpen: a deleted list opens nothing.
func TestAListThatIsDeletedMeanwhileIsNotCalledOpen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*cloud)
		want   []string
	}{
		"before the change": {
			func(c *cloud) {
				c.faults = []error{fmt.Errorf("x: %w", secgroup.ErrNotFound)}
				c.before = map[int]func(){2: func() { c.deleted = true }}
			},
			[]string{"prefix-list already-gone high", "violation entry 0.0.0.0/0 already-gone by the event"},
		},
		"after the change": {
			func(c *cloud) { c.before = map[int]func(){2: func() { c.deleted = true }} },
			[]string{"prefix-list reverted high", "violation entry 0.0.0.0/0 revoked by the event"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := officesWith("10.0.0.0/8", "0.0.0.0/0")
			c.change(cl)
			result, err := cl.remediator().Handle(context.Background(), events.MustRead("modify-prefix-list-one-entry"))
			if diff := cmp.Diff(c.want, story(result)); diff != "" || err != nil {
				t.Error(diff, err)
			}
			if !strings.Contains(result.Alert.Reason, "deleted") {
				t.Errorf("the reason is %q", result.Alert.Reason)
			}
		})
	}
}

// TestSgwardensOwnCallTakesNothingAwayThatIsApproved: 0.0.0.0/0 contained 10.0.0.0/8, which
// was missing before. The run for somebody else's call reports that.
func TestSgwardensOwnCallTakesNothingAwayThatIsApproved(t *testing.T) {
	t.Parallel()
	byAna := strings.NewReplacer(`"AddEntry"`, `"RemoveEntry"`).Replace(string(events.MustRead("modify-prefix-list-one-entry")))
	own := strings.NewReplacer(`"arn": "arn:aws:iam::111122223333:user/ana"`, `"arn": "arn:aws:sts::111122223333:assumed-role/sgwarden-remediator/x"`,
		`"type": "IAMUser"`, `"type": "AssumedRole"`).Replace(byAna)
	for message, want := range map[string][]string{
		own:   {"nothing: the document permits every entry of the prefix list"},
		byAna: {"prefix-list none medium", "missing entry 10.0.0.0/8 none by the event"},
	} {
		result, err := officesWith().remediator().Handle(context.Background(), []byte(message))
		if diff := cmp.Diff(want, story(result)); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
}

// TestAVersionThatASweepFoundIsReportedAndJudgesNothing: the sweep judges the list itself.
func TestAVersionThatASweepFoundIsReportedAndJudgesNothing(t *testing.T) {
	t.Parallel()
	c := officesWith("0.0.0.0/0")
	_, err := c.remediator().ReportVersion(context.Background(), trail.Trigger{Kind: trail.ParameterChanged, Parameter: officesDocument, Operation: "Update", Late: true, Account: "111122223333"})
	if err != nil || len(c.changes) > 0 || len(c.messages) != 1 {
		t.Fatalf("got %v, the calls %v, %d messages", err, c.changes, len(c.messages))
	}
	if a := decoded(t, c.messages[0]); a.Kind != alert.BaselineChanged || a.PrefixListID != offices || !a.Late {
		t.Errorf("got %+v", a)
	}
	result, err := c.remediator().ReportVersion(context.Background(), trail.Trigger{Kind: trail.ParameterChanged, Parameter: "/sg-baseline/prefix-lists/offices", Operation: "Update"})
	if err != nil || result.Alert != nil {
		t.Errorf("of no document: got %+v, %v", result, err)
	}
}

// TestARunThatDoesNotGetToTheEndIsTriedAgain: EC2 takes its time for each change, so that
// the reads of one run are used up.
func TestARunThatDoesNotGetToTheEndIsTriedAgain(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 2450 {
		many = append(many, fmt.Sprintf("20.%d.%d.0/24", i/250, i%250))
	}
	c := officesWith(many...)
	c.list.MaxEntries = 2450
	result, err := c.sweepOffices()
	if err == nil || len(c.cidrs()) != 50 || result.Alert.Outcome != alert.Partial {
		t.Errorf("got %v, %v, and %d entries are left", story(result)[:1], err, len(c.cidrs()))
	}
	for _, f := range result.Alert.Findings {
		if f.Action == alert.ActionFailed && !strings.Contains(f.Error, "tried again") {
			t.Fatalf("got %+v", f)
		}
	}
	if result, err = c.sweepOffices(); err != nil || len(c.cidrs()) != 0 || result.Alert.Outcome != alert.Reverted {
		t.Errorf("the next try: got %v, %v, and %d entries are left", story(result)[:1], err, len(c.cidrs()))
	}
}
