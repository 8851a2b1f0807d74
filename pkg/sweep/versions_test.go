package sweep_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

const webParameter = "/sg-baseline/groups/sg-a"

// ago is a whole second, some time before now.
func ago(d time.Duration) time.Time { return now.Add(-d) }

// written is a version of a baseline, as the history has it.
func written(version int64, at time.Time) baseline.Version {
	return baseline.Version{Stored: baseline.Stored{Parameter: webParameter, Version: version, ModifiedAt: at}}
}

// withVersions is a region in which the last sweep looked an hour ago, and whose one
// baseline has these versions.
func withVersions(versions ...baseline.Version) *region {
	r := &region{rules: [][2]string{{"sg-a", https}}, looked: ago(time.Hour)}
	d := document("sg-a", permits)
	last := versions[len(versions)-1]
	d.Stored.Version, d.Stored.ModifiedAt = last.Version, last.ModifiedAt
	r.documents = []baseline.GroupDocument{d}
	r.versions = map[string][]baseline.Version{webParameter: versions}
	return r
}

// notifiedAt is a version that people were notified of, by an event of that second.
func notifiedAt(version int64, event time.Time) notified.Change {
	return notified.Change{GroupID: "sg-a", Parameter: webParameter, Version: version, At: event}
}

func TestASweepReportsTheVersionsThatNobodyReported(t *testing.T) {
	t.Parallel()
	const half = 30 * time.Minute
	update := func(at time.Time) string {
		return "Update of " + webParameter + " at " + at.Format("15:04:05") + ", late true"
	}
	for name, c := range map[string]struct {
		region    *region
		reported  []notified.Change
		want      []string
		looked    time.Time // the mark afterwards
		histories int
	}{
		"an unreported version": {
			region: withVersions(written(7, ago(half))), want: []string{update(ago(half))}, looked: ago(15 * time.Minute), histories: 1,
		},
		"one that was reported": {
			region: withVersions(written(7, ago(half))), reported: []notified.Change{notifiedAt(7, ago(half))}, looked: ago(15 * time.Minute), histories: 1,
		},
		"one that was reported, by an event that is dated two seconds later": {
			region: withVersions(written(7, ago(half))), reported: []notified.Change{notifiedAt(7, ago(half).Add(2*time.Second))}, looked: ago(15 * time.Minute), histories: 1,
		},
		"a new document": {
			region: withVersions(written(1, ago(half))),
			want:   []string{"Create of " + webParameter + " at 11:30:00, late true"}, looked: ago(15 * time.Minute), histories: 1,
		},
		"a new document that was reported costs no look at its history": {
			region: withVersions(written(1, ago(half))), reported: []notified.Change{notifiedAt(1, ago(half))}, looked: ago(15 * time.Minute),
		},
		"a document of the same name that was deleted, and reported": {
			region: withVersions(written(1, ago(half))), reported: []notified.Change{notifiedAt(1, ago(half+time.Minute))},
			want: []string{"Create of " + webParameter + " at 11:30:00, late true"}, looked: ago(15 * time.Minute), histories: 1,
		},
		"an unreported version before one that was reported": {
			region: withVersions(written(5, ago(3*time.Hour)), written(6, ago(half+time.Minute)), written(7, ago(half))), reported: []notified.Change{notifiedAt(7, ago(half))},
			want: []string{update(ago(half + time.Minute))}, looked: ago(15 * time.Minute), histories: 1,
		},
		"two versions of one second, reported by one event": {
			region: withVersions(written(6, ago(half).Add(100*time.Millisecond)), written(7, ago(half).Add(900*time.Millisecond))), reported: []notified.Change{notifiedAt(7, ago(half))},
			looked: ago(15 * time.Minute), histories: 1,
		},
		"two versions, a second apart, of which the first was not reported": {
			region: withVersions(written(6, ago(half+time.Second)), written(7, ago(half))), reported: []notified.Change{notifiedAt(7, ago(half))},
			want: []string{update(ago(half + time.Second))}, looked: ago(15 * time.Minute), histories: 1,
		},
		"a version whose event may still come": {
			region: withVersions(written(6, ago(3*time.Hour)), written(7, ago(time.Minute))), looked: ago(time.Hour), histories: 1,
		},
		"an unreported version behind one whose event may still come": {
			region: withVersions(written(6, ago(half)), written(7, ago(time.Minute))), want: []string{update(ago(half))}, looked: ago(15 * time.Minute), histories: 1,
		},
		"a version from before the mark": {region: withVersions(written(7, ago(2*time.Hour))), looked: ago(time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.region.notifiedOf = c.reported
			summary, err := c.region.run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, c.region.reportedVersions); diff != "" {
				t.Error(diff)
			}
			if !c.region.looked.Equal(c.looked) || c.region.histories != c.histories || summary.NotReported != len(c.want) {
				t.Errorf("the mark is %s, %d histories, %+v", c.region.looked, c.region.histories, summary)
			}
		})
	}
}

