package sweep_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/sweep"
	"github.com/sgwarden/sgwarden/pkg/told"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// lists is a fake of the documents of prefix lists and of the remediator.
type lists struct {
	*region
	ids     []string
	listErr error
	judged  []string
	results map[string]remediate.Result
	errs    map[string]error
	closed  []string
}

func (l *lists) AllPrefixLists(context.Context) iter.Seq2[baseline.ListDocument, error] {
	return func(yield func(baseline.ListDocument, error) bool) {
		for _, id := range l.ids {
			value := `{"schema":1,"prefixListId":"` + id + `","entries":[]}`
			stored := baseline.Stored{Parameter: "/sg-baseline/prefix-lists/" + id, Version: 1, Value: []byte(value)}
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
	return l.results[t.PrefixListID], l.errs[t.PrefixListID]
}

func (l *lists) TellClosed(_ context.Context, t trail.Trigger, kind alert.Kind, parameter string, closed []alert.Closed) error {
	for _, c := range closed {
		l.closed = append(l.closed, strings.Join([]string{t.GroupID, t.PrefixListID, string(kind), parameter, c.Rule, c.How}, "|"))
	}
	return nil
}

func (l *lists) run(t *testing.T) (sweep.Summary, error) {
	t.Helper()
	s := sweep.Sweeper{
		Rules: l.region, Documents: l.region, Bookmark: l.region, Journal: l.region, Requests: l.region, Told: memory{l.region}, Mark: l.region, Histories: l.region, Reconciler: l.region,
		Teller: l, Cleaner: l.region, Lists: l, ListReconciler: l, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() time.Time { return now },
	}
	return s.Run(context.Background(), "111122223333", "us-east-1")
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
		says   string
	}{
		"the list of documents": {&lists{ids: []string{"pl-a"}, listErr: denied}, []string{"pl-a"}, "list the documents of prefix lists: denied"},
		"one of the lists":      {&lists{ids: []string{"pl-a", "pl-b"}, errs: map[string]error{"pl-a": denied}}, []string{"pl-a", "pl-b"}, "reconcile pl-a: denied"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.lists.region = &region{rules: [][2]string{{"sg-a", ssh}}, documents: []baseline.GroupDocument{document("sg-a", permits)}}
			_, err := c.lists.run(t)
			if !errors.Is(err, denied) || !strings.Contains(err.Error(), c.says) {
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

// TestWhatIsOverOfAPrefixListIsTold: people were told of two entries of pl-a, and of
// its document.
func TestWhatIsOverOfAPrefixListIsTold(t *testing.T) {
	t.Parallel()
	const parameter = "/sg-baseline/prefix-lists/pl-a"
	entry := func(text string) told.Open {
		return told.Open{GroupID: "pl-a", Kind: alert.PrefixListKind, Parameter: parameter, Rule: text, Verdict: alert.Violation, Since: now.Add(-time.Hour)}
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
		"a document that is gone": {
			nil, remediate.Result{}, nil, []string{line("entry 0.0.0.0/0", "not guarded any more"), line("entry 20.0.0.0/24", "not guarded any more")},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &lists{
				region: &region{open: []told.Open{entry("entry 0.0.0.0/0"), entry("entry 20.0.0.0/24")}},
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
