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
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/sweep"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// region is a fake of all that a sweep reads, and records what it reconciles.
type region struct {
	rules            [][2]string       // group id, rule text; "?" is a rule that can't be read
	owners           map[string]string // account, by group id
	rulesErr         error
	documents        []baseline.GroupDocument
	listErr          error
	guardrail        string
	approvals        []baseline.GroupApproval
	pause            baseline.Stored
	renewed          baseline.Stored // the pause from the second read on
	trust            baseline.Stored
	deleted          []string // parameters
	bookmark         string
	reconciled       []string
	reconcile        func(groupID string) (alert.Outcome, error)
	unusable         []string // the parameters that could not be used
	bookmarkErr      error
	loadErr          error
	request          int64                // the version of a request for a sweep
	listed           func(groupID string) // called when a document is read
	records          []alert.Record
	journalErr       error
	reported         []string // what was reported late, by group
	reportErr        error
	reportErrs       map[string]error // by group
	open             []notified.Open  // what people were notified of
	openErr          error
	looked           time.Time // until when versions were looked after
	lookedErr        error
	setErr           error
	notifiedOf       []notified.Change             // versions of which people were notified
	versions         map[string][]baseline.Version // by parameter
	historyErr       error
	notCanonical     string              // the parameter whose history can't be read
	histories        int                 // calls
	reportedVersions []string            // that a sweep reported
	closed           []string            // what was reported as over
	now              time.Time           // zero for the package's
	tries            int                 // to report late
	seen             map[string][]string // the violations that a group was handed over with
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
	if r.reportErr != nil {
		return r.reportErr
	}
	if err := r.reportErrs[a.GroupID]; err != nil {
		return err
	}
	r.reported = append(r.reported, a.GroupID)
	return nil
}