// Nobody knows which versions were reported before there was a mark.
func TestTheFirstSweepOfAllReportsNoVersionAndSetsTheMark(t *testing.T) {
	t.Parallel()
	r := withVersions(written(7, ago(30*time.Minute)))
	r.looked = time.Time{}
	if _, err := r.run(context.Background()); err != nil || len(r.reportedVersions) != 0 || !r.looked.Equal(now) {
		t.Errorf("got %v, reported %v, the mark is %s", err, r.reportedVersions, r.looked)
	}
}

// The notifier forgets after six hours, so that older versions would be reported twice.
func TestAMarkOfLongAgoDoesNotFlood(t *testing.T) {
	t.Parallel()
	r := withVersions(written(6, ago(5*time.Hour+time.Minute)), written(7, ago(4*time.Hour)))
	r.looked = ago(100 * time.Hour)
	if _, err := r.run(context.Background()); err != nil || len(r.reportedVersions) != 1 {
		t.Errorf("got %v, reported %v", err, r.reportedVersions)
	}
}

// The key of one document may be denied for good. That must not hide what happened to others.
func TestADocumentWhoseHistoryCannotBeReadKeepsNoOtherFromBeingReported(t *testing.T) {
	t.Parallel()
	r := withVersions(written(7, ago(30*time.Minute)))
	other := document("sg-0", permits)
	other.Stored.Parameter, other.Stored.Version, other.Stored.ModifiedAt = "/sg-baseline/groups/sg-0", 3, ago(30*time.Minute)
	r.documents = append([]baseline.GroupDocument{other}, r.documents...)
	r.notCanonical = other.Stored.Parameter
	_, err := r.run(context.Background())
	if err == nil || !strings.Contains(err.Error(), r.notCanonical) || len(r.reportedVersions) != 1 || !r.looked.Equal(ago(time.Hour)) {
		t.Errorf("got %v, reported %v, the mark is %s", err, r.reportedVersions, r.looked)
	}
}

func TestWhereAVersionCannotBeReportedTheNextSweepTriesAgain(t *testing.T) {
	t.Parallel()
	broken := errors.New("denied")
	for name, breaks := range map[string]func(*region){
		"the alert can't be published":        func(r *region) { r.reportErr = broken },
		"the history can't be read":           func(r *region) { r.historyErr = broken },
		"the notifier's memory can't be read": func(r *region) { r.openErr = broken },
		"the mark can't be read":              func(r *region) { r.lookedErr = broken },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := withVersions(written(7, ago(30*time.Minute)))
			breaks(r)
			if _, err := r.run(context.Background()); !errors.Is(err, broken) || !r.looked.Equal(ago(time.Hour)) {
				t.Errorf("got %v, the mark is %s", err, r.looked)
			}
		})
	}
}

func TestEachKindOfDocumentIsLookedAfter(t *testing.T) {
	t.Parallel()
	at := ago(30 * time.Minute)
	stored := func(name, value string) baseline.Stored {
		return baseline.Stored{Parameter: "/sg-baseline/" + name, Version: 1, Value: []byte(value), ModifiedAt: at}
	}
	r := &region{looked: ago(time.Hour), versions: map[string][]baseline.Version{}}
	r.pause = stored("pause", `{"schema":1,"until":"2026-11-21T13:00:00Z","reason":"CHG-1"}`)
	r.trust = stored("trust", `{"schema":1,"principals":[]}`)
	r.approvals = []baseline.GroupApproval{{GroupID: "sg-a", Name: "x", Stored: stored("approvals/sg-a/x", `{"schema":1,"rules":["`+ssh+`"],"expires":"2026-11-21T13:00:00Z","reason":"r"}`)}}
	for _, d := range []baseline.Stored{r.pause, r.trust, r.approvals[0].Stored} {
		r.versions[d.Parameter] = []baseline.Version{{Stored: d}}
	}
	if _, err := r.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{"pause", "trust", "approvals/sg-a/x"} {
		want = append(want, "Create of /sg-baseline/"+name+" at 11:30:00, late true")
	}
	if diff := cmp.Diff(want, r.reportedVersions); diff != "" {
		t.Error(diff)
	}
}
