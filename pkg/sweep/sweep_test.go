package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/sweep"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// region is a fake of all that a sweep reads, and records what it reconciles.
type region struct {
	rules       [][2]string // group id, rule text; "?" is a rule that can't be read
	rulesErr    error
	documents   []baseline.GroupDocument
	listErr     error
	guardrail   string
	bookmark    string
	reconciled  []string
	reconcile   func(groupID string) (any, error)
	bookmarkErr error
	records     []alert.Record
	journalErr  error
	told        []string // what was reported late, by group
	tellErr     error
	tries       int                 // at telling late
	seen        map[string][]string // the violations that a group was handed over with
}

func (r *region) Unreported(context.Context) iter.Seq2[alert.Record, error] {
	return func(yield func(alert.Record, error) bool) {
		for _, record := range slices.Clone(r.records) {
			if !yield(record, nil) {
				return
			}
		}
		if r.journalErr != nil {
			yield(alert.Record{}, r.journalErr)
		}
	}
}

func (r *region) Erase(_ context.Context, names []string) error {
	r.records = slices.DeleteFunc(r.records, func(x alert.Record) bool { return slices.Contains(names, x.Name) })
	return nil
}

func (r *region) ReportLate(_ context.Context, a alert.Alert) error {
	r.tries++
	if r.tellErr != nil {
		return r.tellErr
	}
	r.told = append(r.told, a.GroupID)
	return nil
}

func (r *region) AllRules(context.Context) iter.Seq2[secgroup.GroupRule, error] {
	return func(yield func(secgroup.GroupRule, error) bool) {
		for _, pair := range r.rules {
			live := secgroup.GroupRule{GroupID: pair[0]}
			if live.Rule, live.Unreadable = rule.Parse(pair[1]); !yield(live, nil) {
				return
			}
		}
		if r.rulesErr != nil {
			yield(secgroup.GroupRule{}, r.rulesErr)
		}
	}
}

func (r *region) AllBaselines(context.Context) iter.Seq2[baseline.GroupDocument, error] {
	return func(yield func(baseline.GroupDocument, error) bool) {
		for _, d := range r.documents {
			if !yield(d, nil) {
				return
			}
		}
		if r.listErr != nil {
			yield(baseline.GroupDocument{}, r.listErr)
		}
	}
}

func (r *region) ReadGuardrail(context.Context) (baseline.Stored, error) {
	if r.guardrail == "" {
		return baseline.Stored{}, nil
	}
	return baseline.Stored{Parameter: "/sg-baseline/guardrail", Version: 1, Value: []byte(r.guardrail)}, nil
}

func (r *region) Load(context.Context) (string, error) { return r.bookmark, nil }

func (r *region) Save(_ context.Context, groupID string) error {
	r.bookmark = groupID
	return r.bookmarkErr
}

func (r *region) Reconcile(_ context.Context, t trail.Trigger) (any, error) {
	r.reconciled = append(r.reconciled, t.GroupID)
	if t.EventName != sweep.EventName || !t.MayRemove || t.Account != "111122223333" || t.Region != "us-east-1" {
		return nil, fmt.Errorf("got trigger %+v", t)
	}
	for _, c := range t.Changes {
		if r.seen == nil {
			r.seen = map[string][]string{}
		}
		r.seen[t.GroupID] = append(r.seen[t.GroupID], c.Rule.String())
	}
	if r.reconcile != nil {
		return r.reconcile(t.GroupID)
	}
	return alert.Alert{Outcome: alert.Reverted}, nil
}

func (r *region) run(ctx context.Context) (sweep.Summary, error) {
	s := sweep.Sweeper{
		Rules: r, Documents: r, Bookmark: r, Journal: r, Reconciler: r,
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Now: func() time.Time { return now },
	}
	return s.Run(ctx, "111122223333", "us-east-1")
}

func document(groupID, fields string) baseline.GroupDocument {
	value := fmt.Sprintf(`{"schema":1,"groupId":%q,%s}`, groupID, fields)
	return baseline.GroupDocument{GroupID: groupID, Stored: baseline.Stored{Parameter: "/sg-baseline/groups/" + groupID, Version: 1, Value: []byte(value)}}
}