func (r *region) AllRules(context.Context) iter.Seq2[secgroup.GroupRule, error] {
	return func(yield func(secgroup.GroupRule, error) bool) {
		for _, pair := range r.rules {
			live := secgroup.GroupRule{GroupID: pair[0], LiveRule: secgroup.LiveRule{GroupOwner: r.owners[pair[0]]}}
			if live.Rule, live.NotCanonical = rule.Parse(pair[1]); !yield(live, nil) {
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
			if r.listed != nil {
				r.listed(d.GroupID)
			}
			if !yield(d, nil) {
				return
			}
		}
		if r.listErr != nil {
			yield(baseline.GroupDocument{}, r.listErr)
		}
	}
}

func (r *region) AllApprovals(context.Context) iter.Seq2[baseline.GroupApproval, error] {
	return func(yield func(baseline.GroupApproval, error) bool) {
		for _, a := range r.approvals {
			if !yield(a, nil) {
				return
			}
		}
	}
}

func (r *region) ReadShared(context.Context) (baseline.Documents, error) {
	d := baseline.Documents{Pause: r.pause, Trust: r.trust}
	if r.renewed.Exists() {
		r.pause = r.renewed // from the next read on
	}
	if r.guardrail != "" {
		d.Guardrail = baseline.Stored{Parameter: "/sg-baseline/guardrail", Version: 1, Value: []byte(r.guardrail)}
	}
	return d, nil
}

func (r *region) Delete(_ context.Context, parameters []string) error {
	r.deleted = append(r.deleted, parameters...)
	return nil
}

func (r *region) ReportPauseEnded(_ context.Context, _ trail.Trigger, stored baseline.Stored, pause *baseline.Pause) (remediate.Result, error) {
	r.reported = append(r.reported, stored.Parameter+" "+pause.Reason)
	return outcome(alert.None), nil
}

// memory is what people of a region were notified of.
type memory struct{ *region }

func (m memory) Load(context.Context) (*notified.Memory, error) {
	memory := notified.Empty()
	for _, o := range m.open {
		memory.Keep(notified.Entry{Open: o, NotifiedAt: now})
	}
	for _, c := range m.notifiedOf {
		memory.AddChange(c, false, now)
	}
	return memory, m.openErr
}

func (r *region) Looked(context.Context) (time.Time, error) { return r.looked, r.lookedErr }

func (r *region) SetLooked(_ context.Context, until time.Time) error {
	r.looked = until
	return r.setErr
}

func (r *region) History(_ context.Context, parameter string) ([]baseline.Version, error) {
	r.histories++
	if parameter == r.notCanonical {
		return nil, errors.New("denied")
	}
	return r.versions[parameter], r.historyErr
}

func (r *region) ReportVersion(_ context.Context, t trail.Trigger) (remediate.Result, error) {
	r.reportedVersions = append(r.reportedVersions, fmt.Sprintf("%s of %s at %s, late %t", t.Operation, t.Parameter, t.Time.Format("15:04:05"), t.Late))
	return outcome(alert.None), r.reportErr
}

func (r *region) ReportClosed(_ context.Context, t trail.Trigger, kind alert.Kind, parameter string, closed []alert.Closed) error {
	for _, c := range closed {
		r.closed = append(r.closed, strings.Join([]string{t.GroupID, string(kind), parameter, c.Rule, c.How}, "|"))
	}
	return r.reportErr
}

func (r *region) Load(context.Context) (string, error) { return r.bookmark, r.loadErr }

func (r *region) Save(_ context.Context, groupID string) error {
	r.bookmark = groupID
	return r.bookmarkErr
}

func (r *region) ReportUnusable(_ context.Context, _ trail.Trigger, _ alert.Kind, stored baseline.Stored, problem error) (remediate.Result, error) {
	r.unusable = append(r.unusable, stored.Parameter+": "+problem.Error())
	return outcome(alert.Failed), nil
}

func outcome(o alert.Outcome) remediate.Result {
	return remediate.Result{Alert: &alert.Alert{Outcome: o}}
}

func (r *region) Reconcile(_ context.Context, t trail.Trigger) (remediate.Result, error) {
	r.reconciled = append(r.reconciled, t.GroupID)
	if t.EventName != sweep.EventName || !t.MayRemove || t.Account != "111122223333" || t.Region != "us-east-1" {
		return remediate.Result{}, fmt.Errorf("got trigger %+v", t)
	}
	for _, c := range t.Changes {
		if r.seen == nil {
			r.seen = map[string][]string{}
		}
		r.seen[t.GroupID] = append(r.seen[t.GroupID], c.Rule.String())
	}
	if r.reconcile != nil {
		o, err := r.reconcile(t.GroupID)
		return outcome(o), err
	}
	return outcome(alert.Reverted), nil
}

func (r *region) Pending(context.Context) (int64, error) { return r.request, nil }

func (r *region) Done(_ context.Context, version int64) (bool, error) {
	if r.request != version {
		return true, nil
	}
	r.request = 0
	return false, nil
}

func (r *region) run(ctx context.Context) (sweep.Summary, error) {
	s := sweep.Sweeper{
		Rules: r, Documents: r, Bookmark: r, Journal: r, Requests: r, Notified: memory{r}, Mark: r, Histories: r, Reconciler: r, Reporter: r, Cleaner: r,
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Now: func() time.Time {
			if r.now.IsZero() {
				return now
			}
			return r.now
		},
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
		"one that can't be read":              {region{rules: [][2]string{{"sg-a", https}}, documents: []baseline.GroupDocument{{GroupID: "sg-a", Stored: baseline.Stored{ReadError: errors.New("denied")}}}}, []string{"sg-a"}},
		"an exception":                        {region{rules: [][2]string{{"sg-a", https}, {"sg-a", ssh}}, documents: []baseline.GroupDocument{document("sg-a", exception(now.Add(time.Hour)))}}, nil},
		"an expired exception":                {region{rules: [][2]string{{"sg-a", https}, {"sg-a", ssh}}, documents: []baseline.GroupDocument{document("sg-a", exception(now))}}, []string{"sg-a"}},
		"no baseline, no guardrail":           {region{rules: [][2]string{{"sg-a", ssh}}}, nil},
		"no baseline, within the guardrail":   {region{rules: [][2]string{{"sg-a", https}}, guardrail: forbids}, nil},
		"no baseline, breaking the guardrail": {region{rules: [][2]string{{"sg-a", ssh}}, guardrail: forbids}, []string{"sg-a"}},
		"a baseline is judged before the guardrail": {region{
			rules: [][2]string{{"sg-a", ssh}}, guardrail: forbids,
			documents: []baseline.GroupDocument{document("sg-a", strings.ReplaceAll(permits, "443", "22"))},
		}, nil},
		"several, as they are found": {region{
			rules: [][2]string{{"sg-c", ssh}, {"sg-a", ssh}, {"sg-b", https}, {"sg-d", ssh}}, guardrail: forbids,
			documents: []baseline.GroupDocument{document("sg-c", permits), document("sg-a", permits), document("sg-b", permits)},
		}, []string{"sg-c", "sg-a", "sg-d"}},
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
	r := region{rules: [][2]string{{"sg-a", ssh}, {"sg-b", ssh}, {"sg-c", ssh}}, guardrail: forbids, reconcile: func(groupID string) (alert.Outcome, error) {
		if groupID == "sg-b" {
			return alert.Failed, broken
		}
		return alert.Reverted, nil
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
		Groups: 3, Rules: 3, Drifting: 3, Unguarded: new(3), Errors: 1, Outcomes: map[alert.Outcome]int{alert.Reverted: 2, alert.Failed: 1},
	}
	if diff := cmp.Diff(want, summary); diff != "" {
		t.Error(diff)
	}
}

func TestWhereThePagesOfRulesBreakOffWhatWasSeenIsDealtWith(t *testing.T) {
	t.Parallel()
	broken := errors.New("throttled")
	r := region{
		rules: [][2]string{{"sg-a", ssh}, {"sg-b", https}, {"sg-d", ssh}}, rulesErr: broken, guardrail: forbids,
		documents: []baseline.GroupDocument{document("sg-a", permits), document("sg-b", permits), document("sg-c", permits)},
	}
	if _, err := r.run(context.Background()); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"sg-a", "sg-d"}, r.reconciled); diff != "" {
		t.Errorf("the rules of sg-c may be on the page that was not read, so nothing is missing: %s", diff)
	}
}

func TestWhereThePagesOfBaselinesBreakOffTheRemediatorLooksAgain(t *testing.T) {
	t.Parallel()
	broken := errors.New("throttled")
	r := region{
		rules: [][2]string{{"sg-a", ssh}, {"sg-b", ssh}, {"sg-c", https}}, listErr: broken, guardrail: forbids,
		documents: []baseline.GroupDocument{document("sg-a", permits)},
	}
	if _, err := r.run(context.Background()); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"sg-a", "sg-b"}, r.reconciled); diff != "" {
		t.Error(diff)
	}
}

