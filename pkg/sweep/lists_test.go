package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/sweep"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// lists is a fake of the documents of prefix lists and of the remediator.
type lists struct {
	*region
	ids        []string
	listErr    error
	judged     []string
	results    map[string]remediate.Result
	errs       map[string]error
	closed     []string
	at         time.Time       // when the documents were written
	takes      time.Duration   // to judge a list
	versionsOf []trail.Trigger // that were reported
}

func (l *lists) AllPrefixLists(context.Context) iter.Seq2[baseline.ListDocument, error] {
	return func(yield func(baseline.ListDocument, error) bool) {
		for _, id := range l.ids {
			value := `{"schema":1,"prefixListId":"` + id + `","entries":[]}`
			stored := baseline.Stored{Parameter: "/sg-baseline/prefix-lists/" + id, Version: 1, Value: []byte(value), ModifiedAt: l.at}
			if !yield(baseline.ListDocument{PrefixListID: id, Stored: stored}, nil) {
				return
			}
		}
		if l.listErr != nil {
			yield(baseline.ListDocument{}, l.listErr)
		}
	}
}

func (l *lists) ReconcileList(_ context.Context, t trail.Trigger) (remediate.Result, error) {
	if t.EventName != sweep.EventName || t.EventID != "" || !t.MayRemove || t.GroupID != "" || t.Account != "111122223333" {
		return remediate.Result{}, errors.New("a wrong trigger")
	}
	l.judged = append(l.judged, t.PrefixListID)
	time.Sleep(l.takes) // in a bubble of synctest
	return l.results[t.PrefixListID], l.errs[t.PrefixListID]
}

func (l *lists) ReportClosed(_ context.Context, t trail.Trigger, kind alert.Kind, parameter string, closed []alert.Closed) error {
	for _, c := range closed {
		l.closed = append(l.closed, strings.Join([]string{t.GroupID, t.PrefixListID, string(kind), parameter, c.Rule, c.How}, "|"))
	}
	return nil
}

func (l *lists) run(t *testing.T) (sweep.Summary, error) {
	t.Helper()
	return l.runWithin(context.Background())
}

func (l *lists) runWithin(ctx context.Context) (sweep.Summary, error) {
	s := sweep.Sweeper{
		Rules: l.region, Documents: l.region, Bookmark: l.region, Journal: l.region, Requests: l.region, Notified: memory{l.region}, Mark: l.region, Histories: l.region, Reconciler: l.region,
		Reporter: l, Cleaner: l.region, Lists: l, ListReconciler: l, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() time.Time { return now },
	}
	return s.Run(ctx, "111122223333", "us-east-1")
}

var permitted = remediate.Result{Cause: trail.Permitted, Reason: "as approved"}

func drifted(rules ...string) remediate.Result {
	a := &alert.Alert{Kind: alert.PrefixListKind, Outcome: alert.Reverted}
	for _, r := range rules {
		a.Findings = append(a.Findings, alert.Finding{Rule: r, Verdict: alert.Violation})
	}
	return remediate.Result{Alert: a}
}

func TestEveryPrefixListWithADocumentIsJudged(t *testing.T) {
	t.Parallel()
	l := &lists{region: &region{}, ids: []string{"pl-a", "pl-b", "pl-c"}, results: map[string]remediate.Result{"pl-a": permitted, "pl-b": drifted("entry 0.0.0.0/0"), "pl-c": permitted}}
	summary, err := l.run(t)
	if err != nil || summary.PrefixLists != 3 || summary.Drifting != 1 || summary.Outcome != alert.Reverted {
		t.Errorf("got %+v, %v", summary, err)
	}
	if diff := cmp.Diff([]string{"pl-a", "pl-b", "pl-c"}, l.judged); diff != "" {
		t.Error(diff)
	}
}