const (
	https   = "ingress tcp 443 0.0.0.0/0"
	ssh     = "ingress tcp 22 0.0.0.0/0"
	permits = `"ingress":[{"protocol":"tcp","ports":"443","sources":["0.0.0.0/0"]}]`
	forbids = `{"schema":1,"forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`
)

func TestTheGroupsThatDriftAreReconciledAndNoOthers(t *testing.T) {
	t.Parallel()
	exception := func(at time.Time) string {
		return permits + fmt.Sprintf(`,"exceptions":[{"direction":"ingress","protocol":"tcp","ports":"22","sources":["0.0.0.0/0"],"expires":%q}]`, at.Format(time.RFC3339))
	}
	cases := map[string]struct {
		region region
		want   []string
	}{
		"as approved":                         {region{rules: [][2]string{{"sg-a", https}}, documents: []baseline.GroupDocument{document("sg-a", permits)}}, nil},
		"a violation":                         {region{rules: [][2]string{{"sg-a", https}, {"sg-a", ssh}}, documents: []baseline.GroupDocument{document("sg-a", permits)}}, []string{"sg-a"}},
		"a missing rule":                      {region{documents: []baseline.GroupDocument{document("sg-a", permits)}}, []string{"sg-a"}},
		"a rule that is no rule":              {region{rules: [][2]string{{"sg-a", https}, {"sg-a", "?"}}, documents: []baseline.GroupDocument{document("sg-a", permits)}}, []string{"sg-a"}},
		"a broken baseline":                   {region{rules: [][2]string{{"sg-a", https}}, documents: []baseline.GroupDocument{document("sg-a", `"x":1`)}}, []string{"sg-a"}},
		"one that can't be read":              {region{rules: [][2]string{{"sg-a", https}}, documents: []baseline.GroupDocument{{GroupID: "sg-a", Unreadable: true}}}, []string{"sg-a"}},
		"an exception":                        {region{rules: [][2]string{{"sg-a", https}, {"sg-a", ssh}}, documents: []baseline.GroupDocument{document("sg-a", exception(now.Add(time.Hour)))}}, nil},
		"an expired exception":                {region{rules: [][2]string{{"sg-a", https}, {"sg-a", ssh}}, documents: []baseline.GroupDocument{document("sg-a", exception(now))}}, []string{"sg-a"}},
		"no baseline, no guardrail":           {region{rules: [][2]string{{"sg-a", ssh}}}, nil},
		"no baseline, within the guardrail":   {region{rules: [][2]string{{"sg-a", https}}, guardrail: forbids}, nil},
		"no baseline, breaking the guardrail": {region{rules: [][2]string{{"sg-a", ssh}}, guardrail: forbids}, []string{"sg-a"}},
		"a baseline goes before the guardrail": {region{
			rules: [][2]string{{"sg-a", ssh}}, guardrail: forbids,
			documents: []baseline.GroupDocument{document("sg-a", strings.ReplaceAll(permits, "443", "22"))},
		}, nil},
		"several, in order": {region{
			rules: [][2]string{{"sg-c", ssh}, {"sg-a", ssh}, {"sg-b", https}, {"sg-d", ssh}}, guardrail: forbids,
			documents: []baseline.GroupDocument{document("sg-c", permits), document("sg-a", permits), document("sg-b", permits)},
		}, []string{"sg-a", "sg-c", "sg-d"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			summary, err := c.region.run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, c.region.reconciled); diff != "" {
				t.Error(diff)
			}
			if summary.Drifting != len(c.want) || (summary.Outcome == alert.None) != (c.want == nil) {
				t.Errorf("got %+v", summary)
			}
		})
	}
}