func TestAGuardrailThatCannotBeUsedIsReportedOnceAndKeepsNoBaselineFromBeingKept(t *testing.T) {
	t.Parallel()
	r := region{
		rules: [][2]string{{"sg-a", ssh}, {"sg-b", ssh}, {"sg-c", ssh}}, guardrail: `{"schema":1}`,
		documents: []baseline.GroupDocument{document("sg-a", permits)},
	}
	summary, err := r.run(context.Background())
	if err != nil || summary.Outcome != alert.Failed {
		t.Errorf("got %+v, %v", summary, err)
	}
	if diff := cmp.Diff([]string{"sg-a"}, r.reconciled); diff != "" {
		t.Error(diff)
	}
	if len(r.unusable) != 1 || !strings.Contains(r.unusable[0], "/sg-baseline/guardrail: forbid: is missing") {
		t.Errorf("reported %q", r.unusable)
	}
}

func TestABookmarkThatCannotBeReadCostsOnlyTheResumePoint(t *testing.T) {
	t.Parallel()
	r := region{rules: [][2]string{{"sg-a", ssh}}, guardrail: forbids, loadErr: errors.New("AccessDeniedException")}
	if _, err := r.run(context.Background()); err != nil || len(r.reconciled) != 1 {
		t.Errorf("got %v, reconciled %v", err, r.reconciled)
	}
}