// TestWhatFailsOfPrefixListsLeavesTheRestOfTheSweep: the group that drifts is
// reconciled all the same.
func TestWhatFailsOfPrefixListsLeavesTheRestOfTheSweep(t *testing.T) {
	t.Parallel()
	denied := errors.New("denied")
	cases := map[string]struct {
		lists  *lists
		judged []string
		want   string
	}{
		"the list of documents": {&lists{ids: []string{"pl-a"}, listErr: denied}, []string{"pl-a"}, "list the documents of prefix lists: denied"},
		"one of the lists":      {&lists{ids: []string{"pl-a", "pl-b"}, errs: map[string]error{"pl-a": denied}}, []string{"pl-a", "pl-b"}, "reconcile pl-a: denied"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.lists.region = &region{rules: [][2]string{{"sg-a", ssh}}, documents: []baseline.GroupDocument{document("sg-a", permits)}}
			_, err := c.lists.run(t)
			if !errors.Is(err, denied) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
			if diff := cmp.Diff(c.judged, c.lists.judged); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"sg-a"}, c.lists.reconciled); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWhatIsOverOfAPrefixListIsReported: people were notified of two entries of pl-a, and of
// its document.
func TestWhatIsOverOfAPrefixListIsReported(t *testing.T) {
	t.Parallel()
	const parameter = "/sg-baseline/prefix-lists/pl-a"
	entry := func(text string) notified.Open {
		return notified.Open{GroupID: "pl-a", Kind: alert.PrefixListKind, Parameter: parameter, Rule: text, Verdict: alert.Violation, Since: now.Add(-time.Hour)}
	}
	line := func(rule, how string) string { return "|pl-a|prefix-list|" + parameter + "|" + rule + "|" + how }
	cases := map[string]struct {
		ids    []string
		result remediate.Result
		err    error
		want   []string
	}{
		"all of it":             {[]string{"pl-a"}, permitted, nil, []string{line("entry 0.0.0.0/0", "as approved again"), line("entry 20.0.0.0/24", "as approved again")}},
		"one of the entries":    {[]string{"pl-a"}, drifted("entry 0.0.0.0/0"), nil, []string{line("entry 20.0.0.0/24", "as approved again")}},
		"none of it":            {[]string{"pl-a"}, drifted("entry 0.0.0.0/0", "entry 20.0.0.0/24"), nil, nil},
		"a list with a failure": {[]string{"pl-a"}, remediate.Result{}, errors.New("throttled"), nil},
		"a document that is deleted": {
			nil, remediate.Result{}, nil, []string{line("entry 0.0.0.0/0", "not guarded any more"), line("entry 20.0.0.0/24", "not guarded any more")},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &lists{
				region: &region{open: []notified.Open{entry("entry 0.0.0.0/0"), entry("entry 20.0.0.0/24")}},
				ids:    c.ids, results: map[string]remediate.Result{"pl-a": c.result}, errs: map[string]error{"pl-a": c.err},
			}
			if _, err := l.run(t); (err != nil) != (c.err != nil) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, l.closed); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func (l *lists) ReportVersion(_ context.Context, t trail.Trigger) (remediate.Result, error) {
	l.versionsOf = append(l.versionsOf, t)
	return remediate.Result{}, nil
}

// TestASweepReportsTheVersionOfAPrefixListsDocumentThatNobodyReported: a wider
// document is reported where its event was lost too.
func TestASweepReportsTheVersionOfAPrefixListsDocumentThatNobodyReported(t *testing.T) {
	t.Parallel()
	const parameter = "/sg-baseline/prefix-lists/pl-a"
	at := ago(30 * time.Minute)
	for name, c := range map[string]struct {
		reported []notified.Change
		want     int
	}{
		"nobody reported":   {nil, 1},
		"an event reported": {[]notified.Change{{GroupID: "pl-a", Parameter: parameter, Version: 1, At: at}}, 0},
		"of another it did": {[]notified.Change{{GroupID: "pl-b", Parameter: "/sg-baseline/prefix-lists/pl-b", Version: 1, At: at}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &lists{region: &region{looked: ago(time.Hour), notifiedOf: c.reported}, ids: []string{"pl-a"}, at: at, results: map[string]remediate.Result{"pl-a": permitted}}
			l.versions = map[string][]baseline.Version{parameter: {{Stored: baseline.Stored{Parameter: parameter, Version: 1, ModifiedAt: at}}}}
			if _, err := l.run(t); err != nil || len(l.versionsOf) != c.want {
				t.Fatalf("got %v, %+v", err, l.versionsOf)
			}
			for _, v := range l.versionsOf {
				if v.PrefixListID != "pl-a" || v.GroupID != "" || v.Parameter != parameter || v.Operation != "Create" || !v.Late {
					t.Errorf("got %+v", v)
				}
			}
		})
	}
}

// TestPrefixListsLeaveTimeForTheGroups: a run waits for a list that EC2 is changing, so
// that many such lists could use up the whole sweep.
func TestPrefixListsLeaveTimeForTheGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes  time.Duration
		judged int
		isLate bool
	}{
		"lists that are judged quickly":    {10 * time.Millisecond, 100, false},
		"lists that take half a minute":    {30 * time.Second, 6, true},
		"one list that takes all the time": {10 * time.Minute, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &lists{region: &region{rules: [][2]string{{"sg-a", ssh}, {"sg-b", ssh}, {"sg-c", ssh}}, documents: []baseline.GroupDocument{document("sg-a", permits), document("sg-b", permits), document("sg-c", permits)}}, takes: c.takes, results: map[string]remediate.Result{}}
				for i := range 100 {
					id := fmt.Sprintf("pl-%d", i)
					l.ids, l.results[id] = append(l.ids, id), permitted
				}
				ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
				defer cancel()
				_, err := l.runWithin(ctx)
				if len(l.judged) != c.judged || (err != nil) != c.isLate || len(l.reconciled) != 3 {
					t.Errorf("%d lists were judged, and the groups %v: %v", len(l.judged), l.reconciled, err)
				}
			})
		})
	}
}