func TestOneBrokenGroupDoesNotStopTheRest(t *testing.T) {
	t.Parallel()
	broken := errors.New("denied")
	r := region{rules: [][2]string{{"sg-a", ssh}, {"sg-b", ssh}, {"sg-c", ssh}}, guardrail: forbids, reconcile: func(groupID string) (any, error) {
		if groupID == "sg-b" {
			return alert.Alert{Outcome: alert.Failed}, broken
		}
		return alert.Alert{Outcome: alert.Reverted}, nil
	}}
	summary, err := r.run(context.Background())
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "reconcile sg-b") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"sg-a", "sg-b", "sg-c"}, r.reconciled); diff != "" {
		t.Error(diff)
	}
	want := sweep.Summary{
		Outcome: alert.Failed, Reason: "swept 3 rules of 3 groups, 0 of them with a baseline; 3 drifted",
		Groups: 3, Rules: 3, Drifting: 3, Errors: 1, Outcomes: map[alert.Outcome]int{alert.Reverted: 2, alert.Failed: 1},
	}
	if diff := cmp.Diff(want, summary); diff != "" {
		t.Error(diff)
	}
}

func TestListsThatBreakOff(t *testing.T) {
	t.Parallel()
	broken := errors.New("throttled")
	r := region{rules: [][2]string{{"sg-a", ssh}}, rulesErr: broken, documents: []baseline.GroupDocument{document("sg-a", permits)}}
	if _, err := r.run(context.Background()); !errors.Is(err, broken) || r.reconciled != nil {
		t.Errorf("without all rules nothing can be judged: got %v, reconciled %v", err, r.reconciled)
	}
	r = region{rules: [][2]string{{"sg-a", ssh}, {"sg-b", ssh}}, listErr: broken, guardrail: forbids, documents: []baseline.GroupDocument{document("sg-a", permits)}}
	if _, err := r.run(context.Background()); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"sg-a"}, r.reconciled); diff != "" {
		t.Errorf("sg-b may have a baseline that wasn't read: %s", diff)
	}
}

func TestASweepThatRunsOutOfTimeGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	r := &region{guardrail: forbids}
	for i := range 5 {
		r.rules = append(r.rules, [2]string{fmt.Sprintf("sg-%d", i), ssh})
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.reconcile = func(groupID string) (any, error) {
		if groupID == "sg-1" {
			cancel() // time is up
		}
		return alert.Alert{Outcome: alert.WouldRevert}, nil
	}
	summary, err := r.run(ctx)
	if err != nil || summary.Next != "sg-2" || r.bookmark != "sg-1" {
		t.Errorf("got %+v, bookmark %q, %v", summary, r.bookmark, err)
	}
	r.reconciled = nil
	summary, err = r.run(context.Background())
	if err != nil || summary.Next != "" || r.bookmark != "" {
		t.Errorf("got %+v, bookmark %q, %v", summary, r.bookmark, err)
	}
	if diff := cmp.Diff([]string{"sg-2", "sg-3", "sg-4", "sg-0", "sg-1"}, r.reconciled); diff != "" {
		t.Error(diff)
	}
	late, cancelLate := context.WithTimeout(context.Background(), 29*time.Second)
	defer cancelLate()
	r.reconciled = nil
	if summary, err := r.run(late); err != nil || summary.Next != "sg-0" || r.reconciled != nil {
		t.Errorf("less than half a minute before its deadline: got %+v, %v, %v", summary, r.reconciled, err)
	}
}

func TestExceptionsThatEndWithinADayAreMentioned(t *testing.T) {
	t.Parallel()
	until := func(at time.Time) baseline.GroupDocument {
		return document("sg-a", permits+fmt.Sprintf(`,"exceptions":[{"direction":"ingress","protocol":"tcp","ports":"22","sources":["203.0.113.7/32"],
			"expires":%q,"reason":"INC-1234","approvedBy":"ana"}]`, at.Format(time.RFC3339)))
	}
	for name, c := range map[string]struct {
		ends time.Time
		want []string
	}{
		"in an hour":        {now.Add(time.Hour), []string{"sg-a: ingress tcp 22 203.0.113.7/32 until 2026-11-21T13:00:00Z (INC-1234, ana)"}},
		"in a day and more": {now.Add(24*time.Hour + time.Second), nil},
		"ended":             {now.Add(-time.Second), nil},
	} {
		r := region{rules: [][2]string{{"sg-a", https}}, documents: []baseline.GroupDocument{until(c.ends)}}
		summary, err := r.run(context.Background())
		if diff := cmp.Diff(c.want, summary.EndingSoon); diff != "" || err != nil {
			t.Errorf("%s: %s, %v", name, diff, err)
		}
	}
}