// twoKinds has five groups with a baseline and five without, all of which drift.
func twoKinds() *region {
	r := &region{guardrail: forbids}
	for i := range 5 {
		guarded, unguarded := fmt.Sprintf("sg-b%d", i), fmt.Sprintf("sg-u%d", i)
		r.rules = append(r.rules, [2]string{guarded, ssh}, [2]string{unguarded, ssh})
		r.documents = append(r.documents, document(guarded, permits))
	}
	slices.Reverse(r.documents) // nobody promises an order
	return r
}

func TestASweepThatRunsOutOfTimeGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	r := twoKinds()
	ctx, cancel := context.WithCancel(context.Background())
	r.reconcile = func(groupID string) (alert.Outcome, error) {
		if groupID == "sg-b3" {
			cancel() // the time is up
		}
		return alert.WouldRevert, nil
	}
	summary, err := r.run(ctx)
	if err != nil || summary.Next != "sg-b2" || r.bookmark != "sg-b2 sg-u1" {
		t.Errorf("got %+v, bookmark %q, %v", summary, r.bookmark, err)
	}
	if diff := cmp.Diff([]string{"sg-b4", "sg-b3", "sg-u0"}, r.reconciled); diff != "" {
		t.Errorf("the guardrail gets on too: %s", diff)
	}
	r.reconciled = nil
	summary, err = r.run(context.Background())
	if err != nil || summary.Next != "" || r.bookmark != "" {
		t.Errorf("got %+v, bookmark %q, %v", summary, r.bookmark, err)
	}
	want := []string{"sg-b2", "sg-b1", "sg-b0", "sg-b4", "sg-b3", "sg-u1", "sg-u2", "sg-u3", "sg-u4", "sg-u0"}
	if diff := cmp.Diff(want, r.reconciled); diff != "" {
		t.Error(diff)
	}
}

func TestEvenASweepWithoutTimeGetsOnEachTime(t *testing.T) {
	t.Parallel()
	r := twoKinds()
	done := map[string]bool{}
	for range 5 {
		ctx, cancel := context.WithTimeout(context.Background(), 29*time.Second)
		if _, err := r.run(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		for _, groupID := range r.reconciled {
			done[groupID] = true
		}
		r.reconciled = nil
	}
	if len(done) != 10 {
		t.Errorf("after five sweeps, %d of ten groups were dealt with: %v", len(done), done)
	}
}

func TestASweepThatIsAskedForMeanwhileFollows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ asked, sweeps int }{"not asked": {0, 1}, "asked once": {1, 2}, "asked all the time": {99, 20}} {
		r := region{rules: [][2]string{{"sg-a", ssh}}, guardrail: forbids, request: 1}
		r.reconcile = func(string) (alert.Outcome, error) {
			if c.asked > 0 {
				c.asked--
				r.request++
			}
			return alert.Reverted, nil
		}
		if _, err := r.run(context.Background()); err != nil || len(r.reconciled) != c.sweeps {
			t.Errorf("%s: %d sweeps, %v", name, len(r.reconciled), err)
		}
		if answered := r.request == 0; answered != (c.sweeps < 20) {
			t.Errorf("%s: version %d of the request is left", name, r.request)
		}
	}
}

func TestWhatDriftsIsHandedOnBeforeTheListIsAtItsEnd(t *testing.T) {
	t.Parallel()
	r := region{rules: [][2]string{{"sg-a", ssh}, {"sg-b", ssh}}, documents: []baseline.GroupDocument{document("sg-a", permits), document("sg-b", permits)}}
	r.listed = func(groupID string) {
		if groupID == "sg-b" && len(r.reconciled) != 1 {
			t.Errorf("when sg-b was read, reconciled were %v", r.reconciled)
		}
	}
	if _, err := r.run(context.Background()); err != nil || len(r.reconciled) != 2 {
		t.Errorf("got %v, reconciled %v", err, r.reconciled)
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
