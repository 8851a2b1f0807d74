package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

func approval(groupID, name string, expires time.Time, rule string) baseline.GroupApproval {
	value := fmt.Sprintf(`{"schema":1,"rules":[%q],"expires":%q,"reason":"INC-1234"}`, rule, expires.UTC().Format(time.RFC3339))
	return baseline.GroupApproval{GroupID: groupID, Name: name, Stored: baseline.Stored{
		Parameter: "/sg-baseline/approvals/" + groupID + "/" + name, Version: 1, Value: []byte(value), ModifiedAt: now.Add(-time.Minute),
	}}
}

func TestWhatIsApprovedIsNoDriftUntilTheApprovalEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		approvals []baseline.GroupApproval
		want      []string
	}{
		"approved for both": {[]baseline.GroupApproval{approval("sg-a", "x", now.Add(time.Hour), ssh), approval("sg-b", "x", now.Add(time.Hour), ssh)}, nil},
		"for one of them":   {[]baseline.GroupApproval{approval("sg-b", "x", now.Add(time.Hour), ssh)}, []string{"sg-a"}},
		"for another":       {[]baseline.GroupApproval{approval("sg-c", "x", now.Add(time.Hour), ssh)}, []string{"sg-a", "sg-b"}},
		"ended":             {[]baseline.GroupApproval{approval("sg-a", "x", now, ssh), approval("sg-b", "x", now, ssh)}, []string{"sg-a", "sg-b"}},
		"of no use":         {[]baseline.GroupApproval{approval("sg-a", "x", now.Add(time.Hour), "ssh"), approval("sg-b", "x", now.Add(time.Hour), ssh)}, []string{"sg-a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := region{
				rules: [][2]string{{"sg-a", ssh}, {"sg-b", ssh}}, guardrail: forbids, approvals: c.approvals,
				documents: []baseline.GroupDocument{document("sg-a", permits)}, // and sg-b has none
			}
			r.rules = append(r.rules, [2]string{"sg-a", https})
			summary, err := r.run(context.Background())
			if err != nil || summary.Approvals != len(c.approvals) {
				t.Errorf("got %+v, %v", summary, err)
			}
			if diff := cmp.Diff(c.want, r.reconciled); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestApprovalsThatEndedADayAgoAreDeleted(t *testing.T) {
	t.Parallel()
	r := region{approvals: []baseline.GroupApproval{
		approval("sg-a", "old", now.Add(-24*time.Hour-time.Second), ssh), approval("sg-a", "ended", now.Add(-23*time.Hour), ssh), approval("sg-b", "new", now.Add(time.Hour), ssh),
	}}
	if _, err := r.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/sg-baseline/approvals/sg-a/old"}, r.deleted); diff != "" {
		t.Error(diff)
	}
}

func TestDocumentsOfNoUseAreReportedForAnHour(t *testing.T) {
	t.Parallel()
	broken := func(name string, ago time.Duration) baseline.Stored {
		return baseline.Stored{Parameter: "/sg-baseline/" + name, Version: 1, Value: []byte("{"), ModifiedAt: now.Add(-ago)}
	}
	for ago, reported := range map[time.Duration]int{time.Minute: 4, 2 * time.Hour: 0} {
		r := region{pause: broken("pause", ago), trust: broken("trust", ago)}
		r.approvals = []baseline.GroupApproval{{GroupID: "sg-a", Name: "x", Stored: broken("approvals/sg-a/x", ago)}, {GroupID: "sg-b", Name: "y", Stored: broken("approvals/sg-b/y", ago)}}
		r.approvals[1].Stored.ReadError = errors.New("the key is not yours")
		if _, err := r.run(context.Background()); err != nil || len(r.unusable) != reported {
			t.Errorf("%v after: %v, reported %q", ago, err, r.unusable)
		}
	}
}

func TestTheEndOfAPauseIsReportedOnce(t *testing.T) {
	t.Parallel()
	pause := func(until time.Time) baseline.Stored {
		value := fmt.Sprintf(`{"schema":1,"until":%q,"reason":"CHG-77"}`, until.UTC().Format(time.RFC3339))
		return baseline.Stored{Parameter: "/sg-baseline/pause", Version: 1, Value: []byte(value), ModifiedAt: now.Add(-time.Hour)}
	}
	for name, c := range map[string]struct {
		until time.Time
		ended bool
	}{"in force": {now.Add(time.Second), false}, "over": {now, true}} {
		r := region{pause: pause(c.until)}
		if _, err := r.run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if ended := strings.Join(r.reported, "") == "/sg-baseline/pause CHG-77" && len(r.deleted) == 1; ended != c.ended || len(r.reported) > 1 {
			t.Errorf("%s: reported %q, deleted %q", name, r.reported, r.deleted)
		}
	}
	renewed := pause(now.Add(time.Hour))
	renewed.Version = 2
	r := region{pause: pause(now), renewed: renewed}
	if _, err := r.run(context.Background()); err != nil || len(r.deleted) != 0 {
		t.Errorf("renewed during the sweep: deleted %q, error %v", r.deleted, err)
	}
}
